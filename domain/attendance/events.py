"""A strike, a closed class, an outing: one act frees every family concerned from paying, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from models.activities import Activity, ActivityDay
from models.attendance import ActivityEvent, EventKind
from models.calendar import SchoolYear
from models.reservations import Reservation, ReservationState
from models.schools import EnrolmentState, School, SchoolClass, SchoolEnrolment, Site

CLOSING = (EventKind.STRIKE, EventKind.OTHER)


@dataclass(frozen=True, slots=True)
class Concerned:
    """A child whose booked day is freed by an event."""

    child_id: int
    family_id: int
    activity_name: str
    day: date


def record_event(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    day: date,
    activity_ids: Sequence[int],
    kind: EventKind,
    reason: str,
    school_class_id: int | None = None,
) -> list[Concerned]:
    """Record an event on a day for activities, or for one class of them; return the children it newly frees.

    A whole activity on strike is closed: nobody books it any more, and what was booked is not billed. An event
    recorded again changes nothing and concerns nobody.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``event_without_activity``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not reason.strip():
        raise Refusal("reason_missing")
    day_ids = session.scalars(
        select(ActivityDay.id)
        .where(ActivityDay.activity_id.in_(activity_ids), ActivityDay.day == day)
        .order_by(ActivityDay.id)
    ).all()
    if not day_ids:
        raise Refusal("event_without_activity", day=day)
    new = [
        day_id
        for day_id in day_ids
        if _add(session, actor, now, day_id, kind, reason.strip(), school_class_id)
    ]
    if new and school_class_id is None and kind in CLOSING:
        session.execute(
            update(ActivityDay)
            .where(ActivityDay.id.in_(new), ActivityDay.closed_reason.is_(None))
            .values(closed_reason=reason.strip()[:200])
            .execution_options(synchronize_session=False)
        )
    concerned = _concerned(session, new, school_class_id)
    if new:
        audit.record(
            session,
            actor=actor,
            now=now,
            action="record_event",
            subject_kind="activity_day",
            subject_id=new[0],
            after={"kind": kind.value, "day": day.isoformat(), "children": len(concerned)},
        )
    session.flush()
    return concerned


def _add(
    session: Session,
    actor: Actor,
    now: datetime,
    activity_day_id: int,
    kind: EventKind,
    reason: str,
    school_class_id: int | None,
) -> bool:
    """Write one event; False when it is there already."""
    maker = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        maker(ActivityEvent)
        .values(
            activity_day_id=activity_day_id,
            school_class_id=school_class_id,
            kind=kind,
            reason=reason,
            created_at=now,
            created_by=actor.label,
            updated_at=now,
            updated_by=actor.label,
        )
        .on_conflict_do_nothing()
        .returning(ActivityEvent.id)
    )
    return session.execute(statement).first() is not None


def _concerned(session: Session, day_ids: Sequence[int], school_class_id: int | None) -> list[Concerned]:
    statement = (
        select(Reservation.child_id, Reservation.family_id, Activity.name, Reservation.day)
        .join(Activity, Activity.id == Reservation.activity_id)
        .where(Reservation.activity_day_id.in_(day_ids), Reservation.state == ReservationState.RESERVED)
        .order_by(Reservation.family_id, Reservation.child_id, Activity.position)
    )
    if school_class_id is not None:
        enrolled = and_(
            SchoolEnrolment.child_id == Reservation.child_id,
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
            SchoolEnrolment.school_class_id == school_class_id,
        )
        statement = statement.join(SchoolEnrolment, enrolled)
    return [Concerned(*row) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class DayOffer:
    """An activity held on a day, for the form of an event."""

    activity_id: int
    name: str
    site_name: str
    booked: int


def activities_on(session: Session, *, day: date) -> list[DayOffer]:
    """Return what is held on a day, by site and hour."""
    rows = session.execute(
        select(Activity.id, Activity.name, Site.name, ActivityDay.taken)
        .join(Activity, Activity.id == ActivityDay.activity_id)
        .join(Site, Site.id == Activity.site_id)
        .where(ActivityDay.day == day)
        .order_by(Site.name, Activity.starts_at, Activity.id)
    )
    return [DayOffer(*row) for row in rows]


def classes_on(session: Session, *, day: date) -> list[tuple[int, str]]:
    """Return the classes of the school year of a day: id and name."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, School.name)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .join(School, School.id == SchoolClass.school_id)
        .where(SchoolYear.starts_on <= day, SchoolYear.ends_on >= day)
        .order_by(School.name, SchoolClass.name)
    )
    return [(class_id, f"{school}, {name}") for class_id, name, school in rows]
