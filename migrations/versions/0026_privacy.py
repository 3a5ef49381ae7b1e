"""privacy: retention periods, purges that go on where they stopped, data requests, families that left.

No portal wrote the two tables that this replaces: they are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
BEFORE = (
    "family_declaration", "address_change", "school_enrolment", "sector_exemption", "contested_line", "access_help", "other",
)  # fmt: skip
AFTER = (*BEFORE[:-1], "data_rights", "other")
KINDS = (
    "refused_requests", "drafts", "unconfirmed_accounts", "health", "documents", "departed_families", "accounting", "logs",
    "secrets", "mails", "imports",
)  # fmt: skip


def stamps() -> list[sa.Column[object]]:
    """Return who wrote the row and when."""
    return [
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def among(values: tuple[str, ...]) -> str:
    """Return the condition that holds the kinds."""
    return f"kind IN ({', '.join(repr(value) for value in values)})"


def create_purge_run(*more: sa.schema.SchemaItem) -> None:
    """Create the table of purges, with these columns and constraints besides."""
    op.create_table(
        "purge_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ran_at", INSTANT, nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        *more,
        *stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_purge_run"),
    )


def create_data_request(*more: sa.schema.SchemaItem, is_by_account: bool) -> None:
    """Create the table of requests, with these columns and constraints besides."""
    op.create_table(
        "data_request",
        sa.Column("id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=not is_by_account),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("ready_at", INSTANT, nullable=True),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        *more,
        *stamps(),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name="fk_data_request_file_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_data_request_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_data_request"),
    )
    op.create_index("ix_data_request_user_id", "data_request", ["user_id"])


def upgrade() -> None:
    """Apply the change."""
    op.drop_table("data_request")
    op.drop_table("purge_run")
    create_purge_run(
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("is_open = (finished_at IS NULL)", name=op.f("ck_purge_run_open")),
    )
    op.create_index(
        "uq_purge_run_open",
        "purge_run",
        ["is_open"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    create_data_request(
        sa.Column("guardian_id", KEY, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (guardian_id IS NULL)", name=op.f("ck_data_request_one_person")
        ),
        sa.CheckConstraint("(ready_at IS NULL) = (expires_at IS NULL)", name=op.f("ck_data_request_ready")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name="fk_data_request_guardian_id", ondelete="CASCADE"
        ),
        is_by_account=False,
    )
    op.create_index("ix_data_request_guardian_id", "data_request", ["guardian_id"])
    op.create_table(
        "retention_period",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        *stamps(),
        sa.CheckConstraint(among(KINDS), name=op.f("ck_retention_period_kind")),
        sa.CheckConstraint("months >= 0", name=op.f("ck_retention_period_months")),
        sa.PrimaryKeyConstraint("kind", name="pk_retention_period"),
    )
    op.create_table(
        "doomed_file",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_doomed_file"),
    )
    with op.batch_alter_table("demarche") as table:
        table.drop_constraint(op.f("ck_demarche_kind"), type_="check")
        table.create_check_constraint(op.f("ck_demarche_kind"), among(AFTER))
    with op.batch_alter_table("family") as table:
        table.add_column(sa.Column("departure_reason", sa.String(200), nullable=False, server_default=""))
        table.add_column(sa.Column("pseudonymised_at", INSTANT, nullable=True))
    with op.batch_alter_table("family") as table:
        table.alter_column("departure_reason", server_default=None)
    with op.batch_alter_table("town") as table:
        table.add_column(
            sa.Column("purges_by_itself", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("town") as table:
        table.alter_column("purges_by_itself", server_default=None)


def downgrade() -> None:
    """Take the change back; requests about one's data cannot be kept, so they must not exist."""
    with op.batch_alter_table("town") as table:
        table.drop_column("purges_by_itself")
    with op.batch_alter_table("family") as table:
        table.drop_column("pseudonymised_at")
        table.drop_column("departure_reason")
    with op.batch_alter_table("demarche") as table:
        table.drop_constraint(op.f("ck_demarche_kind"), type_="check")
        table.create_check_constraint(op.f("ck_demarche_kind"), among(BEFORE))
    op.drop_table("doomed_file")
    op.drop_table("retention_period")
    op.drop_table("data_request")
    op.drop_table("purge_run")
    create_purge_run(sa.Column("is_dry", sa.Boolean(), nullable=False))
    create_data_request(is_by_account=True)
