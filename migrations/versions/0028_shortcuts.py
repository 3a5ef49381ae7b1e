"""shortcuts of one key: each account may turn them off."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change: shortcuts stay on for the accounts that are there."""
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("uses_shortcuts", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("user") as table:
        table.alter_column("uses_shortcuts", server_default=None)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("user") as table:
        table.drop_column("uses_shortcuts")
