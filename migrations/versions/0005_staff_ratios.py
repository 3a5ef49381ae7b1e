"""staff ratios: the adults planned for an activity, and whether the town has a PEDT."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("staff_count", sa.Integer(), nullable=True))
    with op.batch_alter_table("town") as table:
        table.add_column(sa.Column("has_pedt", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("town") as table:
        table.alter_column("has_pedt", server_default=None)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("town") as table:
        table.drop_column("has_pedt")
    with op.batch_alter_table("activity") as table:
        table.drop_column("staff_count")
