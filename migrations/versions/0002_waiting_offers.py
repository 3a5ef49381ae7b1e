"""waiting list: the formula that is waited for, and when the family was told of an offer."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("waiting_entry") as table:
        table.add_column(
            sa.Column("formula_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        table.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_waiting_entry_formula_id", "activity_formula", ["formula_id"], ["id"])


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("waiting_entry") as table:
        table.drop_constraint("fk_waiting_entry_formula_id", type_="foreignkey")
        table.drop_column("told_at")
        table.drop_column("formula_id")
