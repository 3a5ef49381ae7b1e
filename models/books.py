"""Append-only books: what the database itself refuses to change or delete, and the one way to open them.

An operation that must rewrite them all the same (a merge of two files, a purge after the legal delay) writes a row
of ``OpenBooks`` in its own transaction and takes it away before it commits: see ``domain.books.open_books``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, String, event
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped

STAMP = ("created_at", "created_by")


class OpenBooks(Base, Stamped):
    """While a transaction holds this row, it may change the books. No other transaction ever sees it."""

    __tablename__ = "open_books"

    id: Mapped[Pk]
    reason: Mapped[str] = mapped_column(String(80))


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a table's rows: they are never deleted.

    Attributes:
        frozen: columns that never change.
        once: columns that are written once, from nothing to something.
    """

    frozen: tuple[str, ...]
    once: tuple[str, ...] = ()


BOOKS = {
    "invoice": Kept((
        "kind", "number", "series", "fiscal_year", "sequence", "family_id", "run_id", "corrects_id", "replaces_id",
        "reason", "payer_name", "payer_address", "family_code", "month", "issued_at", "due_on", "total_cents",
        "delivery", *STAMP,
    )),
    "invoice_line": Kept((
        "invoice_id", "position", "kind", "child_id", "activity_id", "child_name", "credits_id", "label", "quantity",
        "unit_cents", "amount_cents", "explanation",
    )),
    "invoice_item": Kept(
        ("line_id", "reservation_id", "attendance_id", "late_id", "carried_id", "home"), ("released_by_id",)
    ),
    "carried_amount": Kept(("family_id", "run_id", "month", "amount_cents", "lines", *STAMP)),
    "carried_item": Kept(("carried_id", "reservation_id", "attendance_id", "late_id", "home")),
    "payment": Kept((
        "number", "family_id", "means", "amount_cents", "received_at", "try_id", "cash_session_id", "bank_reference",
        "payer_name", *STAMP,
    )),
    "allocation": Kept(
        ("payment_id", "credit_note_id", "invoice_id", "amount_cents", *STAMP), ("released_at",)
    ),
    "refund": Kept((
        "number", "family_id", "payment_id", "credit_note_id", "cash_session_id", "amount_cents", "means",
        "refunded_at", "reason", *STAMP,
    )),
    "ledger_entry": Kept(("at", "by", "family_id", "kind", "source_id", "amount_cents")),
    "cash_session": Kept(
        ("opened_at", "opened_by", "cashier_name", "float_cents", *STAMP), ("closed_at", "counted_cents")
    ),
    "deposit_slip": Kept(("number", "cash_session_id", "means", "amount_cents", *STAMP)),
}  # fmt: skip


def book_statements(dialect: str) -> Iterator[str]:
    """Yield the statements that make a database keep its books."""
    if dialect == "postgresql":
        yield _GUARD
    for table, kept in BOOKS.items():
        yield from (_postgresql if dialect == "postgresql" else _sqlite)(table, kept)


# A check violation, so that both databases answer with the same kind of error.
_GUARD = """
CREATE OR REPLACE FUNCTION keep_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM open_books) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION USING MESSAGE = 'the books are append-only: ' || TG_TABLE_NAME, ERRCODE = 'check_violation';
END $$
"""


def _postgresql(table: str, kept: Kept) -> Iterator[str]:
    # As text, for a json column cannot be compared.
    changes = [f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in kept.frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name})" for name in kept.once]
    call = "EXECUTE FUNCTION keep_books()"
    yield (
        f"CREATE OR REPLACE TRIGGER keep_{table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({' OR '.join(changes)}) {call}"
    )
    yield f"CREATE OR REPLACE TRIGGER keep_{table}_undeleted BEFORE DELETE ON {table} FOR EACH ROW {call}"


def _sqlite(table: str, kept: Kept) -> Iterator[str]:
    changes = [f"OLD.{name} IS NOT NEW.{name}" for name in kept.frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS NOT NEW.{name})" for name in kept.once]
    closed = "NOT EXISTS (SELECT 1 FROM open_books)"
    refuse = f"BEGIN SELECT RAISE(ABORT, 'the books are append-only: {table}'); END"
    columns = ", ".join((*kept.frozen, *kept.once))
    yield (
        f"CREATE TRIGGER IF NOT EXISTS keep_{table}_unchanged BEFORE UPDATE OF {columns} ON {table}"
        f" WHEN ({' OR '.join(changes)}) AND {closed} {refuse}"
    )
    yield f"CREATE TRIGGER IF NOT EXISTS keep_{table}_undeleted BEFORE DELETE ON {table} WHEN {closed} {refuse}"


@event.listens_for(Base.metadata, "after_create")
def _keep_books(_metadata: MetaData, connection: Connection, **_more: Any) -> None:
    """Guard the books of a database whose tables the models make, as the migrations do."""
    for statement in book_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
