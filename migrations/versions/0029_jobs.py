"""jobs: long work of the back office that the worker does, with its progress and its end."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('waiting', 'running')")
KINDS = (
    "import_check", "import_families", "import_sectors", "month_preview", "month_recount", "event_mails", "debit_mails", "debit_file",
    "debit_payments", "reminders", "handover", "wishes", "export",
)  # fmt: skip


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "job",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("holder", sa.String(36), nullable=False),
        sa.Column("beat_at", INSTANT, nullable=True),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.CheckConstraint("done_count BETWEEN 0 AND total_count", name=op.f("ck_job_progress")),
        sa.CheckConstraint(
            "(finished_at IS NOT NULL) = (state IN ('done', 'failed'))", name=op.f("ck_job_finished")
        ),
        sa.CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name=op.f("ck_job_kind")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_job_state")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_job_file_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index(
        "uq_job_open",
        "job",
        ["kind", "subject"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_index("ix_job_state", "job", ["state"])
    with op.batch_alter_table("import_run") as table:
        table.add_column(sa.Column("found", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("import_run") as table:
        table.alter_column("found", server_default=None)
    with op.batch_alter_table("purge_run") as table:
        table.add_column(sa.Column("due_count", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("purge_run") as table:
        table.alter_column("due_count", server_default=None)


def downgrade() -> None:
    """Take the change back; what was handed to the worker and not done is lost."""
    with op.batch_alter_table("purge_run") as table:
        table.drop_column("due_count")
    with op.batch_alter_table("import_run") as table:
        table.drop_column("found")
    op.drop_table("job")
