"""The roll-call: each mark is noted once whatever the tablets send, until the leader closes the day."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.attendance.queries import RollHead, family_on, may_call_at, roll_children, roll_heads
from domain.clock import local_day
from domain.errors import Refusal
from models.attendance import Attendance, Presence, RollCall
from models.invoices import CarriedItem, InvoiceItem
from models.reservations import Reservation, ReservationState

CALLERS = (Role.ACTIVITY_LEADER, Role.SCHOOL_AGENT, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a leader noted of a child, and when by the tablet's clock; no presence takes the mark back."""

    activity_day_id: int
    child_id: int
    presence: Presence | None
    noted_at: datetime
    client_key: str
    arrived_at: datetime | None = None
    left_at: datetime | None = None


def note_presence(session: Session, *, actor: Actor, now: datetime, mark: Mark) -> bool:
    """Note a mark; False when a later one is there already, or the same was sent before.

    Two tablets and a lost connection may send marks twice and in any order: the latest by the tablets' clocks
    stands, and there is one presence for a child and day. A clock that is ahead counts as now.

    Raises:
        Refusal: ``not_allowed``, ``unknown_day``, ``unknown_child``, ``roll_call_closed`` (for what was noted
            after the closing), ``roll_call_in_future``, ``attendance_billed``.
    """
    head = _open_day(session, actor, now, mark.activity_day_id, noted_at=min(mark.noted_at, now))
    if mark.presence is None:
        return _take_back(session, mark)
    family_id = _family_of(session, mark, head)
    is_there, noted_at = mark.presence is Presence.PRESENT, min(mark.noted_at, now)
    if mark.arrived_at and mark.left_at and mark.left_at < mark.arrived_at:
        raise Refusal("left_before_arrival")
    values = {
        "presence": mark.presence,
        "arrived_at": mark.arrived_at if is_there else None,
        "left_at": mark.left_at if is_there else None,
        "noted_at": noted_at,
        # The tablet's key, made the row's own: no key can point at another child's mark.
        "client_key": f"{mark.activity_day_id}:{mark.child_id}:{mark.client_key}"[:64],
        "updated_at": now,
        "updated_by": actor.label,
    }
    fixed = {
        "child_id": mark.child_id,
        "activity_day_id": mark.activity_day_id,
        "activity_id": head.activity_id,
        "day": head.day,
        "family_id": family_id,
        "created_at": now,
        "created_by": actor.label,
    }
    maker = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    insert = maker(Attendance).values(**fixed, **values)
    statement = insert.on_conflict_do_update(
        index_elements=["child_id", "activity_day_id"],
        set_=values,
        where=(Attendance.noted_at.is_(None)) | (Attendance.noted_at < noted_at),
    ).returning(Attendance.id)
    return session.execute(statement).first() is not None


def close_roll_call(
    session: Session, *, actor: Actor, now: datetime, activity_day_id: int, mark_rest_absent: bool = False
) -> None:
    """Close the roll-call of an activity day; closing twice does nothing more.

    Args:
        mark_rest_absent: note the children booked and not marked as absent first.

    Raises:
        Refusal: ``not_allowed``, ``unknown_day``, ``roll_call_unfinished`` (with how many are not marked).
    """
    head = _open_day(session, actor, now, activity_day_id, noted_at=None)
    if head.closed_at is not None:
        return
    unmarked = [
        child
        for child in roll_children(session, activity_day_id=activity_day_id, day=head.day)
        if child.presence is None
    ]
    if unmarked and not mark_rest_absent:
        raise Refusal("roll_call_unfinished", count=len(unmarked))
    for child in unmarked:
        key = f"closing:{activity_day_id}:{child.child_id}"
        mark = Mark(activity_day_id, child.child_id, Presence.ABSENT, now, key)
        note_presence(session, actor=actor, now=now, mark=mark)
    session.add(RollCall(activity_day_id=activity_day_id, closed_at=now, closed_by=actor.label))
    session.flush()
    _trail(session, actor, now, activity_day_id, "close_roll_call")


def reopen_roll_call(session: Session, *, actor: Actor, now: datetime, activity_day_id: int) -> None:
    """Open a closed roll-call again, to correct it; the service does it, not the leader.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.SCHOOL_AGENT, Role.ADMINISTRATOR)
    session.execute(delete(RollCall).where(RollCall.activity_day_id == activity_day_id))
    _trail(session, actor, now, activity_day_id, "reopen_roll_call")


def _open_day(
    session: Session, actor: Actor, now: datetime, activity_day_id: int, *, noted_at: datetime | None
) -> RollHead:
    """Return the day if this person may call its roll, and it was still open at ``noted_at``."""
    require_role(actor, *CALLERS)
    heads = roll_heads(session, activity_day_id=activity_day_id)
    if not heads:
        raise Refusal("unknown_day")
    head = heads[0]
    if not may_call_at(session, user_id=actor.user_id, site_id=head.site_id):
        raise Refusal("unknown_day")
    if head.day > local_day(now):
        raise Refusal("roll_call_in_future")
    if noted_at is not None and head.closed_at is not None and noted_at >= head.closed_at:
        raise Refusal("roll_call_closed", closed_at=head.closed_at)
    return head


def _family_of(session: Session, mark: Mark, head: RollHead) -> int:
    """Return who pays: the family that booked, else the one the child is with that day."""
    booked_by = session.scalar(
        select(Reservation.family_id).where(
            Reservation.child_id == mark.child_id,
            Reservation.activity_day_id == mark.activity_day_id,
            Reservation.state == ReservationState.RESERVED,
        )
    )
    family_id = booked_by or family_on(session, child_id=mark.child_id, day=head.day)
    if family_id is None:
        raise Refusal("unknown_child")
    return family_id


def _take_back(session: Session, mark: Mark) -> bool:
    """Remove a mark made by mistake, unless an invoice rests on it."""
    found = select(Attendance.id).where(
        Attendance.child_id == mark.child_id, Attendance.activity_day_id == mark.activity_day_id
    )
    attendance_id = session.scalar(found)
    if attendance_id is None:
        return False
    billed, carried = (
        exists().where(or_(table.attendance_id == attendance_id, table.late_id == attendance_id))
        for table in (InvoiceItem, CarriedItem)
    )
    if session.scalar(select(billed | carried)):
        raise Refusal("attendance_billed")
    removed = session.execute(
        delete(Attendance)
        .where(
            Attendance.id == attendance_id,
            (Attendance.noted_at.is_(None)) | (Attendance.noted_at < mark.noted_at),
        )
        .execution_options(synchronize_session=False)
    )
    return bool(removed.rowcount)  # type: ignore[attr-defined]


def _trail(session: Session, actor: Actor, now: datetime, activity_day_id: int, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="activity_day",
        subject_id=activity_day_id,
    )
    session.flush()
