"""What the charts show; each figure is counted by the database, in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from domain.attendance.headcount import expected
from domain.dates import at
from domain.statistics.rules import Bucket, Period
from models.activities import Activity, ActivityDay, ActivityFormula, ActivityKind
from models.attendance import Attendance, Presence
from models.family import Family, FamilyState
from models.payments import LedgerEntry, LedgerKind
from models.quotients import QuotientFamilial
from models.reservations import LIVE_STATES, Reservation
from models.schools import Site

# Bands of quotient: 200 € wide, up to 2 000 €; the last one has no end.
BAND_CENTS, BAND_COUNT = 20_000, 10
BILLED = (LedgerKind.INVOICE, LedgerKind.CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class Money:
    """A day or a month of the ledger, in cents.

    Attributes:
        billed_cents: invoices less credit notes.
        collected_cents: payments less what was given back.
        outstanding_cents: what all families owe together at its end.
    """

    first: date
    billed_cents: int
    collected_cents: int
    outstanding_cents: int


def money_by(session: Session, places: Sequence[Bucket]) -> list[Money]:
    """Return what was billed, collected and left to pay, bucket by bucket; one query."""
    ends = [at(place.end, time(0)) for place in places]
    opening, moved = _movements(session, at(places[0].first, time(0)), ends)
    rows, owed = [], opening
    for number, place in enumerate(places):
        billed = sum(moved.get((number, kind), 0) for kind in BILLED)
        collected = -sum(
            cents for (found, kind), cents in moved.items() if found == number and kind not in BILLED
        )
        owed += billed - collected
        rows.append(Money(place.first, billed, collected, owed))
    return rows


def _movements(
    session: Session, start: datetime, ends: Sequence[datetime]
) -> tuple[int, dict[tuple[int, LedgerKind], int]]:
    """Return what was owed before ``start``, and the sums by month's place and kind."""
    place = _bucket(LedgerEntry.at, [start, *ends])
    entries = (
        select(place.label("place"), LedgerEntry.kind, LedgerEntry.amount_cents)
        .where(LedgerEntry.at < ends[-1])
        .subquery()
    )
    rows = session.execute(
        select(entries.c.place, entries.c.kind, func.sum(entries.c.amount_cents)).group_by(
            entries.c.place, entries.c.kind
        )
    ).all()
    opening = sum(int(cents) for found, _, cents in rows if found == 0)
    return opening, {(found - 1, kind): int(cents) for found, kind, cents in rows if found > 0}


def _bucket(value: Any, ends: Sequence[Any]) -> ColumnElement[int]:
    """Return the place of a value among rising ends: 0 below the first, their number from the last one on."""
    return case(*((value < end, place) for place, end in enumerate(ends)), else_=len(ends))


@dataclass(frozen=True, slots=True)
class Meals:
    """The meals of a day or a month: booked, and eaten by children whom the roll-call saw, booked or not."""

    first: date
    booked: int
    served: int


def meals_by(session: Session, places: Sequence[Bucket]) -> list[Meals]:
    """Return the buckets with a meal booked or served; two queries."""
    first, end = places[0].first, places[-1].end
    has_meal = or_(Activity.kind == ActivityKind.CANTEEN, ActivityFormula.has_meal.is_(True))
    booked = session.execute(
        select(Reservation.day, func.count())
        .join(Activity, Activity.id == Reservation.activity_id)
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .where(*expected(first, end), has_meal)
        .group_by(Reservation.day)
    )
    served = session.execute(
        select(Attendance.day, func.count())
        .join(Activity, Activity.id == Attendance.activity_id)
        .outerjoin(
            Reservation,
            (Reservation.child_id == Attendance.child_id)
            & (Reservation.activity_day_id == Attendance.activity_day_id)
            & Reservation.state.in_(LIVE_STATES),
        )
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .where(
            Attendance.day >= first, Attendance.day < end, Attendance.presence == Presence.PRESENT, has_meal
        )
        .group_by(Attendance.day)
    )
    by_booking: dict[date, int] = {day: number for day, number in booked}  # noqa: C416 - rows are no pairs to mypy
    by_presence: dict[date, int] = {day: number for day, number in served}  # noqa: C416 - rows are no pairs to mypy
    rows = [Meals(place.first, _within(by_booking, place), _within(by_presence, place)) for place in places]
    return [row for row in rows if row.booked or row.served]


def _within(by_day: Mapping[date, int], place: Bucket) -> int:
    return sum(number for day, number in by_day.items() if place.first <= day < place.end)


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full an activity was over its open days."""

    activity_id: int
    name: str
    site_name: str
    day_count: int
    taken: int
    places: int

    @property
    def percent(self) -> int:
        """Places taken in a hundred, rounded down: 100 is only said of a full activity."""
        return self.taken * 100 // self.places if self.places else 0


def occupancy(session: Session, period: Period) -> list[Occupancy]:
    """Return the activities open in a period, the fullest first."""
    rows = session.execute(
        select(
            Activity.id,
            Activity.name,
            Site.name,
            func.count(ActivityDay.day.distinct()),
            func.sum(ActivityDay.taken),
            func.sum(ActivityDay.places),
        )
        .join(Activity, Activity.id == ActivityDay.activity_id)
        .join(Site, Site.id == Activity.site_id)
        .where(
            ActivityDay.day >= period.first,
            ActivityDay.day < period.end,
            ActivityDay.closed_reason.is_(None),
        )
        .group_by(Activity.id, Activity.name, Site.name)
    )
    found = [
        Occupancy(activity_id, name, site, days, int(taken), int(places))
        for activity_id, name, site, days, taken, places in rows
    ]
    return sorted(found, key=lambda one: (-one.percent, one.name, one.site_name))


@dataclass(frozen=True, slots=True)
class QuotientBand:
    """How many families have a quotient of ``[low, high[``, in cents; ``high`` is None for the last band."""

    low_cents: int
    high_cents: int | None
    family_count: int


@dataclass(frozen=True, slots=True)
class QuotientSpread:
    """The families by quotient, and those whose quotient nobody knows: they pay the highest price."""

    bands: tuple[QuotientBand, ...]
    unknown_count: int


def quotient_spread(session: Session, on: date) -> QuotientSpread:
    """Return the quotients in force on a day, of families whose file is open."""
    ends = [BAND_CENTS * place for place in range(1, BAND_COUNT + 1)]
    known = (
        select(_bucket(QuotientFamilial.value_cents, ends).label("place"))
        .join(Family, Family.id == QuotientFamilial.family_id)
        .where(
            Family.state == FamilyState.VALIDATED,
            QuotientFamilial.valid_from <= on,
            or_(QuotientFamilial.valid_to.is_(None), QuotientFamilial.valid_to > on),
        )
        .subquery()
    )
    rows = session.execute(select(known.c.place, func.count()).group_by(known.c.place))
    counts: dict[int, int] = {place: number for place, number in rows}  # noqa: C416 - rows are no pairs to mypy
    families = session.scalar(
        select(func.count()).select_from(Family).where(Family.state == FamilyState.VALIDATED)
    )
    bands = tuple(
        QuotientBand(BAND_CENTS * place, ends[place] if place < BAND_COUNT else None, counts.get(place, 0))
        for place in range(BAND_COUNT + 1)
    )
    return QuotientSpread(bands, (families or 0) - sum(counts.values()))
