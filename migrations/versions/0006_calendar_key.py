"""calendars: the secret address of an adult's feed; reminders are for those who ask."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("guardian") as table:
        table.add_column(sa.Column("calendar_key", sa.String(length=43), nullable=True))
        table.create_unique_constraint("uq_guardian_calendar_key", ["calendar_key"])
    # Nobody had been asked yet: the column's old default was yes.
    op.execute(sa.text("UPDATE guardian SET wants_reminders = false"))


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("guardian") as table:
        table.drop_constraint("uq_guardian_calendar_key", type_="unique")
        table.drop_column("calendar_key")
