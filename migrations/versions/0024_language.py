"""accounts: the language that a person chose."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("user") as table:
        table.add_column(sa.Column("language", sa.String(8), nullable=False, server_default=""))
    with op.batch_alter_table("user") as table:
        table.alter_column("language", server_default=None)


def downgrade() -> None:
    """Take the change back; everybody reads French again."""
    with op.batch_alter_table("user") as table:
        table.drop_column("language")
