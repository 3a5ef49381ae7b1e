"""Meals for the kitchen and staff for the children, counted from what is booked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from domain.attendance.rules import CareKind, StaffRatio, staff_needed, staff_ratio
from domain.dates import age
from models.activities import Activity, ActivityDay, ActivityFormula, ActivityKind, OpenPeriod
from models.attendance import ActivityEvent
from models.family import Child, Diet
from models.health import Pai
from models.reservations import LIVE_STATES, Reservation
from models.schools import Site
from models.town import Town

SLOT_MINUTES = 30
SIX = 6


@dataclass(slots=True)
class SiteMeals:
    """The meals of a site on a day; packed meals (PAI) are eaten there but not cooked."""

    day: date
    site_name: str
    diets: Counter[str] = field(default_factory=Counter)
    under_six: int = 0
    packed: int = 0

    @property
    def cooked(self) -> int:
        """How many meals the kitchen prepares."""
        return sum(self.diets.values())


def meals(session: Session, *, first: date, end: date) -> list[SiteMeals]:
    """Return the meals booked on ``[first, end[`` by day and site; days freed by an event are not cooked."""
    packed = and_(
        Pai.child_id == Reservation.child_id,
        Pai.brings_packed_meal,
        Pai.valid_from <= Reservation.day,
        Pai.valid_to > Reservation.day,
    )
    rows = session.execute(
        select(Reservation.day, Site.name, Child.diet, Child.born_on, Pai.id)
        .join(Activity, Activity.id == Reservation.activity_id)
        .join(Site, Site.id == Activity.site_id)
        .join(Child, Child.id == Reservation.child_id)
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .outerjoin(Pai, packed)
        .where(
            *expected(first, end),
            or_(Activity.kind == ActivityKind.CANTEEN, ActivityFormula.has_meal.is_(True)),
        )
    )
    found: dict[tuple[date, str], SiteMeals] = {}
    for day, site_name, diet, born_on, pai_id in rows:
        meal = found.setdefault((day, site_name), SiteMeals(day, site_name))
        if pai_id is not None:
            meal.packed += 1
            continue
        meal.diets[Diet(diet).value] += 1
        meal.under_six += age(born_on, day) < SIX
    return [found[key] for key in sorted(found)]


def expected(first: date, end: date) -> list[Any]:
    """Return what makes a reservation expected: it is live, its day is open, and no event frees it whole."""
    freed = select(ActivityEvent.activity_day_id).where(ActivityEvent.school_class_id.is_(None))
    closed = select(ActivityDay.id).where(
        ActivityDay.day >= first, ActivityDay.day < end, ActivityDay.closed_reason.is_not(None)
    )
    return [
        Reservation.day >= first,
        Reservation.day < end,
        Reservation.state.in_(LIVE_STATES),
        Reservation.activity_day_id.not_in(freed),
        Reservation.activity_day_id.not_in(closed),
    ]


@dataclass(frozen=True, slots=True)
class HalfHour:
    """The children of half an hour, and the staff that the ratio asks for."""

    starts_at: time
    under_six: int
    six_and_over: int
    needed: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """An activity on a day: its half-hours, and the staff planned (None when nobody said)."""

    day: date
    activity_name: str
    site_name: str
    half_hours: tuple[HalfHour, ...]
    planned: int | None

    @property
    def needed(self) -> int:
        """The staff of the day's peak."""
        return max((one.needed for one in self.half_hours), default=0)

    @property
    def is_broken(self) -> bool:
        """Whether fewer are planned than the ratio asks for."""
        return self.planned is not None and self.planned < self.needed


def staffing(session: Session, *, first: date, end: date, is_planned: bool = False) -> list[Staffing]:
    """Return the staff needed on ``[first, end[`` by day, site and activity, by half-hour; four queries.

    Args:
        is_planned: only the activities for which staff said how many adults are planned.
    """
    has_pedt = bool(session.scalar(select(Town.has_pedt)))
    wanted = select(Activity).where(Activity.staff_count.is_not(None)) if is_planned else select(Activity)
    activities = {row.id: row for row in session.scalars(wanted)}
    sites = {row.id: row.name for row in session.scalars(select(Site))}
    present: dict[tuple[date, int], list[tuple[date, time, time]]] = defaultdict(list)
    rows = session.execute(
        select(
            Reservation.day,
            Reservation.activity_id,
            Child.born_on,
            ActivityFormula.starts_at,
            ActivityFormula.ends_at,
        )
        .join(Child, Child.id == Reservation.child_id)
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .where(*expected(first, end), Reservation.activity_id.in_(activities))
    )
    for day, activity_id, born_on, starts_at, ends_at in rows:
        activity = activities[activity_id]
        stay = (born_on, starts_at or activity.starts_at, ends_at or activity.ends_at)
        present[day, activity_id].append(stay)
    found = [
        Staffing(
            day=day,
            activity_name=activities[activity_id].name,
            site_name=sites[activities[activity_id].site_id],
            half_hours=_half_hours(day, activities[activity_id], stays, has_pedt=has_pedt),
            planned=activities[activity_id].staff_count,
        )
        for (day, activity_id), stays in present.items()
    ]
    return sorted(found, key=lambda one: (one.day, one.site_name, one.half_hours[0].starts_at))


def broken_ratios(session: Session, *, first: date, end: date) -> list[Staffing]:
    """Return the activities of ``[first, end[`` for which too few staff are planned."""
    return [one for one in staffing(session, first=first, end=end, is_planned=True) if one.is_broken]


def _half_hours(
    day: date, activity: Activity, stays: Sequence[tuple[date, time, time]], *, has_pedt: bool
) -> tuple[HalfHour, ...]:
    ratio = _ratio(activity, has_pedt=has_pedt)
    return tuple(
        _half_hour(day, start, stays, ratio) for start in _starts(activity.starts_at, activity.ends_at)
    )


def _half_hour(
    day: date, start: time, stays: Iterable[tuple[date, time, time]], ratio: StaffRatio
) -> HalfHour:
    ages = [age(born_on, day) for born_on, starts_at, ends_at in stays if starts_at <= start < ends_at]
    little = sum(years < SIX for years in ages)
    return HalfHour(start, little, len(ages) - little, staff_needed(little, len(ages) - little, ratio))


def _starts(first: time, end: time) -> list[time]:
    moment = datetime.combine(date.min, first)
    last = datetime.combine(date.min, end)
    found = []
    while moment < last:
        found.append(moment.time())
        moment += timedelta(minutes=SLOT_MINUTES)
    return found


def _ratio(activity: Activity, *, has_pedt: bool) -> StaffRatio:
    """Return the activity's own ratio where staff gave one, else the legal one."""
    day = date(2026, 1, 1)
    stay = datetime.combine(day, activity.ends_at) - datetime.combine(day, activity.starts_at)
    is_holiday = activity.period is OpenPeriod.HOLIDAYS
    legal = staff_ratio(CareKind.HOLIDAYS if is_holiday else CareKind.PERISCOLAIRE, stay, has_pedt=has_pedt)
    return StaffRatio(
        activity.under_six_per_staff or legal.under_six,
        activity.six_and_over_per_staff or legal.six_and_over,
    )
