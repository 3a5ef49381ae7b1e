"""tariffs: versions that are prepared, prices from a child's rank on, simulations."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
ONLY_IN_FORCE = sa.text("NOT is_draft")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("tariff_version") as table:
        table.add_column(sa.Column("title", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("is_draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint("uq_tariff_version_tariff_id_valid_from", type_="unique")
    with op.batch_alter_table("tariff_version") as table:
        table.alter_column("title", server_default=None)
        table.alter_column("is_draft", server_default=None)
    op.create_index("ix_tariff_version_tariff_id", "tariff_version", ["tariff_id"])
    op.create_index(
        "uq_tariff_version_in_force",
        "tariff_version",
        ["tariff_id", "valid_from"],
        unique=True,
        sqlite_where=ONLY_IN_FORCE,
        postgresql_where=ONLY_IN_FORCE,
    )
    with op.batch_alter_table("sibling_discount") as table:
        table.add_column(sa.Column("amount_cents", sa.BigInteger(), nullable=True))
        table.alter_column("percent_bp", existing_type=sa.Integer(), nullable=True)
        table.create_check_constraint("one_figure", "(percent_bp IS NULL) <> (amount_cents IS NULL)")
        table.create_check_constraint(
            "price", "amount_cents IS NULL OR (amount_cents >= 0 AND tariff_id IS NOT NULL)"
        )
    create_simulations()


def create_simulations() -> None:
    """Create the table of what was tried."""
    op.create_table(
        "tariff_simulation",
        sa.Column("id", KEY, nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("end_month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("month_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.CheckConstraint("end_month > first_month", name=op.f("ck_tariff_simulation_range")),
        sa.CheckConstraint(
            "done_count BETWEEN 0 AND month_count", name=op.f("ck_tariff_simulation_progress")
        ),
        sa.CheckConstraint("state IN ('waiting', 'done')", name=op.f("ck_tariff_simulation_state")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["tariff_version.id"],
            name="fk_tariff_simulation_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tariff_simulation"),
    )
    op.create_index("ix_tariff_simulation_version_id", "tariff_simulation", ["version_id"])
    op.create_index("ix_tariff_simulation_state", "tariff_simulation", ["state"])


def downgrade() -> None:
    """Take the change back; drafts, simulations and prices by rank are lost."""
    op.drop_table("tariff_simulation")
    op.execute("DELETE FROM sibling_discount WHERE percent_bp IS NULL")
    with op.batch_alter_table("sibling_discount") as table:
        table.drop_constraint("price", type_="check")
        table.drop_constraint("one_figure", type_="check")
        table.alter_column("percent_bp", existing_type=sa.Integer(), nullable=False)
        table.drop_column("amount_cents")
    op.execute(
        "DELETE FROM tariff_band WHERE rule_id IN (SELECT price_rule.id FROM price_rule"
        " JOIN tariff_version ON tariff_version.id = price_rule.version_id WHERE tariff_version.is_draft)"
    )
    op.execute("DELETE FROM price_rule WHERE version_id IN (SELECT id FROM tariff_version WHERE is_draft)")
    op.execute("DELETE FROM tariff_version WHERE is_draft")
    op.drop_index("uq_tariff_version_in_force", "tariff_version")
    op.drop_index("ix_tariff_version_tariff_id", "tariff_version")
    with op.batch_alter_table("tariff_version") as table:
        table.drop_column("is_draft")
        table.drop_column("title")
        table.create_unique_constraint("uq_tariff_version_tariff_id_valid_from", ["tariff_id", "valid_from"])
