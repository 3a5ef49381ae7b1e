"""roll-call: when a mark was noted, and the sites of a member of staff."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("attendance") as table:
        table.add_column(sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "staff_site",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("site_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_staff_site_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_staff_site_site_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "site_id", name="pk_staff_site"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("staff_site")
    with op.batch_alter_table("attendance") as table:
        table.drop_column("noted_at")
