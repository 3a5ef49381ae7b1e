"""Opening an activity: the days on which it can be booked, and the inscription that gives the right to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking, require_role
from domain.actor import Actor, Role
from domain.calendar.rules import Opening
from domain.clock import local_day
from domain.dates import DayRange
from domain.documents.needs import needed_documents
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import ChildSheet, child_sheet
from domain.reservations.rules import HeldRange, Reason, ineligibility
from domain.reservations.waiting import offer_places
from models.activities import Activity, ActivityDay, ActivityRegistration, AgeGroup, RegistrationState
from models.attendance import Attendance
from models.calendar import Closure, SchoolYear
from models.reservations import Reservation, WaitingEntry
from models.town import raise_revision

PREVIEW_DAYS, LOOK_AHEAD_DAYS = 14, 120
REGISTRATION_ACT = "registration"
CALENDAR_CHANGED = "jour retiré du calendrier"


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
    reasons = _closure_reasons(session, activity)
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


def withdraw_days(session: Session, *, actor: Actor, now: datetime, activity_id: int) -> tuple[int, int]:
    """Bring the days to come in line with the calendar; return how many were removed and how many closed.

    A day that is no opening day any more (a holiday was added, the weekdays changed) is removed when nobody is
    booked or waits, and closed otherwise, so that a booking is never lost; a day of a new closure is closed.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR)
    view = catalogue(session).activities[activity_id]
    reasons = _closure_reasons(session, session.get_one(Activity, activity_id))
    removed = closed = 0
    days = session.scalars(
        select(ActivityDay)
        .where(
            ActivityDay.activity_id == activity_id,
            ActivityDay.day > local_day(now),
            ActivityDay.closed_reason.is_(None),
        )
        .order_by(ActivityDay.id)
    ).all()
    for row in days:
        opening = view.calendar.opening(row.day, view.weekdays, view.period)
        if opening is Opening.OPEN and row.day not in reasons:
            continue
        if opening not in (Opening.OPEN, Opening.CLOSED) and not _is_used(session, row.id):
            session.delete(row)
            removed += 1
        else:
            row.closed_reason = reasons.get(row.day, CALENDAR_CHANGED)
            closed += 1
    session.flush()
    if removed or closed:
        raise_revision(session)
        audit.record(
            session,
            actor=actor,
            now=now,
            action="withdraw_days",
            subject_kind="activity",
            subject_id=activity_id,
            after={"removed": removed, "closed": closed},
        )
    return removed, closed


def change_day(
    session: Session, *, actor: Actor, now: datetime, activity_day_id: int, places: int, closed_reason: str
) -> ActivityDay:
    """Change the places of a day, close it with a reason, or open it again (no reason).

    Bookings made are kept: a closed day is not billed. Places added go to those who wait first.

    Raises:
        Refusal: ``not_allowed``, ``places_below_taken`` (``taken``), ``places_negative``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if places < 0:
        raise Refusal("places_negative")
    changed = session.execute(
        update(ActivityDay)
        .where(ActivityDay.id == activity_day_id, ActivityDay.taken <= places)
        .values(
            places=places, closed_reason=closed_reason.strip() or None, updated_at=now, updated_by=actor.label
        )
        .execution_options(synchronize_session=False)
    )
    row = session.get_one(ActivityDay, activity_day_id, populate_existing=True)
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("places_below_taken", taken=row.taken)
    raise_revision(session)
    offer_places(session, now=now, activity_day_id=activity_day_id)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="change_day",
        subject_kind="activity_day",
        subject_id=activity_day_id,
        after={"places": places, "closed_reason": row.closed_reason},
    )
    session.flush()
    return row


def _is_used(session: Session, activity_day_id: int) -> bool:
    tables = (Reservation, WaitingEntry, Attendance)
    used = (select(table.id).where(table.activity_day_id == activity_day_id).exists() for table in tables)
    return bool(session.scalar(select(or_(*used))))


def _closure_reasons(session: Session, activity: Activity) -> dict[date, str]:
    """Return why each day of a closure of the activity, its site or the town is shut."""
    closures = session.execute(
        select(Closure.starts_on, Closure.ends_on, Closure.reason).where(
            Closure.site_id.is_(None) | (Closure.site_id == activity.site_id),
            Closure.activity_id.is_(None) | (Closure.activity_id == activity.id),
        )
    ).all()
    return {day: reason or "fermeture" for start, end, reason in closures for day in DayRange(start, end)}


@dataclass(frozen=True, slots=True)
class DayPreview:
    """A day of an activity with its deadlines, each the first instant at which it is too late."""

    day: date
    book_until: datetime
    cancel_until: datetime
    is_published: bool


def preview_deadlines(
    session: Session, *, activity_id: int, today: date, days: int = PREVIEW_DAYS
) -> list[DayPreview]:
    """Return the deadlines of an activity's opening days in the two weeks to come.

    When none opens so soon (the summer), the two weeks begin with the next opening day.
    """
    view = catalogue(session).activities[activity_id]
    horizon = DayRange(today + timedelta(days=1), today + timedelta(days=LOOK_AHEAD_DAYS))
    opening = view.calendar.open_days(horizon, view.weekdays, view.period)
    if not opening:
        return []
    until = max(today, opening[0] - timedelta(days=1)) + timedelta(days=days)
    # Deadlines that count opening days need them all, published or not.
    seen = replace(view, opening_days=view.opening_days | set(opening), _deadlines={})
    return [
        DayPreview(day, seen.book_until(day), seen.cancel_until(day), day in view.opening_days)
        for day in opening
        if day <= until
    ]


def register_child(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    activity_id: int,
    read_version: int | None = None,
) -> ActivityRegistration:
    """Register a child to an activity for the year; the family accepts the règlement in its present version.

    Staff's inscriptions are validated at once. A family's are too when the activity says so and the service has
    accepted every document that blocks; otherwise they wait for an answer. Asking twice gives the same inscription.

    Args:
        read_version: the version of the règlement that the family had before its eyes; None, the present one.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``, ``unknown_activity``, why the child is
            not eligible, ``registration_documents_missing``, ``regulation_changed``.
    """
    require_booking(actor, family_id, child_id)
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
    live = _live_registration(session, child_id=child_id, family_id=family_id, activity_id=activity_id)
    if live is not None:
        return live
    if read_version not in (None, activity.regulation_version):
        raise Refusal("regulation_changed", activity=activity.name)
    is_validated = actor.is_staff or (
        _has_documents(session, activity, family_id=family_id, child_id=child_id, today=local_day(now))
        and activity.is_auto_validated
    )
    registration = ActivityRegistration(
        child_id=child_id,
        family_id=family_id,
        activity_id=activity_id,
        state=RegistrationState.VALIDATED if is_validated else RegistrationState.REQUESTED,
        valid_from=starts_on,
        regulation_version=activity.regulation_version,
        regulation_accepted_at=now,
    )
    try:
        with session.begin_nested():
            session.add(registration)
    except IntegrityError:
        # The same request arrived twice at once: the first one made the inscription.
        made = _live_registration(session, child_id=child_id, family_id=family_id, activity_id=activity_id)
        if made is None:
            raise
        return made
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


def _live_registration(
    session: Session, *, child_id: int, family_id: int, activity_id: int
) -> ActivityRegistration | None:
    return session.scalar(
        select(ActivityRegistration).where(
            ActivityRegistration.child_id == child_id,
            ActivityRegistration.family_id == family_id,
            ActivityRegistration.activity_id == activity_id,
            ActivityRegistration.state.in_((RegistrationState.REQUESTED, RegistrationState.VALIDATED)),
        )
    )


def _has_documents(
    session: Session, activity: Activity, *, family_id: int, child_id: int, today: date
) -> bool:
    """Whether the service has accepted all that blocks; what it has not looked at yet makes the inscription wait.

    Raises:
        Refusal: ``registration_documents_missing`` when the family has not even given it.
    """
    blocking = [
        need
        for need in needed_documents(
            session,
            act=REGISTRATION_ACT,
            family_id=family_id,
            child_id=child_id,
            activity_id=activity.id,
            today=today,
        )
        if need.is_blocking
    ]
    missing = [need.type_name for need in blocking if not need.is_given]
    if missing:
        raise Refusal("registration_documents_missing", activity=activity.name, names=missing)
    return all(need.is_accepted for need in blocking)


@dataclass(frozen=True, slots=True)
class Regulation:
    """A règlement in force; ``versions`` says which one is each activity's that it governs, by id."""

    text: str
    names: list[str]
    versions: dict[int, int]


def regulations_of(session: Session, activity_ids: Iterable[int]) -> list[Regulation]:
    """Return the règlements in force of activities: each text once, with the activities that it governs."""
    rows = session.execute(
        select(Activity.regulation, Activity.id, Activity.name, Activity.regulation_version)
        .where(Activity.id.in_(list(activity_ids)), Activity.regulation != "")
        .order_by(Activity.position, Activity.id)
    )
    found: dict[str, Regulation] = {}
    for text, activity_id, name, version in rows:
        one = found.setdefault(text, Regulation(text, [], {}))
        one.names.append(name)
        one.versions[activity_id] = version
    return list(found.values())


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
    """Return the activities that may still be asked for a child, in the order of the day."""
    found: Iterable[ActivityView] = catalogue(session).activities.values()
    return [
        activity
        for activity in found
        if activity.is_active
        and activity.needs_registration
        and not sheet.registrations.get(activity.id)
        and activity.id not in sheet.awaited
        and registration_obstacle(sheet, activity, day) is None
    ]
