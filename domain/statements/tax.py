"""What families paid by year, read for a batch of them in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from domain.clock import local_day
from domain.dates import local_time
from domain.pricing.formulas import formula_attended
from domain.reservations.catalogue import ActivityView, catalogue
from domain.statements import rules
from models.activities import Activity, ActivityFormula
from models.attendance import Attendance, Presence
from models.family import Child
from models.invoices import Invoice, InvoiceLine, LineKind
from models.payments import Allocation, Payment, PaymentMeans, Refund
from models.reservations import Reservation
from models.tariffs import PriceMethod, PriceRule, PriceSituation, TariffVersion
from models.town import Town

# A child's day at an activity: what its meal is worth.
Day = tuple[int, int, date]


@dataclass(frozen=True, slots=True)
class PaidYears:
    """What a family paid in each year, and whom for."""

    family_id: int
    by_year: Mapping[int, rules.Certificate]
    children: Mapping[int, Child]
    age_limit: int


def paid_years(session: Session, family_ids: Sequence[int], years: Collection[int]) -> dict[int, PaidYears]:
    """Return, by family, what each year's payments attest; a family that paid nothing has empty years.

    A payment counts in the year in which both the money and the debt were there: a payment of December in its year,
    whatever month it pays; credit from December used on an invoice of February in February. When an invoice is
    corrected, its payments keep their day.
    """
    moves = _movements(session, family_ids)
    wanted = {one.document_id for found in moves.values() for one in found if one.on.year in years}
    documents = _documents(session, wanted)
    births = dict(session.execute(select(Child.id, Child).where(Child.id.in_(_children_of(documents)))).all())
    age_limit = session.scalars(select(Town.tax_age_limit)).one()
    return {
        family_id: _family(family_id, documents, moves.get(family_id, ()), years, births, age_limit)
        for family_id in family_ids
    }


def _family(
    family_id: int,
    documents: Mapping[int, Sequence[rules.Part]],
    moves: Sequence[rules.Movement],
    years: Collection[int],
    children: Mapping[int, Child],
    age_limit: int,
) -> PaidYears:
    births = {child_id: child.born_on for child_id, child in children.items()}
    found = {
        year: rules.certificate(sums, births, year, age_limit)
        for year, sums in rules.yearly_sums(documents, moves, years).items()
    }
    mine = {child.child_id for one in found.values() for child in one.children}
    return PaidYears(family_id, found, {child_id: children[child_id] for child_id in mine}, age_limit)


def _children_of(documents: Mapping[int, Sequence[rules.Part]]) -> set[int]:
    return {part.child_id for parts in documents.values() for part in parts if part.child_id is not None}


def _movements(session: Session, family_ids: Sequence[int]) -> dict[int, list[rules.Movement]]:
    """Return all that settles the families' documents: payments, credit notes, and what these give back."""
    roots = _debt_days(session, family_ids)
    found: dict[int, list[rules.Movement]] = defaultdict(list)
    note = aliased(Invoice)
    rows = session.execute(
        select(
            Invoice.family_id,
            Allocation.invoice_id,
            Allocation.credit_note_id,
            Allocation.amount_cents,
            Payment.received_at,
            Payment.means,
            note.issued_at,
        )
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(note, note.id == Allocation.credit_note_id)
        .where(Invoice.family_id.in_(family_ids), Allocation.released_at.is_(None))
        .order_by(Allocation.id)
    )
    for family_id, invoice_id, note_id, cents, received_at, means, noted_at in rows:
        on = local_day(max(received_at or noted_at, roots[invoice_id]))
        by_cesu = means is PaymentMeans.CESU
        found[family_id].append(rules.Movement(invoice_id, on, cents, prefers_care=by_cesu))
        if note_id is not None:
            found[family_id].append(rules.Movement(note_id, on, cents, is_given_back=True))
    refunds = session.execute(
        select(Refund.family_id, Invoice.id, Refund.amount_cents, Refund.refunded_at)
        .join(Invoice, Invoice.id == Refund.credit_note_id)
        .where(Refund.family_id.in_(family_ids))
        .order_by(Refund.id)
    )
    for family_id, note_id, cents, refunded_at in refunds:
        found[family_id].append(rules.Movement(note_id, local_day(refunded_at), cents, is_given_back=True))
    return found


def _debt_days(session: Session, family_ids: Sequence[int]) -> dict[int, datetime]:
    """Return when each invoice's debt began: a corrected invoice's with the one that it replaces."""
    rows = session.execute(
        select(Invoice.id, Invoice.replaces_id, Invoice.issued_at)
        .where(Invoice.family_id.in_(family_ids))
        .order_by(Invoice.id)
    )
    found: dict[int, datetime] = {}
    for invoice_id, replaces_id, issued_at in rows:
        # What is replaced was written before, and so has the smaller number.
        found[invoice_id] = found[replaces_id] if replaces_id is not None else issued_at
    return found


def _documents(session: Session, document_ids: Collection[int]) -> dict[int, tuple[rules.Part, ...]]:
    """Return the parts of invoices and credit notes."""
    lines = session.scalars(
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_(document_ids))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    ).all()
    reader = _Reader(session, lines)
    charges: dict[int, list[rules.Charge]] = defaultdict(list)
    for line in lines:
        charges[line.invoice_id] += reader.charges(line)
    return {number: rules.parts_of(found) for number, found in charges.items()}


class _Reader:
    """Reads lines as charges; it knows the activities, and what the meal of each day is worth."""

    def __init__(self, session: Session, lines: Iterable[InvoiceLine]) -> None:
        rows = session.execute(
            select(Activity.id, Activity.name, Activity.tariff_id, Activity.counts_for_tax)
        )
        self._activities = {row.id: row for row in rows}
        self._own_prices = frozenset(
            session.scalars(
                select(TariffVersion.tariff_id)
                .join(PriceRule, PriceRule.version_id == TariffVersion.id)
                .where(
                    PriceRule.situation == PriceSituation.UNRESERVED, PriceRule.method != PriceMethod.PERCENT
                )
            )
        )
        self._meals = _meal_shares(
            session, {day for line in lines for row in _rows(line) for day in _days(row)}
        )

    def charges(self, line: InvoiceLine) -> Iterator[rules.Charge]:
        """Return a line as charges: a sum carried from another month, or a difference, as the lines within it."""
        rows = _rows(line)
        told = sum(row["amount_cents"] for row in rows)
        for row in rows:
            yield self._charge(row)
        if told != line.amount_cents:
            yield rules.Charge(line.amount_cents - told)

    def _charge(self, row: Mapping[str, Any]) -> rules.Charge:
        if "late" in row["explanation"]:
            # A penalty: nobody's care, and no child's discount is taken off it.
            return rules.Charge(row["amount_cents"])
        activity = self._activities.get(row.get("activity_id"))
        tariff_id = row["explanation"].get("discount", {}).get("tariff_id")
        if activity is not None:
            tariff_id = activity.tariff_id
        return rules.Charge(
            amount_cents=row["amount_cents"],
            care_cents=self._care(row, activity),
            child_id=row.get("child_id"),
            activity_id=row.get("activity_id"),
            tariff_id=tariff_id,
            activity=activity.name if activity is not None else "",
        )

    def _care(self, row: Mapping[str, Any], activity: Any) -> int:
        if activity is None or not activity.counts_for_tax or row["amount_cents"] <= 0:
            return 0
        price = row["explanation"].get("price", {})
        # A difference of price is no meal: the meal stays what it was.
        is_difference = "quotient" in row["explanation"]
        return rules.care_cents(
            row["quantity"],
            row["unit_cents"],
            situation=price.get("situation", ""),
            normal_cents=None if is_difference else price.get("normal_cents"),
            has_own_price=activity.tariff_id in self._own_prices,
            meal_shares=() if is_difference else [self._meals.get(day, 0) for day in _days(row)],
        )


def _rows(line: InvoiceLine) -> list[Mapping[str, Any]]:
    """Return the lines that a line stands for: its own, or those of a carried sum or of a difference."""
    inner = line.explanation.get("carried", line.explanation.get("adjustment", {})).get("lines", ())
    if inner and line.kind in (LineKind.CARRIED, LineKind.ADJUSTMENT):
        return list(inner)
    names = ("child_id", "activity_id", "quantity", "unit_cents", "amount_cents", "explanation")
    return [{name: getattr(line, name) for name in names}]


def _days(row: Mapping[str, Any]) -> list[Day]:
    child_id, activity_id = row.get("child_id"), row.get("activity_id")
    if child_id is None or activity_id is None:
        return []
    return [(child_id, activity_id, date.fromisoformat(day)) for day in row["explanation"].get("days", ())]


def _meal_shares(session: Session, days: Collection[Day]) -> dict[Day, int]:
    """Return what the meal of each day is worth, by the formula booked, or attended when none was."""
    shares = dict(
        session.execute(
            select(ActivityFormula.id, ActivityFormula.meal_share_cents).where(
                ActivityFormula.meal_share_cents > 0
            )
        ).all()
    )
    if not shares or not days:
        return {}
    with_meals = set(
        session.scalars(select(ActivityFormula.activity_id).where(ActivityFormula.id.in_(shares)))
    )
    wanted = {day for day in days if day[1] in with_meals}
    if not wanted:
        return {}
    found = _attended_shares(session, wanted, shares)
    return found | _booked_shares(session, wanted, shares)


def _is_one_of(table: Any, days: Collection[Day]) -> Any:
    """Return the condition of rows that may be of these days; the caller picks those that are."""
    dates = [day for _child, _activity, day in days]
    return and_(
        table.child_id.in_({child_id for child_id, _activity, _day in days}),
        table.activity_id.in_({activity_id for _child, activity_id, _day in days}),
        table.day.between(min(dates), max(dates)),
    )


def _booked_shares(session: Session, days: Collection[Day], shares: Mapping[int, int]) -> dict[Day, int]:
    rows = session.execute(
        select(Reservation.child_id, Reservation.activity_id, Reservation.day, Reservation.formula_id)
        .where(_is_one_of(Reservation, days), Reservation.formula_id.is_not(None))
        .order_by(Reservation.id)
    )
    return {
        (row.child_id, row.activity_id, row.day): shares.get(row.formula_id, 0)
        for row in rows
        if (row.child_id, row.activity_id, row.day) in days
    }


def _attended_shares(session: Session, days: Collection[Day], shares: Mapping[int, int]) -> dict[Day, int]:
    activities = catalogue(session).activities
    rows = session.execute(
        select(
            Attendance.child_id,
            Attendance.activity_id,
            Attendance.day,
            Attendance.arrived_at,
            Attendance.left_at,
        ).where(_is_one_of(Attendance, days), Attendance.presence == Presence.PRESENT)
    )
    return {
        (row.child_id, row.activity_id, row.day): _attended_share(
            activities.get(row.activity_id), row, shares
        )
        for row in rows
        if (row.child_id, row.activity_id, row.day) in days
    }


def _attended_share(activity: ActivityView | None, row: Any, shares: Mapping[int, int]) -> int:
    if activity is None:
        return 0
    hours = [None if at is None else local_time(at) for at in (row.arrived_at, row.left_at)]
    formula = formula_attended(activity.formulas, hours[0], hours[1])
    return shares.get(formula.id, 0) if formula is not None else 0
