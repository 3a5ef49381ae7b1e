"""books: the database refuses to change or delete what is issued; a price shared by two homes is billed to both."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STAMP = ("created_at", "created_by")
SUBJECTS = ("reservation_id", "attendance_id", "carried_id")
# By table: the columns that never change, and those that are written once. No row is ever deleted.
BOOKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "invoice": (
        (
            "kind",
            "number",
            "series",
            "fiscal_year",
            "sequence",
            "family_id",
            "run_id",
            "corrects_id",
            "replaces_id",
            "reason",
            "payer_name",
            "payer_address",
            "family_code",
            "month",
            "issued_at",
            "due_on",
            "total_cents",
            "delivery",
            "created_at",
            "created_by",
        ),
        (),
    ),
    "invoice_line": (
        (
            "invoice_id",
            "position",
            "kind",
            "child_id",
            "activity_id",
            "child_name",
            "credits_id",
            "label",
            "quantity",
            "unit_cents",
            "amount_cents",
            "explanation",
        ),
        (),
    ),
    "invoice_item": (
        ("line_id", "reservation_id", "attendance_id", "carried_id", "home"),
        ("released_by_id",),
    ),
    "carried_amount": (
        ("family_id", "run_id", "month", "amount_cents", "lines", "created_at", "created_by"),
        (),
    ),
    "carried_item": (("carried_id", "reservation_id", "attendance_id", "home"), ()),
    "payment": (
        (
            "number",
            "family_id",
            "means",
            "amount_cents",
            "received_at",
            "try_id",
            "cash_session_id",
            "bank_reference",
            "payer_name",
            "created_at",
            "created_by",
        ),
        (),
    ),
    "allocation": (
        ("payment_id", "credit_note_id", "invoice_id", "amount_cents", "created_at", "created_by"),
        ("released_at",),
    ),
    "refund": (
        (
            "number",
            "family_id",
            "payment_id",
            "credit_note_id",
            "cash_session_id",
            "amount_cents",
            "means",
            "refunded_at",
            "reason",
            "created_at",
            "created_by",
        ),
        (),
    ),
    "ledger_entry": (("at", "by", "family_id", "kind", "source_id", "amount_cents"), ()),
    "cash_session": (
        ("opened_at", "opened_by", "cashier_name", "float_cents", "created_at", "created_by"),
        ("closed_at", "counted_cents"),
    ),
    "deposit_slip": (("number", "cash_session_id", "means", "amount_cents", "created_at", "created_by"), ()),
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "open_books",
        sa.Column("id", KEY, nullable=False),
        sa.Column("reason", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_open_books"),
    )
    with op.batch_alter_table("invoice_item") as table:
        table.add_column(sa.Column("home", sa.SmallInteger(), nullable=False, server_default="0"))
        table.create_check_constraint("home", "home BETWEEN 0 AND 2")
        for column in SUBJECTS:
            table.drop_index(f"uq_invoice_item_{column}")
    _index_items("home")
    with op.batch_alter_table("carried_item") as table:
        table.add_column(sa.Column("home", sa.SmallInteger(), nullable=False, server_default="0"))
        table.create_check_constraint("home", "home BETWEEN 0 AND 2")
        for column in ("reservation_id", "attendance_id"):
            table.drop_constraint(f"uq_carried_item_{column}", type_="unique")
            table.create_unique_constraint(f"uq_carried_item_{column}_home", [column, "home"])
    for name in ("invoice_item", "carried_item"):
        with op.batch_alter_table(name) as table:
            table.alter_column("home", server_default=None)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Take the change back; a price shared by two homes cannot be kept, so there must be none."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in BOOKS:
        for what in ("unchanged", "undeleted"):
            op.execute(f"DROP TRIGGER keep_{name}_{what}" + (f" ON {name}" if is_postgresql else ""))
    if is_postgresql:
        op.execute("DROP FUNCTION keep_books()")
    with op.batch_alter_table("carried_item") as table:
        for column in ("reservation_id", "attendance_id"):
            table.drop_constraint(f"uq_carried_item_{column}_home", type_="unique")
            table.create_unique_constraint(f"uq_carried_item_{column}", [column])
        table.drop_constraint("home", type_="check")
        table.drop_column("home")
    with op.batch_alter_table("invoice_item") as table:
        for column in SUBJECTS:
            table.drop_index(f"uq_invoice_item_{column}")
        table.drop_constraint("home", type_="check")
        table.drop_column("home")
    _index_items()
    op.drop_table("open_books")


def _index_items(*more: str) -> None:
    for column in SUBJECTS:
        live = sa.text(f"{column} IS NOT NULL AND released_by_id IS NULL")
        op.create_index(
            f"uq_invoice_item_{column}",
            "invoice_item",
            [column, *more],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )


def _guards(dialect: str) -> Iterator[str]:
    if dialect == "postgresql":
        yield GUARD
    for name, (frozen, once) in BOOKS.items():
        yield from (_postgresql if dialect == "postgresql" else _sqlite)(name, frozen, once)


GUARD = """
CREATE OR REPLACE FUNCTION keep_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM open_books) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING MESSAGE = 'the books are append-only: ' || TG_TABLE_NAME, ERRCODE = 'check_violation';
END $$
"""


def _postgresql(table: str, frozen: tuple[str, ...], once: tuple[str, ...]) -> Iterator[str]:
    # As text, for a json column cannot be compared.
    changes = [f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name})" for name in once]
    call = "EXECUTE FUNCTION keep_books()"
    yield (
        f"CREATE OR REPLACE TRIGGER keep_{table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({' OR '.join(changes)}) {call}"
    )
    yield f"CREATE OR REPLACE TRIGGER keep_{table}_undeleted BEFORE DELETE ON {table} FOR EACH ROW {call}"


def _sqlite(table: str, frozen: tuple[str, ...], once: tuple[str, ...]) -> Iterator[str]:
    changes = [f"OLD.{name} IS NOT NEW.{name}" for name in frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS NOT NEW.{name})" for name in once]
    closed = "NOT EXISTS (SELECT 1 FROM open_books)"
    refuse = f"BEGIN SELECT RAISE(ABORT, 'the books are append-only: {table}'); END"
    columns = ", ".join((*frozen, *once))
    yield (
        f"CREATE TRIGGER IF NOT EXISTS keep_{table}_unchanged BEFORE UPDATE OF {columns} ON {table}"
        f" WHEN ({' OR '.join(changes)}) AND {closed} {refuse}"
    )
    yield f"CREATE TRIGGER IF NOT EXISTS keep_{table}_undeleted BEFORE DELETE ON {table} WHEN {closed} {refuse}"
