"""public pages: the desk's hours by weekday, and what the legal pages say of the town."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {"publication_director": sa.String(160), "host": sa.Text(), "dpo_contact": sa.Text()}
STATES = sa.Enum(
    "non_compliant",
    "partially_compliant",
    "compliant",
    name="accessibility_state",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    """Apply the change; a site without an audit is not compliant."""
    op.create_table(
        "service_hours",
        sa.Column("id", KEY, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("closes_at > opens_at", name="range"),
        sa.PrimaryKeyConstraint("id", name="pk_service_hours"),
        sa.UniqueConstraint("weekday", "opens_at", name="uq_service_hours_weekday_opens_at"),
    )
    with op.batch_alter_table("town") as table:
        for name, kind in TEXTS.items():
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        table.add_column(
            sa.Column("accessibility_state", STATES, nullable=False, server_default="non_compliant")
        )
        table.add_column(sa.Column("accessibility_audited_on", sa.Date(), nullable=True))
    with op.batch_alter_table("town") as table:
        for name in (*TEXTS, "accessibility_state"):
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("town") as table:
        table.drop_constraint("accessibility_state", type_="check")
        for name in ("accessibility_audited_on", "accessibility_state", *reversed(TEXTS)):
            table.drop_column(name)
    op.drop_table("service_hours")
