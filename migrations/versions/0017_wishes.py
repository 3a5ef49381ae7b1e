"""wishes: a round has its criteria, a child its sheet with its place and why, a day its answer.

No portal wrote the tables that this replaces: they are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def stamps() -> list[sa.Column]:
    """Return who wrote the row and when."""
    return [
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def reference(table: str, column: str, target: str, *, cascades: bool = True) -> sa.ForeignKeyConstraint:
    """Return a foreign key to another table's number."""
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=name, ondelete="CASCADE" if cascades else None
    )


def create_rounds(*more: sa.schema.SchemaItem) -> None:
    """Create the table of rounds, with these columns and constraints besides."""
    op.create_table(
        "wish_round",
        sa.Column("id", KEY, nullable=False),
        sa.Column("activity_id", KEY, nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        *more,
        *stamps(),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_wish_round_range")),
        reference("wish_round", "activity_id", "activity"),
        sa.PrimaryKeyConstraint("id", name="pk_wish_round"),
    )
    op.create_index("ix_wish_round_activity_id", "wish_round", ["activity_id"])


def upgrade() -> None:
    """Apply the change."""
    op.drop_table("wish")
    op.drop_table("wish_round")
    create_rounds(
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("quotient_below_cents", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_wish_round_days")),
    )
    op.create_table(
        "wish_sheet",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("declared", sa.JSON(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("set_aside_reason", sa.String(200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("earned", sa.JSON(), nullable=True),
        sa.Column("draw", sa.String(64), nullable=False),
        *stamps(),
        reference("wish_sheet", "round_id", "wish_round"),
        reference("wish_sheet", "child_id", "child"),
        reference("wish_sheet", "family_id", "family"),
        sa.PrimaryKeyConstraint("id", name="pk_wish_sheet"),
    )
    op.create_index("uq_wish_sheet_child", "wish_sheet", ["round_id", "child_id", "family_id"], unique=True)
    op.create_index("ix_wish_sheet_child_id", "wish_sheet", ["child_id"])
    op.create_index("ix_wish_sheet_family_id", "wish_sheet", ["family_id"])
    op.create_table(
        "wish",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sheet_id", KEY, nullable=False),
        sa.Column("activity_day_id", KEY, nullable=False),
        sa.Column("formula_id", KEY, nullable=True),
        sa.Column("answer", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        *stamps(),
        sa.CheckConstraint("answer IN ('granted', 'waiting', 'refused')", name=op.f("ck_wish_answer")),
        reference("wish", "sheet_id", "wish_sheet"),
        reference("wish", "activity_day_id", "activity_day"),
        reference("wish", "formula_id", "activity_formula", cascades=False),
        sa.PrimaryKeyConstraint("id", name="pk_wish"),
    )
    op.create_index("uq_wish_sheet_day", "wish", ["sheet_id", "activity_day_id"], unique=True)
    op.create_index("ix_wish_activity_day_id", "wish", ["activity_day_id"])


def downgrade() -> None:
    """Take the change back; rounds and wishes are lost."""
    for table in ("wish", "wish_sheet", "wish_round"):
        op.drop_table(table)
    create_rounds()
    op.create_table(
        "wish",
        sa.Column("id", KEY, nullable=False),
        sa.Column("round_id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("activity_day_id", KEY, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        *stamps(),
        reference("wish", "round_id", "wish_round"),
        reference("wish", "child_id", "child"),
        reference("wish", "family_id", "family"),
        reference("wish", "activity_day_id", "activity_day"),
        sa.PrimaryKeyConstraint("id", name="pk_wish"),
    )
    op.create_index("ix_wish_family_id", "wish", ["family_id"])
    op.create_index("uq_wish_child_day", "wish", ["round_id", "child_id", "activity_day_id"], unique=True)
