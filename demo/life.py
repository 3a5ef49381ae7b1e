"""Three months of Saint-Préau's life: inscriptions, bookings, roll-calls."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import insert, select

from demo.families import Builder
from domain.attendance.operations import Mark, note_presence
from domain.dates import at
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.opening import open_days, register_child
from domain.reservations.operations import Choice, reserve_days
from models.activities import Activity, ActivityDay, ActivityKind
from models.attendance import Attendance, Presence
from models.family import ChildFamily
from models.reservations import LIVE_STATES, Reservation
from models.schools import School, SchoolEnrolment

# How likely a child is to use each activity at all, and on a given open day.
HABITS = {
    ActivityKind.CANTEEN: (0.85, 0.8),
    ActivityKind.MORNING_CHILDCARE: (0.25, 0.6),
    ActivityKind.EVENING_CHILDCARE: (0.35, 0.55),
    ActivityKind.SUPERVISED_STUDY: (0.3, 0.5),
    ActivityKind.WEDNESDAY_LEISURE: (0.22, 0.7),
}
ABSENT = 0.03
# Minutes after the closing.
LATE = 8


def open_year(builder: Builder) -> None:
    """Write the opening days of every activity for the year."""
    for activity in builder.setting.activities:
        open_days(builder.session, actor=builder.actor, now=builder.now, activity_id=activity.id)


def book(builder: Builder, first: date, end: date, *, share: float = 1.0) -> int:
    """Register children to what they use, and book their days of ``[first, end[``; return how many days.

    Args:
        share: the part of the children that use anything.
    """
    session, dice = builder.session, builder.dice
    offers = _offers(builder)
    day_ids = _day_ids(builder, first, end)
    total = 0
    rows = session.execute(
        select(ChildFamily.child_id, ChildFamily.family_id, School.site_id, SchoolEnrolment.level)
        .join(SchoolEnrolment, SchoolEnrolment.child_id == ChildFamily.child_id)
        .join(School, School.id == SchoolEnrolment.school_id)
        .order_by(ChildFamily.child_id, ChildFamily.family_id)
    ).all()
    for child_id, family_id, site_id, level in rows:
        choices = []
        for activity in offers[site_id] + offers[None]:
            if activity.terms.levels and level.value not in activity.terms.levels:
                continue
            uses, daily = HABITS[ActivityKind(activity.kind)]
            if dice.random() > uses * share and child_id not in builder.eager:
                continue
            register_child(
                session,
                actor=builder.actor,
                now=builder.now,
                child_id=child_id,
                family_id=family_id,
                activity_id=activity.id,
            )
            formula = dice.choice(activity.formulas).id if activity.formulas else None
            weekdays = {day for day in range(5) if dice.random() < daily}
            choices += [
                Choice(day_id, formula) for day, day_id in day_ids[activity.id] if day.weekday() in weekdays
            ]
        if choices:
            outcome = reserve_days(
                session,
                actor=builder.actor,
                now=builder.now,
                child_id=child_id,
                family_id=family_id,
                choices=choices,
            )
            total += len(outcome.booked)
    return total


def _offers(builder: Builder) -> dict[int | None, list[ActivityView]]:
    """Return the activities by site; those of no school under None."""
    found: dict[int | None, list[ActivityView]] = defaultdict(list)
    for activity in catalogue(builder.session).activities.values():
        found[activity.site_id if activity.terms.schools else None].append(activity)
    return found


def _day_ids(builder: Builder, first: date, end: date) -> dict[int, list[tuple[date, int]]]:
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = builder.session.execute(
        select(ActivityDay.activity_id, ActivityDay.day, ActivityDay.id).where(
            ActivityDay.day >= first, ActivityDay.day < end, ActivityDay.closed_reason.is_(None)
        )
    )
    for activity_id, day, day_id in rows:
        found[activity_id].append((day, day_id))
    return found


def call_the_roll(builder: Builder, until: date) -> int:
    """Write the roll-calls of the days before ``until``: nearly all came, some did not; return how many."""
    dice = builder.dice
    activities = catalogue(builder.session).activities
    rows = builder.session.execute(
        select(
            Reservation.child_id,
            Reservation.family_id,
            Reservation.activity_day_id,
            Reservation.activity_id,
            Reservation.day,
        )
        .where(Reservation.day < until, Reservation.state.in_(LIVE_STATES))
        .order_by(Reservation.id)
    ).all()
    seen = [
        {
            "child_id": row.child_id,
            "family_id": row.family_id,
            "activity_day_id": row.activity_day_id,
            "activity_id": row.activity_id,
            "day": row.day,
            "presence": Presence.ABSENT if dice.random() < ABSENT else Presence.PRESENT,
            "created_at": at(row.day, activities[row.activity_id].ends_at),
            "created_by": "system:demo",
            "updated_at": at(row.day, activities[row.activity_id].ends_at),
            "updated_by": "system:demo",
        }
        for row in rows
    ]
    for start in range(0, len(seen), 1000):
        builder.session.execute(insert(Attendance), seen[start : start + 1000])
    return len(seen)


def be_late(builder: Builder, until: date) -> None:
    """Pick a child of Alice's family up late, on its last evening before ``until``."""
    last = (
        select(Attendance)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(
            Activity.kind == ActivityKind.EVENING_CHILDCARE,
            Attendance.family_id == min(builder.persona_families),
            Attendance.presence == Presence.PRESENT,
            Attendance.day < until,
        )
    )
    activities = catalogue(builder.session).activities
    for row in builder.session.scalars(last.order_by(Attendance.day.desc(), Attendance.id).limit(1)):
        left_at = at(row.day, activities[row.activity_id].ends_at) + timedelta(minutes=LATE)
        mark = Mark(
            row.activity_day_id, row.child_id, Presence.PRESENT, left_at, "demo-late", left_at=left_at
        )
        note_presence(builder.session, actor=builder.actor, now=left_at, mark=mark)
