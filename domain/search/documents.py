"""What is found by a number or a reference: invoices, payments, tries by card, mandates, requests."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.search.found import Hit, Kind
from domain.search.rules import Sought
from models.demarches import Demarche
from models.direct_debits import SepaMandate
from models.family import Family
from models.invoices import Invoice
from models.payments import Payment, PaymentTry, Refund

# A number without its year is looked for in as many years, this one first.
YEARS, MOST = 6, 8
SERIES = {Kind.INVOICE: "FA", Kind.PAYMENT: "P", Kind.REFUND: "R", Kind.DEMARCHE: "D"}
# Found by their number alone.
NUMBERED = (Kind.INVOICE, Kind.REFUND, Kind.DEMARCHE)
Conditions = Callable[[Sequence[str], Sought], ColumnElement[bool]]


def documents(
    session: Session, sought: Sought, allowed: frozenset[Kind], today: date
) -> dict[Kind, list[Hit]]:
    """Return what bears this number, or a number that it is a part of, or this reference; the newest first."""
    found: dict[Kind, list[Hit]] = {}
    # Every number and every reference holds a figure.
    if not any(sign.isdigit() for sign in sought.text):
        return found
    for kind, (model, condition) in SHAPES.items():
        if kind not in allowed:
            continue
        numbers = _numbers(kind, sought, today)
        if not numbers and kind in NUMBERED:
            continue
        where = condition(numbers, sought)
        rows = session.execute(
            select(model, Family.id, Family.name, Family.code)
            .outerjoin(Family, Family.id == model.family_id)
            .where(where)
            .order_by(model.id.desc())
            .limit(MOST)
        ).all()
        if rows:
            found[kind] = [_hit(kind, row, (number, name, code)) for row, number, name, code in rows]
    return found


def _numbers(kind: Kind, sought: Sought, today: date) -> list[str]:
    """Return the whole numbers of this kind that the text may stand for."""
    if sought.number is None:
        return []
    years = range(today.year, today.year - YEARS, -1)
    return [whole for series in SERIES.get(kind, "") for whole in sought.number.written(series, years)]


SHAPES: dict[Kind, tuple[Any, Conditions]] = {
    Kind.INVOICE: (Invoice, lambda numbers, _sought: Invoice.number.in_(numbers)),
    Kind.PAYMENT: (
        Payment,
        lambda numbers, sought: or_(Payment.number.in_(numbers), Payment.bank_reference.in_(_ways(sought))),
    ),
    Kind.PAYMENT_TRY: (
        PaymentTry,
        lambda _numbers, sought: or_(
            PaymentTry.reference.in_(_ways(sought)), PaymentTry.transaction.in_(_ways(sought))
        ),
    ),
    Kind.REFUND: (Refund, lambda numbers, _sought: Refund.number.in_(numbers)),
    Kind.MANDATE: (SepaMandate, lambda _numbers, sought: SepaMandate.rum.in_(_ways(sought))),
    Kind.DEMARCHE: (Demarche, lambda numbers, _sought: Demarche.number.in_(numbers)),
}


def _ways(sought: Sought) -> tuple[str, ...]:
    """Return a reference as it was typed, and in capitals."""
    return (sought.text, sought.text.upper())


def _hit(kind: Kind, row: Any, family: tuple[int | None, str, str | None]) -> Hit:
    name = next(
        value for value in (getattr(row, one, None) for one in ("number", "reference", "rum")) if value
    )
    state = getattr(row, "state", None)
    amount = getattr(row, "total_cents", getattr(row, "amount_cents", None))
    number, family_name, code = family
    return Hit(
        kind,
        row.id,
        name,
        state=state.value if state else "",
        amount_cents=amount,
        families=((number, family_name, code),) if number is not None else (),
    )
