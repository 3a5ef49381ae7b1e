"""documents given and told: which family gave a document, and when its families were told of the review."""

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BELONGS = sa.text(
    "UPDATE document SET given_by_family_id = COALESCE("
    " family_id,"
    " (SELECT guardian.family_id FROM guardian WHERE guardian.id = document.guardian_id),"
    # A child of two families: nobody knows which of them gave it, and neither may read the other's papers.
    " (SELECT MIN(family_id) FROM child_family WHERE child_family.child_id = document.child_id"
    "  HAVING COUNT(DISTINCT family_id) = 1))"
)
TOLD = sa.text("UPDATE document SET told_at = reviewed_at")


def upgrade() -> None:
    """Apply the change."""
    op.add_column("document", sa.Column("told_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("document") as table:
        table.add_column(
            sa.Column("given_by_family_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
        )
        table.create_foreign_key(
            "fk_document_given_by_family_id", "family", ["given_by_family_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index("ix_document_given_by_family_id", ["given_by_family_id"])
    op.execute(BELONGS)
    op.execute(TOLD)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("document") as table:
        table.drop_index("ix_document_given_by_family_id")
        table.drop_constraint("fk_document_given_by_family_id", type_="foreignkey")
        table.drop_column("given_by_family_id")
        table.drop_column("told_at")
