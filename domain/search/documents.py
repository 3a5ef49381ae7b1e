"""What is found by a number or a reference: invoices, payments, tries by card, mandates, requests."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    String,
    Subquery,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
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


@dataclass(frozen=True, slots=True)
class Shape:
    """Where a kind of document is looked for.

    Attributes:
        named: the column that names it.
        amount: the column of its amount, if it has one.
        series: the letters that its numbers begin with; none when it is found by its references alone.
        references: the columns that hold a reference, of the bank or of a mandate.
    """

    table: Any
    named: str
    amount: str = ""
    series: str = ""
    references: tuple[str, ...] = ()


SHAPES: dict[Kind, Shape] = {
    Kind.INVOICE: Shape(Invoice.__table__, "number", "total_cents", series="FA"),
    Kind.PAYMENT: Shape(
        Payment.__table__, "number", "amount_cents", series="P", references=("bank_reference",)
    ),
    Kind.PAYMENT_TRY: Shape(
        PaymentTry.__table__, "reference", "amount_cents", references=("reference", "transaction")
    ),
    Kind.REFUND: Shape(Refund.__table__, "number", "amount_cents", series="R"),
    Kind.MANDATE: Shape(SepaMandate.__table__, "rum", references=("rum",)),
    Kind.DEMARCHE: Shape(Demarche.__table__, "number", series="D"),
}


def documents(
    session: Session, sought: Sought, allowed: Collection[Kind], today: date
) -> dict[Kind, list[Hit]]:
    """Return what bears this number, or a number that it is a part of, or this reference; the newest first; one query."""
    # Every number and every reference holds a figure.
    if not any(sign.isdigit() for sign in sought.text):
        return {}
    numbers = {kind: _numbers(shape, sought, today) for kind, shape in SHAPES.items() if kind in allowed}
    looked_in = tuple(kind for kind, own in numbers.items() if own or SHAPES[kind].references)
    if not looked_in:
        return {}
    facts = {f"{kind}_numbers": numbers[kind] for kind in looked_in if numbers[kind]}
    statement = _bearers(looked_in, frozenset(kind for kind in looked_in if numbers[kind]))
    # As it was typed, and in capitals.
    ways = [sought.text, sought.text.upper()]
    found: dict[Kind, list[Hit]] = {}
    for row in session.execute(statement, {"ways": ways, "most": MOST} | facts):
        found.setdefault(Kind(row.kind), []).append(_hit(row))
    return {
        kind: sorted(found[kind], key=lambda hit: hit.id, reverse=True) for kind in looked_in if kind in found
    }


def _numbers(shape: Shape, sought: Sought, today: date) -> list[str]:
    """Return the whole numbers of this shape that the text may stand for."""
    if sought.number is None:
        return []
    years = range(today.year, today.year - YEARS, -1)
    return [whole for series in shape.series for whole in sought.number.written(series, years)]


@lru_cache(maxsize=128)
def _bearers(kinds: tuple[Kind, ...], numbered: frozenset[Kind]) -> CompoundSelect[Any]:
    """Select what bears one of the numbers of its kind, or the reference; built once for the same kinds."""
    parts = [_bearers_of(kind, is_numbered=kind in numbered) for kind in kinds]
    return union_all(*(select(*part.c) for part in parts))


def _bearers_of(kind: Kind, *, is_numbered: bool) -> Subquery:
    shape = SHAPES[kind]
    columns = shape.table.c
    ways = [columns[name].in_(bindparam("ways", expanding=True)) for name in shape.references]
    if is_numbered:
        ways.append(columns[shape.named].in_(bindparam(f"{kind}_numbers", expanding=True)))
    state = cast(columns.state, String) if "state" in columns else cast(null(), String)
    amount = columns[shape.amount] if shape.amount else null()
    return (
        select(
            literal(kind.value).label("kind"),
            columns.id.label("id"),
            columns[shape.named].label("named"),
            state.label("state"),
            cast(amount, BigInteger).label("amount_cents"),
            Family.id.label("family_id"),
            Family.name.label("family_name"),
            Family.code.label("family_code"),
        )
        .select_from(shape.table.outerjoin(Family.__table__, Family.id == columns.family_id))
        .where(or_(*ways))
        .order_by(columns.id.desc())
        .limit(bindparam("most"))
        .subquery()
    )


def _hit(row: Any) -> Hit:
    home = (row.family_id, row.family_name, row.family_code)
    return Hit(
        Kind(row.kind),
        row.id,
        row.named,
        state=row.state or "",
        amount_cents=row.amount_cents,
        families=(home,) if row.family_id is not None else (),
    )
