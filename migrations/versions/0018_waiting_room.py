"""waiting room: who waits for the reservation pages on a busy day, in order of arrival."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "queue_ticket",
        sa.Column("id", KEY, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("admitted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_queue_ticket"),
    )
    op.create_index("ix_queue_ticket_admitted", "queue_ticket", ["admitted_at", "seen_at"])


def downgrade() -> None:
    """Take the change back; who waits then comes in with the others."""
    op.drop_table("queue_ticket")
