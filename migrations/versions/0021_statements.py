"""statements: tax certificates, attendance and account statements, their yearly run, and what counts as care."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
# Table, column, its type, what its rows of before hold.
ADDED = (
    ("activity", "counts_for_tax", sa.Boolean(), sa.true()),
    ("activity_formula", "meal_share_cents", sa.BigInteger(), "0"),
    ("town", "tax_age_limit", sa.Integer(), "6"),
    ("print_batch", "kind", sa.String(40), "invoices"),
)
CHECKS = (
    ("activity_formula", "meal_share", "meal_share_cents >= 0"),
    ("town", "tax_age_limit", "tax_age_limit BETWEEN 1 AND 18"),
    ("print_batch", "printed_kind", "kind IN ('invoices', 'tax_certificates')"),
)


def stamps() -> list[sa.Column[object]]:
    """Return who wrote a row and when."""
    return [
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def upgrade() -> None:
    """Apply the change; canteens open no tax credit."""
    for name, column, kind, value in ADDED:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column(column, kind, nullable=False, server_default=value))
        with op.batch_alter_table(name) as table:
            table.alter_column(column, server_default=None)
    for name, check, condition in CHECKS:
        with op.batch_alter_table(name) as table:
            table.create_check_constraint(check, condition)
    op.execute("UPDATE activity SET counts_for_tax = (1 = 0) WHERE kind = 'canteen'")
    _create_statement()
    _create_tax_run()


def _create_statement() -> None:
    kind = sa.Enum(
        "tax",
        "attendance",
        "account",
        name="kind",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        "statement",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column("file_id", KEY, nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("last_on >= first_on", name="range"),
        sa.CheckConstraint("(kind = 'attendance') = (child_id IS NOT NULL)", name="child"),
        sa.ForeignKeyConstraint(["family_id"], ["family.id"], name="fk_statement_family_id"),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name="fk_statement_child_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["statement.id"], name="fk_statement_replaces_id"),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_statement_file_id"),
        sa.ForeignKeyConstraint(["batch_id"], ["print_batch.id"], name="fk_statement_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_statement"),
        sa.UniqueConstraint("number", name="uq_statement_number"),
        sa.UniqueConstraint("replaces_id", name="uq_statement_replaces_id"),
    )
    op.create_index("ix_statement_family_id", "statement", ["family_id", "kind", "first_on"])
    op.create_index("ix_statement_unprinted", "statement", ["kind", "first_on", "batch_id"])
    op.create_index("ix_statement_child_id", "statement", ["child_id"])
    op.create_index("ix_statement_batch_id", "statement", ["batch_id"])


def _create_tax_run() -> None:
    op.create_table(
        "tax_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_family_id", sa.Integer(), nullable=False),
        sa.Column("family_count", sa.Integer(), nullable=False),
        sa.Column("seen_count", sa.Integer(), nullable=False),
        sa.Column("holder_count", sa.Integer(), nullable=False),
        sa.Column("issued_count", sa.Integer(), nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        *stamps(),
        sa.CheckConstraint("seen_count BETWEEN 0 AND family_count", name="progress"),
        sa.PrimaryKeyConstraint("id", name="pk_tax_run"),
    )
    op.create_index(
        "uq_tax_run_open",
        "tax_run",
        ["year"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back; statements issued so far are forgotten, their files stay."""
    op.drop_table("tax_run")
    op.drop_table("statement")
    op.execute("DELETE FROM print_batch WHERE kind = 'tax_certificates'")
    for name, check, _condition in reversed(CHECKS):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(check, type_="check")
    for name, column, _kind, _value in reversed(ADDED):
        with op.batch_alter_table(name) as table:
            table.drop_column(column)
