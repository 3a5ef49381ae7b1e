"""absences: why one was refused; events: one for a whole activity day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("absence_justification") as table:
        table.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("absence_justification") as table:
        table.alter_column("reason", server_default=None)
    op.create_index(
        "uq_activity_event_whole",
        "activity_event",
        ["activity_day_id"],
        unique=True,
        sqlite_where=sa.text("school_class_id IS NULL"),
        postgresql_where=sa.text("school_class_id IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("uq_activity_event_whole", table_name="activity_event")
    with op.batch_alter_table("absence_justification") as table:
        table.drop_column("reason")
