"""A parent's own calendar: a secret address for its telephone's calendar, and reminders before deadlines."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family
from domain.actor import Actor
from domain.clock import local_day
from domain.custody.queries import hidden_from, holds_on
from domain.dates import at, days_from
from domain.family.names import full_name
from domain.reservations.catalogue import ActivityView, catalogue
from models.activities import ActivityRegistration, RegistrationState
from models.custody import GuardianRight
from models.family import Child, ChildFamily, Family, FamilyState, Guardian
from models.reservations import Reservation, ReservationState

KEY_BYTES = 32
BACK, AHEAD = timedelta(days=31), timedelta(days=366)
HABIT = timedelta(weeks=6)
USUAL_TIMES = 2
REACH = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A booked day, as a calendar shows it."""

    uid: int
    child_name: str
    activity_name: str
    site_name: str
    starts_at: datetime
    ends_at: datetime


def renew_calendar_key(session: Session, *, actor: Actor, now: datetime, guardian_id: int) -> str:
    """Give an adult a new secret address for the calendar; the one before stops working at once.

    Raises:
        Refusal: ``not_your_family``.
    """
    guardian = session.get_one(Guardian, guardian_id)
    require_family(actor, guardian.family_id)
    guardian.calendar_key = secrets.token_urlsafe(KEY_BYTES)
    _trail(session, actor, now, guardian, "renew_calendar_key")
    return guardian.calendar_key


def revoke_calendar_key(session: Session, *, actor: Actor, now: datetime, guardian_id: int) -> None:
    """Close the secret address.

    Raises:
        Refusal: ``not_your_family``.
    """
    guardian = session.get_one(Guardian, guardian_id)
    require_family(actor, guardian.family_id)
    guardian.calendar_key = None
    _trail(session, actor, now, guardian, "revoke_calendar_key")


def choose_reminders(session: Session, *, actor: Actor, now: datetime, guardian_id: int, wants: bool) -> None:
    """Send an adult a reminder the day before each deadline, or no more.

    Raises:
        Refusal: ``not_your_family``.
    """
    guardian = session.get_one(Guardian, guardian_id)
    require_family(actor, guardian.family_id)
    guardian.wants_reminders = wants
    _trail(session, actor, now, guardian, "choose_reminders")


def _trail(session: Session, actor: Actor, now: datetime, guardian: Guardian, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="guardian",
        subject_id=guardian.id,
        family_id=guardian.family_id,
    )
    session.flush()


def feed_of(session: Session, *, key: str, now: datetime) -> list[FeedEvent] | None:
    """Return the booked days behind a secret address; None when nobody has it (any more).

    Only what the adult's own family booked: a shared child's other days are not its to see, nor a child over
    which it has no parental authority.
    """
    owner = session.execute(
        select(Guardian.id, Guardian.family_id)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.calendar_key == key, Family.state == FamilyState.VALIDATED)
    ).one_or_none()
    if owner is None:
        return None
    today = local_day(now)
    activities = catalogue(session).activities
    rows = session.execute(
        select(Reservation, Child.given_name, Child.family_name)
        .join(Child, Child.id == Reservation.child_id)
        .where(
            Reservation.family_id == owner.family_id,
            Reservation.child_id.not_in(hidden_from(owner.id, today)),
            Reservation.day >= today - BACK,
            Reservation.day <= today + AHEAD,
            Reservation.state == ReservationState.RESERVED,
        )
        .order_by(Reservation.day, Reservation.id)
    )
    return [
        _event(reservation, activities[reservation.activity_id], given or family)
        for reservation, given, family in rows
    ]


def _event(reservation: Reservation, activity: ActivityView, child_name: str) -> FeedEvent:
    return FeedEvent(
        uid=reservation.id,
        child_name=child_name,
        activity_name=activity.name,
        site_name=activity.site_name,
        starts_at=at(reservation.day, activity.starts_at),
        ends_at=at(reservation.day, activity.ends_at),
    )


@dataclass(frozen=True, slots=True)
class Reminder:
    """A day that a child usually has and that is not booked, whose deadline falls tomorrow."""

    family_id: int
    child_id: int
    child_name: str
    activity_name: str
    day: date
    book_until: datetime


def due_reminders(session: Session, *, now: datetime) -> dict[int, list[Reminder]]:
    """Return, by adult, the deadlines of tomorrow that a family is about to miss; seven queries.

    Only for adults who asked, and only for days that the child has had at least twice on that weekday in the
    last six weeks: who never eats there on Tuesdays is left alone.
    """
    tomorrow = local_day(now) + timedelta(days=1)
    closing = list(_closing_on(catalogue(session).activities.values(), tomorrow))
    if not closing:
        return {}
    adults = session.execute(
        select(Guardian.id, Guardian.family_id)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.wants_reminders, Guardian.email != "", Family.state == FamilyState.VALIDATED)
    ).all()
    families = {family_id for _id, family_id in adults}
    missed = _missed(session, families, closing, tomorrow)
    hidden = set(
        session.execute(
            select(GuardianRight.guardian_id, GuardianRight.child_id).where(
                ~GuardianRight.has_parental_authority, holds_on(local_day(now))
            )
        )
    )
    theirs = {
        guardian_id: [one for one in missed.get(family_id, []) if (guardian_id, one.child_id) not in hidden]
        for guardian_id, family_id in adults
    }
    return {guardian_id: lines for guardian_id, lines in theirs.items() if lines}


def _closing_on(activities: Iterable[ActivityView], day: date) -> Iterable[tuple[ActivityView, date]]:
    """Yield the activity days whose booking deadline is on a day."""
    for activity in activities:
        if not activity.is_active:
            continue
        for opening in days_from(day, day + REACH):
            if opening in activity.opening_days and local_day(activity.book_until(opening)) == day:
                yield activity, opening


def _missed(
    session: Session, families: set[int], closing: list[tuple[ActivityView, date]], tomorrow: date
) -> dict[int, list[Reminder]]:
    ids = {activity.id for activity, _day in closing}
    rows = session.execute(
        select(ActivityRegistration.family_id, ActivityRegistration.activity_id, Child)
        .join(Child, Child.id == ActivityRegistration.child_id)
        .join(
            ChildFamily,
            (ChildFamily.child_id == Child.id) & (ChildFamily.family_id == ActivityRegistration.family_id),
        )
        .where(
            ActivityRegistration.family_id.in_(families),
            ActivityRegistration.activity_id.in_(ids),
            ActivityRegistration.state == RegistrationState.VALIDATED,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > tomorrow),
        )
        .order_by(Child.born_on, Child.id)
    ).all()
    booked = _booked(session, families, ids, tomorrow)
    found: dict[int, list[Reminder]] = defaultdict(list)
    for family_id, activity_id, child in rows:
        for activity, day in closing:
            if activity.id != activity_id:
                continue
            theirs = booked[family_id, child.id, activity_id]
            usual = sum(one.weekday() == day.weekday() and one < tomorrow for one in theirs)
            if day not in theirs and usual >= USUAL_TIMES:
                name = child.given_name or full_name(child.given_name, child.family_name)
                found[family_id].append(
                    Reminder(family_id, child.id, name, activity.name, day, activity.book_until(day))
                )
    return found


def _booked(
    session: Session, families: set[int], activity_ids: set[int], tomorrow: date
) -> dict[tuple[int, int, int], set[date]]:
    found: dict[tuple[int, int, int], set[date]] = defaultdict(set)
    rows = session.execute(
        select(Reservation.family_id, Reservation.child_id, Reservation.activity_id, Reservation.day).where(
            Reservation.family_id.in_(families),
            Reservation.activity_id.in_(activity_ids),
            Reservation.day >= tomorrow - HABIT,
            Reservation.day <= tomorrow + REACH,
            Reservation.state == ReservationState.RESERVED,
        )
    )
    for family_id, child_id, activity_id, day in rows:
        found[family_id, child_id, activity_id].add(day)
    return found
