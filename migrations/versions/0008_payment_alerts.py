"""bank notifications: what the bank said, what the régisseur has to look at, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ALERTS = ("other_amount", "second_payment", "unknown_reference", "already_settled")
TEXTS = ("transaction", "handled_by", "handled_note")
WAITING = sa.text("alert IS NOT NULL AND handled_at IS NULL")


def upgrade() -> None:
    """Apply the change."""
    alert = sa.Enum(*ALERTS, name="alert", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("bank_notification") as table:
        table.add_column(sa.Column("amount_cents", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("transaction", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("alert", alert, nullable=True))
        table.add_column(sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("handled_by", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("handled_note", sa.Text(), nullable=False, server_default=""))
        table.create_check_constraint(
            op.f("ck_bank_notification_handled"), "handled_at IS NULL OR alert IS NOT NULL"
        )
    with op.batch_alter_table("bank_notification") as table:
        for name in TEXTS:
            table.alter_column(name, server_default=None)
    op.create_index(
        "ix_bank_notification_waiting",
        "bank_notification",
        ["id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    # A quarantine that already waits goes on waiting.
    op.execute("UPDATE bank_notification SET alert = 'other_amount' WHERE verdict = 'quarantined'")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_bank_notification_waiting", table_name="bank_notification")
    with op.batch_alter_table("bank_notification") as table:
        for name in ("handled", "alert"):
            table.drop_constraint(op.f(f"ck_bank_notification_{name}"), type_="check")
        for name in ("handled_note", "handled_by", "handled_at", "alert", "transaction", "amount_cents"):
            table.drop_column(name)
