"""refunds: what a credit note still gives may be given back too."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("refund") as table:
        table.add_column(sa.Column("credit_note_id", KEY, nullable=True))
        table.create_foreign_key("fk_refund_credit_note_id", "invoice", ["credit_note_id"], ["id"])
        table.create_check_constraint("one_source", "(payment_id IS NULL) <> (credit_note_id IS NULL)")
        table.create_index("ix_refund_credit_note_id", ["credit_note_id"])


def downgrade() -> None:
    """Take the change back; refunds of credit notes cannot be kept, so they must not exist."""
    with op.batch_alter_table("refund") as table:
        table.drop_index("ix_refund_credit_note_id")
        table.drop_constraint("one_source", type_="check")
        table.drop_constraint("fk_refund_credit_note_id", type_="foreignkey")
        table.drop_column("credit_note_id")
