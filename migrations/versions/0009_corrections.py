"""corrections: contested lines, corrected invoices, and credit notes that settle others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("invoice") as table:
        table.add_column(sa.Column("replaces_id", KEY, nullable=True))
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
        table.create_foreign_key("fk_invoice_replaces_id", "invoice", ["replaces_id"], ["id"])
        table.create_unique_constraint("uq_invoice_replaces_id", ["replaces_id"])
    with op.batch_alter_table("invoice") as table:
        table.alter_column("reason", server_default=None)
    with op.batch_alter_table("invoice_line") as table:
        table.add_column(sa.Column("credits_id", KEY, nullable=True))
        table.create_foreign_key("fk_invoice_line_credits_id", "invoice_line", ["credits_id"], ["id"])
        table.create_index("ix_invoice_line_credits_id", ["credits_id"])
    with op.batch_alter_table("allocation") as table:
        table.alter_column("payment_id", existing_type=KEY, nullable=True)
        table.add_column(sa.Column("credit_note_id", KEY, nullable=True))
        table.create_foreign_key("fk_allocation_credit_note_id", "invoice", ["credit_note_id"], ["id"])
        table.create_index("ix_allocation_credit_note_id", ["credit_note_id"])
        table.create_check_constraint("one_source", "(payment_id IS NULL) <> (credit_note_id IS NULL)")
    op.create_table(
        "contested_line",
        sa.Column("demarche_id", KEY, nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["demarche_id"], ["demarche.id"], name="fk_contested_line_demarche_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["line_id"], ["invoice_line.id"], name="fk_contested_line_line_id"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_contested_line_invoice_id"),
        sa.ForeignKeyConstraint(
            ["family_id"], ["family.id"], name="fk_contested_line_family_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("demarche_id", name="pk_contested_line"),
    )
    op.create_index("ix_contested_line_family_id", "contested_line", ["family_id"])
    op.create_index("ix_contested_line_invoice_id", "contested_line", ["invoice_id"])
    op.create_index(
        "uq_contested_line_waiting",
        "contested_line",
        ["line_id"],
        unique=True,
        sqlite_where=sa.text("is_waiting"),
        postgresql_where=sa.text("is_waiting"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("contested_line")
    op.execute("DELETE FROM allocation WHERE payment_id IS NULL")
    with op.batch_alter_table("allocation") as table:
        table.drop_constraint("one_source", type_="check")
        table.drop_index("ix_allocation_credit_note_id")
        table.drop_constraint("fk_allocation_credit_note_id", type_="foreignkey")
        table.drop_column("credit_note_id")
        table.alter_column("payment_id", existing_type=KEY, nullable=False)
    with op.batch_alter_table("invoice_line") as table:
        table.drop_index("ix_invoice_line_credits_id")
        table.drop_constraint("fk_invoice_line_credits_id", type_="foreignkey")
        table.drop_column("credits_id")
    with op.batch_alter_table("invoice") as table:
        table.drop_constraint("uq_invoice_replaces_id", type_="unique")
        table.drop_constraint("fk_invoice_replaces_id", type_="foreignkey")
        table.drop_column("reason")
        table.drop_column("replaces_id")
