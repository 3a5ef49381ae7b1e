"""What is issued, paid or written down is never changed nor deleted: the database itself refuses."""

from datetime import date, timedelta
from enum import Enum
from typing import Any

import pytest
from sqlalchemy import Column, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.books import open_books
from domain.errors import Refusal
from domain.invoicing.credit import correct_invoice
from domain.payments.ledger import check_ledger
from domain.regie.operations import close_cash_session, open_cash_session, take_payment
from domain.regie.refunds import refund_credit
from models import Base
from models.activities import ActivityKind
from models.base import UtcDateTime
from models.books import BOOKS, OpenBooks
from models.invoices import Invoice, InvoiceItem, InvoiceLine, InvoiceRun
from models.payments import Allocation, LedgerEntry, Payment, PaymentMeans
from models.regies import CashSession
from tests.invoicing.support import DECEMBER, NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_household

MORNING = instant(date(2026, 12, 10))
CANTEEN = ActivityKind.CANTEEN


@pytest.fixture
def house(db: Session) -> Household:
    """A town whose every kept table has a row."""
    return make_household(db, lived=fill_the_books)


def fill_the_books(house: Household) -> None:
    """A month carried, one issued, paid in part, corrected and refunded."""
    db = house.session
    house.book(house.elder, CANTEEN, NOVEMBER, 2)
    issue(db)
    house.book(house.elder, CANTEEN, DECEMBER, 10)
    issue(db, DECEMBER)
    invoice = db.scalars(select(Invoice)).one()
    open_cash_session(db, actor=ACTOR, now=MORNING, float_cents=0, cashier_name="Régine")
    payment = take_payment(
        db,
        actor=ACTOR,
        now=MORNING,
        family_id=house.family.id,
        means=PaymentMeans.CASH,
        amount_cents=5000,
    )
    refund_credit(
        db,
        actor=ACTOR,
        now=MORNING,
        payment_id=payment.id,
        amount_cents=500,
        means=PaymentMeans.CASH,
        reason="Trop versé",
    )
    correct_invoice(db, actor=ACTOR, now=MORNING, invoice_id=invoice.id, given_back=None, reason="Erreur")
    close_cash_session(db, actor=ACTOR, now=MORNING, pieces={1000: 4, 500: 1}, note="")


def is_refused(session: Session, statement: Any) -> bool:
    attempt = session.begin_nested()
    try:
        session.execute(statement.execution_options(synchronize_session=False))
    except IntegrityError as error:
        assert "the books are append-only" in str(error)
        return True
    finally:
        attempt.rollback()
    return False


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_no_row_is_deleted_and_no_written_column_changes(house: Household, name: str) -> None:
    db, table = house.session, Base.metadata.tables[name]
    assert db.scalar(select(func.count()).select_from(table))

    assert is_refused(db, delete(table))
    for column in (*BOOKS[name].frozen, *BOOKS[name].once):
        chosen = table.c[column]
        some = chosen.is_not(None)
        if db.scalar(select(func.count()).select_from(table).where(some)):
            other = {column: another(db, chosen)}
            assert is_refused(db, update(table).where(some).values(other)), column


def another(session: Session, column: Column[Any]) -> Any:
    """A value of the column's type that no row has."""
    kind = column.type.python_type
    if issubclass(kind, Enum):
        taken = set(session.scalars(select(column)))
        return next(value for value in kind if len(taken) > 1 or value not in taken)
    if isinstance(column.type, UtcDateTime):
        return MORNING + timedelta(days=1000)
    return {int: 7, str: "x", date: date(2020, 2, 1)}.get(kind, {"another": "value"})


def test_what_moves_by_design_still_moves(house: Household) -> None:
    db = house.session

    db.execute(update(Invoice).values(printed_at=MORNING, reminded_at=MORNING))
    db.execute(update(Allocation).where(Allocation.released_at.is_(None)).values(released_at=MORNING))

    assert db.scalar(select(func.count()).where(Invoice.printed_at == MORNING))


def test_an_allocation_is_released_once(house: Household) -> None:
    db = house.session
    released = db.scalars(select(Allocation).where(Allocation.released_at.is_not(None))).one()

    assert is_refused(db, update(Allocation).where(Allocation.id == released.id).values(released_at=None))


def test_a_closed_desk_stays_closed(house: Household) -> None:
    assert is_refused(house.session, update(CashSession).values(closed_at=None, counted_cents=None))


def test_the_orm_is_refused_as_a_statement_is(house: Household) -> None:
    db = house.session
    line = db.scalars(select(InvoiceLine).limit(1)).one()

    attempt = db.begin_nested()
    line.label = "Autre chose"
    with pytest.raises(IntegrityError, match="append-only"):
        db.flush()
    attempt.rollback()


def test_a_declared_act_opens_the_books_for_itself_only(house: Household) -> None:
    db = house.session

    with open_books(db, "purge"):
        db.execute(delete(Allocation).execution_options(synchronize_session=False))

    assert db.scalar(select(func.count()).select_from(Allocation)) == 0
    assert is_refused(db, delete(Payment))


def test_books_left_open_are_named(house: Household) -> None:
    house.session.add(OpenBooks(reason="forgotten"))

    assert [(one.what, one.found_cents) for one in check_ledger(house.session)] == [
        ("livres restés ouverts", 1)
    ]


def test_a_refusal_closes_the_books(house: Household) -> None:
    db = house.session

    with pytest.raises(Refusal), open_books(db, "merge_family"):
        raise Refusal("merge_collision", table="invoice")

    assert is_refused(db, delete(LedgerEntry))


def test_a_preview_that_was_not_issued_may_go(house: Household) -> None:
    db = house.session
    before = db.scalar(select(func.count()).select_from(InvoiceItem))

    issue(db)
    issue(db, DECEMBER)

    assert db.scalar(select(func.count()).select_from(InvoiceItem)) == before
    assert db.scalar(select(func.count()).select_from(InvoiceRun)) == 4
    assert check_ledger(db) == []
