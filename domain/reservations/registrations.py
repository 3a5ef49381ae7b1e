"""The life of an inscription once asked: the family's list, the service's queue and answer, a newer règlement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking, require_role
from domain.actor import Actor, Role
from domain.documents.needs import NeededDocument, needed_documents
from domain.errors import Refusal
from domain.reservations.opening import REGISTRATION_ACT
from models.activities import Activity, ActivityRegistration, RegistrationState
from models.family import Child, Family
from models.schools import Site


@dataclass(frozen=True, slots=True)
class RegistrationSheet:
    """An inscription with what its page shows.

    Attributes:
        accepted_version: the version of the règlement that the family accepted; None when it accepted none.
        version: the present one.
        regulation: its text; empty when the activity has none.
    """

    id: int
    child_id: int
    child_name: str
    given_name: str
    born_on: date
    family_id: int
    family_name: str
    activity_id: int
    activity_name: str
    site_name: str
    places: int
    state: RegistrationState
    asked_at: datetime
    accepted_version: int | None
    accepted_at: datetime | None
    version: int
    regulation: str
    reason: str

    @property
    def is_waiting(self) -> bool:
        """Whether the service has not answered yet."""
        return self.state is RegistrationState.REQUESTED

    @property
    def has_newer_regulation(self) -> bool:
        """Whether the règlement has changed since the family accepted it."""
        is_live = self.state in (RegistrationState.REQUESTED, RegistrationState.VALIDATED)
        return is_live and bool(self.regulation) and self.accepted_version != self.version


@dataclass(frozen=True, slots=True)
class AwaitedActivity:
    """An activity, and how many inscriptions to it wait for the service."""

    id: int
    name: str
    site_name: str
    count: int


def family_registrations(
    session: Session, *, family_id: int, child_id: int | None = None
) -> list[RegistrationSheet]:
    """Return the inscriptions of a family in activities in use, in the order of the day; those ended left out.

    Of refused ones only the last asked is kept, until the same is asked again.
    """
    conditions = [
        ActivityRegistration.family_id == family_id,
        ActivityRegistration.state != RegistrationState.ENDED,
        Activity.is_active,
    ]
    if child_id is not None:
        conditions.append(ActivityRegistration.child_id == child_id)
    statement = _COLUMNS.where(*conditions).order_by(
        Activity.position, Activity.id, ActivityRegistration.child_id, ActivityRegistration.id
    )
    last = {(sheet.child_id, sheet.activity_id): sheet for sheet in _read(session, statement)}
    return list(last.values())


def find_registration(session: Session, registration_id: int) -> RegistrationSheet | None:
    """Return one inscription."""
    return next(iter(_read(session, _COLUMNS.where(ActivityRegistration.id == registration_id))), None)


def waiting_registrations(
    session: Session, limit: int, activity_id: int | None = None
) -> list[RegistrationSheet]:
    """Return the inscriptions that wait for the service, in order of arrival; of one activity if it is given."""
    waiting = _COLUMNS.where(ActivityRegistration.state == RegistrationState.REQUESTED)
    if activity_id is not None:
        waiting = waiting.where(ActivityRegistration.activity_id == activity_id)
    return _read(session, waiting.order_by(*_ARRIVAL).limit(limit))


def activities_awaited(session: Session) -> list[AwaitedActivity]:
    """Return the activities for which inscriptions wait, each with how many."""
    rows = session.execute(
        select(Activity.id, Activity.name, Site.name, func.count())
        .join(ActivityRegistration, ActivityRegistration.activity_id == Activity.id)
        .join(Site, Site.id == Activity.site_id)
        .where(ActivityRegistration.state == RegistrationState.REQUESTED)
        .group_by(Activity.id, Activity.name, Site.name, Activity.position)
        .order_by(Activity.position, Site.name)
    )
    return [AwaitedActivity(*row) for row in rows]


def waiting_registration_count(session: Session) -> int:
    """Return how many inscriptions wait for the service."""
    waiting = select(func.count()).where(ActivityRegistration.state == RegistrationState.REQUESTED)
    return session.scalar(waiting) or 0


def next_registration(session: Session, after: RegistrationSheet) -> int | None:
    """Return the id of the one to look at next: the first that arrived after this one, else the oldest."""
    waiting = select(ActivityRegistration.id).where(
        ActivityRegistration.state == RegistrationState.REQUESTED, ActivityRegistration.id != after.id
    )
    later = or_(
        ActivityRegistration.created_at > after.asked_at,
        and_(ActivityRegistration.created_at == after.asked_at, ActivityRegistration.id > after.id),
    )
    for statement in (waiting.where(later), waiting):
        found = session.scalar(statement.order_by(*_ARRIVAL).limit(1))
        if found is not None:
            return found
    return None


def validated_count(session: Session, activity_id: int) -> int:
    """Return how many children are registered to an activity."""
    statement = select(func.count(ActivityRegistration.child_id.distinct())).where(
        ActivityRegistration.activity_id == activity_id,
        ActivityRegistration.state == RegistrationState.VALIDATED,
    )
    return session.scalar(statement) or 0


def registration_documents(
    session: Session, *, family_id: int, child_id: int, activity_ids: Sequence[int], today: date
) -> list[NeededDocument]:
    """Return the documents that these activities ask of a child, each once; what blocks for one of them blocks."""
    found: dict[tuple[int, str, int], NeededDocument] = {}
    for activity_id in activity_ids:
        for need in needed_documents(
            session,
            act=REGISTRATION_ACT,
            family_id=family_id,
            child_id=child_id,
            activity_id=activity_id,
            today=today,
        ):
            key = need.type_id, need.subject.value, need.subject_id
            if key not in found or need.is_blocking:
                found[key] = need
    return list(found.values())


def decide_registration(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    today: date,
    registration_id: int,
    accept: bool,
    reason: str = "",
) -> ActivityRegistration:
    """Answer an inscription once; validated, it opens the right to reserve.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing`` (a refusal says why), ``registration_documents_waiting`` (a
            document that blocks is not accepted), ``registration_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not accept and not reason.strip():
        raise Refusal("reason_missing")
    if accept:
        _require_documents(session, registration_id, today)
    state = RegistrationState.VALIDATED if accept else RegistrationState.REFUSED
    why = "" if accept else reason.strip()
    _leave_queue(session, registration_id, state, why)
    registration = session.get_one(ActivityRegistration, registration_id, populate_existing=True)
    action = "accept_registration" if accept else "refuse_registration"
    _trail(session, actor, now, registration, action, {"state": state.value, "reason": why})
    return registration


def withdraw_registration(session: Session, *, actor: Actor, now: datetime, registration_id: int) -> None:
    """Take back an inscription that waits; the family may ask for it again.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``registration_already_decided``.
    """
    registration = session.get_one(ActivityRegistration, registration_id)
    require_booking(actor, registration.family_id, registration.child_id)
    _leave_queue(session, registration_id, RegistrationState.ENDED, "")
    session.refresh(registration)
    _trail(session, actor, now, registration, "withdraw_registration", {"state": registration.state.value})


def accept_regulation(
    session: Session, *, actor: Actor, now: datetime, registration_id: int, read_version: int
) -> None:
    """Write down that the family accepts the version of the règlement that it has read; twice changes nothing.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``regulation_changed`` when it is no more the present one.
    """
    registration = session.get_one(ActivityRegistration, registration_id)
    require_booking(actor, registration.family_id, registration.child_id)
    activity = session.get_one(Activity, registration.activity_id)
    if read_version != activity.regulation_version:
        raise Refusal("regulation_changed", activity=activity.name)
    if registration.regulation_version == read_version:
        return
    registration.regulation_version = read_version
    registration.regulation_accepted_at = now
    _trail(session, actor, now, registration, "accept_regulation", {"version": read_version})


def _require_documents(session: Session, registration_id: int, today: date) -> None:
    registration = session.get_one(ActivityRegistration, registration_id)
    needs = registration_documents(
        session,
        family_id=registration.family_id,
        child_id=registration.child_id,
        activity_ids=[registration.activity_id],
        today=today,
    )
    waiting = [need.type_name for need in needs if need.is_blocking and not need.is_accepted]
    if waiting:
        raise Refusal("registration_documents_waiting", names=waiting)


def _leave_queue(session: Session, registration_id: int, state: RegistrationState, reason: str) -> None:
    """Give a waiting inscription its answer; of two answers at once, the database keeps the first."""
    decided = session.execute(
        update(ActivityRegistration)
        .where(
            ActivityRegistration.id == registration_id,
            ActivityRegistration.state == RegistrationState.REQUESTED,
        )
        .values(state=state, reason=reason)
        .execution_options(synchronize_session=False)
    )
    if decided.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("registration_already_decided")


def _trail(
    session: Session,
    actor: Actor,
    now: datetime,
    registration: ActivityRegistration,
    action: str,
    after: dict[str, Any],
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="activity_registration",
        subject_id=registration.id,
        family_id=registration.family_id,
        after=after,
    )
    session.flush()


_ARRIVAL = (ActivityRegistration.created_at, ActivityRegistration.id)
_COLUMNS = (
    select(ActivityRegistration, Activity, Site.name, Child, Family.name)
    .join(Activity, Activity.id == ActivityRegistration.activity_id)
    .join(Site, Site.id == Activity.site_id)
    .join(Child, Child.id == ActivityRegistration.child_id)
    .join(Family, Family.id == ActivityRegistration.family_id)
)


def _read(session: Session, statement: Any) -> list[RegistrationSheet]:
    return [
        RegistrationSheet(
            id=row.id,
            child_id=child.id,
            child_name=child.full_name,
            given_name=child.given_name or child.family_name,
            born_on=child.born_on,
            family_id=row.family_id,
            family_name=family_name,
            activity_id=activity.id,
            activity_name=activity.name,
            site_name=site_name,
            places=activity.places,
            state=row.state,
            asked_at=row.created_at,
            accepted_version=row.regulation_version,
            accepted_at=row.regulation_accepted_at,
            version=activity.regulation_version,
            regulation=activity.regulation,
            reason=row.reason,
        )
        for row, activity, site_name, child, family_name in session.execute(statement)
    ]
