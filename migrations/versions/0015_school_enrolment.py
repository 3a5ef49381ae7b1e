"""school enrolment: campaigns, what a family asked, motives of a derogation; a request may wait for its school."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = ("requested", "validated", "refused", "left")
AFTER = ("requested", "validated", "refused", "withdrawn", "left")


def stamps() -> list[sa.Column[object]]:
    """Return who wrote the row and when."""
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def state_check(states: tuple[str, ...]) -> str:
    """Return the condition that holds the states."""
    return f"state IN ({', '.join(repr(state) for state in states)})"


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("school_enrolment") as table:
        table.alter_column("school_id", existing_type=KEY, nullable=True)
        table.drop_constraint(op.f("ck_school_enrolment_state"), type_="check")
        table.create_check_constraint(op.f("ck_school_enrolment_state"), state_check(AFTER))
        table.create_check_constraint(
            op.f("ck_school_enrolment_validated_has_school"), "state <> 'validated' OR school_id IS NOT NULL"
        )
    op.create_table(
        "enrolment_request",
        sa.Column("enrolment_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sector_school_id", KEY, nullable=True),
        sa.Column("segment", sa.JSON(), nullable=False),
        sa.Column("unlocated", sa.String(20), nullable=False),
        sa.Column("is_domicile_sworn", sa.Boolean(), nullable=False),
        *stamps(),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["school_enrolment.id"],
            name="fk_enrolment_request_enrolment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["family_id"], ["family.id"], name="fk_enrolment_request_family_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["sector_school_id"], ["school.id"], name="fk_enrolment_request_sector_school_id"
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name="pk_enrolment_request"),
    )
    op.create_index("ix_enrolment_request_family_id", "enrolment_request", ["family_id"])
    op.create_table(
        "enrolment_campaign",
        sa.Column("id", KEY, nullable=False),
        sa.Column("school_year_id", KEY, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("MAT", "ELEM", "PRIM", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        *stamps(),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_enrolment_campaign_range")),
        sa.ForeignKeyConstraint(
            ["school_year_id"], ["school_year.id"], name="fk_enrolment_campaign_school_year_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment_campaign"),
        sa.UniqueConstraint("school_year_id", "kind", name="uq_enrolment_campaign_school_year_id_kind"),
    )
    op.create_table(
        "exemption_motive",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        *stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_exemption_motive"),
        sa.UniqueConstraint("name", name="uq_exemption_motive_name"),
    )


def downgrade() -> None:
    """Take the change back; a request without a school, or withdrawn, has no place in the former table."""
    op.drop_table("exemption_motive")
    op.drop_table("enrolment_campaign")
    op.drop_index("ix_enrolment_request_family_id", "enrolment_request")
    op.drop_table("enrolment_request")
    op.execute("DELETE FROM school_enrolment WHERE school_id IS NULL OR state = 'withdrawn'")
    with op.batch_alter_table("school_enrolment") as table:
        table.drop_constraint(op.f("ck_school_enrolment_validated_has_school"), type_="check")
        table.drop_constraint(op.f("ck_school_enrolment_state"), type_="check")
        table.create_check_constraint(op.f("ck_school_enrolment_state"), state_check(BEFORE))
        table.alter_column("school_id", existing_type=KEY, nullable=False)
