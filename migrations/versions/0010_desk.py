"""the desk: refunds leave a payment and a drawer, and a cash session names its cashier."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OVER, PARTS = "ck_payment_not_overallocated", "ck_payment_parts"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("payment") as table:
        table.add_column(sa.Column("refunded_cents", sa.BigInteger(), nullable=False, server_default="0"))
        table.drop_constraint(op.f(OVER), type_="check")
        table.create_check_constraint(op.f(OVER), "allocated_cents + refunded_cents <= amount_cents")
        table.create_check_constraint(op.f(PARTS), "allocated_cents >= 0 AND refunded_cents >= 0")
    with op.batch_alter_table("refund") as table:
        table.add_column(sa.Column("cash_session_id", KEY, nullable=True))
        table.create_foreign_key("fk_refund_cash_session_id", "cash_session", ["cash_session_id"], ["id"])
        table.create_index("ix_refund_cash_session_id", ["cash_session_id"])
    with op.batch_alter_table("cash_session") as table:
        table.add_column(sa.Column("cashier_name", sa.String(160), nullable=False, server_default=""))
    for name, column in (("payment", "refunded_cents"), ("cash_session", "cashier_name")):
        with op.batch_alter_table(name) as table:
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("cash_session") as table:
        table.drop_column("cashier_name")
    with op.batch_alter_table("refund") as table:
        table.drop_index("ix_refund_cash_session_id")
        table.drop_constraint("fk_refund_cash_session_id", type_="foreignkey")
        table.drop_column("cash_session_id")
    with op.batch_alter_table("payment") as table:
        table.drop_constraint(op.f(PARTS), type_="check")
        table.drop_constraint(op.f(OVER), type_="check")
        table.create_check_constraint(op.f(OVER), "allocated_cents BETWEEN 0 AND amount_cents")
        table.drop_column("refunded_cents")
