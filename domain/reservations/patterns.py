"""Booking by habit: a week pattern until a date, and what a child or its sibling usually does."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.access import require_booking
from domain.actor import Actor
from domain.dates import next_month
from domain.errors import Refusal
from domain.reservations.catalogue import catalogue
from domain.reservations.facts import child_sheet, day_rows
from domain.reservations.judging import is_own_group
from domain.reservations.operations import Choice, Outcome, reserve_days
from models.activities import Activity, ActivityFormula
from models.reservations import LIVE_STATES, Reservation

USUAL_TIMES = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday of an activity (Monday is 0), and the formula when there are several."""

    activity_id: int
    formula_id: int | None
    weekday: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A day that a child has, told without the site, so that a sibling elsewhere can do the same."""

    kind: str
    formula_key: str
    day: date


def reserve_pattern(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    slots: Iterable[Slot],
    first: date,
    last: date,
) -> Outcome:
    """Book every open day of a week pattern from ``first`` to ``last``, both included.

    The pattern stays within the school years that are published; days closed or in the holidays are no days of
    the activity, so they are passed over; each other day that is refused is named with its reason.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``, ``pattern_empty``, ``pattern_ends_before``.
    """
    require_booking(actor, family_id, child_id)
    wanted = {(slot.activity_id, slot.weekday): slot.formula_id for slot in slots}
    if not wanted:
        raise Refusal("pattern_empty")
    if last < first:
        raise Refusal("pattern_ends_before")
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=first)
    if sheet is None:
        raise Refusal("unknown_child")
    known = catalogue(session).activities
    rows = day_rows(
        session,
        child_id=child_id,
        activity_ids={activity_id for activity_id, _weekday in wanted},
        first=first,
        end=last + timedelta(days=1),
    )
    choices = [
        Choice(row.id, wanted[row.activity_id, row.day.weekday()])
        for row in rows
        if (row.activity_id, row.day.weekday()) in wanted
        and row.closed_reason is None
        and is_own_group(sheet, known[row.activity_id], row)
    ]
    return reserve_days(
        session, actor=actor, now=now, child_id=child_id, family_id=family_id, choices=choices
    )


def last_bookable_day(session: Session, day: date) -> date:
    """Return the end of the school year of a day: the furthest that a pattern reaches by default."""
    years = [year for view in catalogue(session).calendars.values() for year in view.school_years]
    ends = [year.last for year in years if year.first <= day <= year.last]
    return max(ends, default=max((year.last for year in years), default=day))


def booked_in_month(session: Session, *, child_id: int, family_id: int, month: date) -> list[Booked]:
    """Return what a family booked for a child in a month."""
    rows = session.execute(
        select(Activity.kind, ActivityFormula.key, Reservation.day)
        .join(Activity, Activity.id == Reservation.activity_id)
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .where(
            Reservation.child_id == child_id,
            Reservation.family_id == family_id,
            Reservation.day >= month,
            Reservation.day < next_month(month),
            Reservation.state.in_(LIVE_STATES),
        )
    )
    return [Booked(kind.value, key or "", day) for kind, key, day in rows]


def habits(booked: Iterable[Booked]) -> frozenset[tuple[str, str, int]]:
    """Return the weekdays (kind, formula, weekday) booked at least twice: what a month usually looks like."""
    counts = Counter((one.kind, one.formula_key, one.day.weekday()) for one in booked)
    return frozenset(slot for slot, times in counts.items() if times >= USUAL_TIMES)
