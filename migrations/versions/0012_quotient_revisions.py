"""quotients: the town's policy on past months, what each revision did, and what waits for the next invoice."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def policy() -> sa.Enum:
    """Return the column type of the three policies."""
    return sa.Enum(
        "credit",
        "next_invoice",
        "refused",
        name="policy",
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def stamps() -> list[sa.Column[object]]:
    """Return who wrote a row and when."""
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("town") as table:
        table.add_column(
            sa.Column("retroactive_policy", sa.String(40), nullable=False, server_default="credit")
        )
        table.add_column(sa.Column("retroactive_reason", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("town") as table:
        table.alter_column("retroactive_policy", server_default=None)
        table.alter_column("retroactive_reason", server_default=None)
        table.create_check_constraint(
            "retroactive_policy", "retroactive_policy IN ('credit', 'next_invoice', 'refused')"
        )
    op.create_table(
        "quotient_revision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("quotient_id", KEY, nullable=False),
        sa.Column("policy", policy(), nullable=False),
        sa.Column("difference_cents", sa.BigInteger(), nullable=False),
        sa.Column("applied_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *stamps(),
        sa.CheckConstraint("policy <> 'refused' OR applied_cents = 0", name="refused_applies_nothing"),
        sa.ForeignKeyConstraint(
            ["family_id"], ["family.id"], name="fk_quotient_revision_family_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quotient_id"],
            ["quotient_familial.id"],
            name="fk_quotient_revision_quotient_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_quotient_revision"),
    )
    op.create_index("ix_quotient_revision_family_id", "quotient_revision", ["family_id"])
    op.create_table(
        "adjustment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("corrects_id", KEY, nullable=False),
        sa.Column("revision_id", KEY, nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("invoice_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("amount_cents <> 0", name="amount"),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name="fk_adjustment_family_id"),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoice.id"], name="fk_adjustment_corrects_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["quotient_revision.id"], name="fk_adjustment_revision_id"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name="fk_adjustment_invoice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_adjustment"),
    )
    op.create_index("ix_adjustment_family_id", "adjustment", ["family_id"])
    op.create_index("ix_adjustment_invoice_id", "adjustment", ["invoice_id"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("adjustment")
    op.drop_table("quotient_revision")
    with op.batch_alter_table("town") as table:
        table.drop_constraint("retroactive_policy", type_="check")
        table.drop_column("retroactive_reason")
        table.drop_column("retroactive_policy")
