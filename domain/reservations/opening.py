"""Opening an activity: the days on which it can be booked, and the inscription that gives the right to."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family
from domain.actor import Actor
from domain.calendar.rules import Opening
from domain.clock import local_day
from domain.dates import DayRange
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import ChildSheet, child_sheet
from domain.reservations.rules import HeldRange, Reason, ineligibility
from models.activities import Activity, ActivityDay, ActivityRegistration, AgeGroup, RegistrationState
from models.calendar import Closure, SchoolYear
from models.town import raise_revision


def open_days(session: Session, *, actor: Actor, now: datetime, activity_id: int) -> int:
    """Write the days of a year on which an activity opens; return how many are new.

    Days that are there already keep their places and bookings. A day of a closure is written closed, with its
    reason, so that families read why.
    """
    activity = session.get_one(Activity, activity_id)
    year = session.get_one(SchoolYear, activity.school_year_id)
    view = catalogue(session).activities[activity_id]
    known = {
        (row.day, row.age_group_id)
        for row in session.execute(
            select(ActivityDay.day, ActivityDay.age_group_id).where(ActivityDay.activity_id == activity_id)
        )
    }
    groups = session.scalars(select(AgeGroup).where(AgeGroup.activity_id == activity_id)).all()
    # With age groups each has places of its own; without, the activity has them all.
    shares: list[tuple[int | None, int]] = [(group.id, group.places) for group in groups]
    shares = shares or [(None, activity.places)]
    closures = session.execute(
        select(Closure.starts_on, Closure.ends_on, Closure.reason).where(
            Closure.site_id.is_(None) | (Closure.site_id == activity.site_id),
            Closure.activity_id.is_(None) | (Closure.activity_id == activity_id),
        )
    ).all()
    reasons = {day: reason or "fermeture" for start, end, reason in closures for day in DayRange(start, end)}
    new = []
    for day in DayRange(year.starts_on, year.ends_on):
        opening = view.calendar.opening(day, activity.weekdays, view.period)
        if opening not in (Opening.OPEN, Opening.CLOSED):
            continue
        new += [
            ActivityDay(
                activity_id=activity_id,
                age_group_id=group_id,
                day=day,
                places=places,
                taken=0,
                closed_reason=reasons.get(day),
            )
            for group_id, places in shares
            if (day, group_id) not in known
        ]
    session.add_all(new)
    session.flush()
    if new:
        raise_revision(session)  # every process keeps the opening days that deadlines count
        audit.record(
            session,
            actor=actor,
            now=now,
            action="open_days",
            subject_kind="activity",
            subject_id=activity_id,
            after={"days": len(new)},
        )
    return len(new)


def register_child(
    session: Session, *, actor: Actor, now: datetime, child_id: int, family_id: int, activity_id: int
) -> ActivityRegistration:
    """Register a child to an activity for the year; the family accepts the règlement in its present version.

    Staff's inscriptions are validated at once; a family's too when the activity says so. Asking twice gives the
    same inscription.

    Raises:
        Refusal: ``not_your_family``, ``unknown_child``, ``unknown_activity``, or why the child is not eligible.
    """
    require_family(actor, family_id)
    activity = session.get(Activity, activity_id)
    view = catalogue(session).activities.get(activity_id)
    if activity is None or view is None:
        raise Refusal("unknown_activity")
    year = session.get_one(SchoolYear, activity.school_year_id)
    starts_on = max(local_day(now), year.starts_on) if not actor.is_staff else year.starts_on
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=starts_on)
    if sheet is None:
        raise Refusal("unknown_child")
    obstacle = registration_obstacle(sheet, view, starts_on)
    if obstacle is not None:
        raise Refusal(obstacle.value)
    live = session.scalar(
        select(ActivityRegistration).where(
            ActivityRegistration.child_id == child_id,
            ActivityRegistration.family_id == family_id,
            ActivityRegistration.activity_id == activity_id,
            ActivityRegistration.state.in_((RegistrationState.REQUESTED, RegistrationState.VALIDATED)),
        )
    )
    if live is not None:
        return live
    is_validated = actor.is_staff or activity.is_auto_validated
    registration = ActivityRegistration(
        child_id=child_id,
        family_id=family_id,
        activity_id=activity_id,
        state=RegistrationState.VALIDATED if is_validated else RegistrationState.REQUESTED,
        valid_from=starts_on,
        regulation_version=activity.regulation_version,
        regulation_accepted_at=now,
    )
    session.add(registration)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="register_child",
        subject_kind="activity_registration",
        subject_id=registration.id,
        family_id=family_id,
        after={"activity": activity.name, "state": registration.state.value},
    )
    return registration


def regulations_of(session: Session, activity_ids: Iterable[int]) -> list[tuple[str, list[str]]]:
    """Return the règlements in force of activities: each text once, with the names of those that it governs."""
    rows = session.execute(
        select(Activity.regulation, Activity.name)
        .where(Activity.id.in_(list(activity_ids)), Activity.regulation != "")
        .order_by(Activity.position, Activity.id)
    )
    found: dict[str, list[str]] = {}
    for text, name in rows:
        found.setdefault(text, []).append(name)
    return list(found.items())


def registration_obstacle(sheet: ChildSheet, activity: ActivityView, day: date) -> Reason | None:
    """Return why a child cannot be registered to an activity: level, age at the end of the year, school."""
    facts = sheet.facts_for(activity.id)
    last_day = max(activity.opening_days, default=day)
    as_if = type(facts)(
        born_on=facts.born_on,
        level=facts.level,
        school_id=facts.school_id,
        registrations=(HeldRange(date.min),),
        documents=facts.documents,
    )
    reason = ineligibility(as_if, activity.terms, day)
    if reason is Reason.TOO_YOUNG and ineligibility(as_if, activity.terms, last_day) is not Reason.TOO_YOUNG:
        return None  # it turns the age within the year; until then its days are refused one by one
    return None if reason is Reason.DOCUMENT_MISSING else reason


def registrable_activities(session: Session, sheet: ChildSheet, day: date) -> list[ActivityView]:
    """Return the activities to which a child may still be registered, in the order of the day."""
    found: Iterable[ActivityView] = catalogue(session).activities.values()
    return [
        activity
        for activity in found
        if activity.is_active
        and activity.needs_registration
        and not sheet.registrations.get(activity.id)
        and registration_obstacle(sheet, activity, day) is None
    ]
