"""invoicing: amounts that changed since the preview, tries of PDFs, règlement texts, formula of the unreserved."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("invoice_run_family") as table:
        table.add_column(sa.Column("changed_cents", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("carried_cents", sa.BigInteger(), nullable=False, server_default="0"))
        table.add_column(sa.Column("anomaly_count", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("invoice_run_family") as table:
        table.alter_column("carried_cents", server_default=None)
        table.alter_column("anomaly_count", server_default=None)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE invoice_run_family SET anomaly_count = jsonb_array_length(anomalies::jsonb)")
    else:
        op.execute("UPDATE invoice_run_family SET anomaly_count = json_array_length(anomalies)")
    with op.batch_alter_table("activity_formula") as table:
        table.add_column(
            sa.Column("is_for_unreserved", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("activity_formula") as table:
        table.alter_column("is_for_unreserved", server_default=None)
    op.create_table(
        "drawing_try",
        sa.Column(
            "kind",
            sa.Enum(
                "invoice", "print_batch", name="kind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("subject_id", KEY, autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("attempts >= 1", name="attempts"),
        sa.PrimaryKeyConstraint("kind", "subject_id", name="pk_drawing_try"),
    )
    op.create_table(
        "activity_regulation",
        sa.Column("activity_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name="fk_activity_regulation_activity_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", "version", name="pk_activity_regulation"),
    )
    op.execute(
        "INSERT INTO activity_regulation (activity_id, version, text, created_at, created_by, updated_at, updated_by)"
        " SELECT id, regulation_version, regulation, updated_at, updated_by, updated_at, updated_by FROM activity"
        " WHERE regulation <> ''"
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("activity_regulation")
    op.drop_table("drawing_try")
    with op.batch_alter_table("activity_formula") as table:
        table.drop_column("is_for_unreserved")
    with op.batch_alter_table("invoice_run_family") as table:
        table.drop_column("anomaly_count")
        table.drop_column("carried_cents")
        table.drop_column("changed_cents")
