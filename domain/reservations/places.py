"""Taking and giving back places: the only statements that move ``activity_day.taken``.

The database decides: a conditional UPDATE takes the place, so a day is never oversold whatever arrives at once.
Callers go through the days in order of their ids, so that two families never wait for each other in a ring.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base
from models.reservations import LIVE_STATES, ReservationState

# Built once, and on the tables themselves: a month is saved by a hundred of these.
_DAYS, _RESERVATIONS = Base.metadata.tables["activity_day"], Base.metadata.tables["reservation"]
_ONE_DAY = update(_DAYS).where(_DAYS.c.id == bindparam("day_id"))
_TAKE = _ONE_DAY.where(_DAYS.c.taken < _DAYS.c.places, _DAYS.c.closed_reason.is_(None)).values(
    taken=_DAYS.c.taken + 1
)
_GIVE_BACK = _ONE_DAY.values(taken=_DAYS.c.taken - 1)
_FREE = (
    update(_RESERVATIONS)
    .where(_RESERVATIONS.c.id == bindparam("reservation_id"), _RESERVATIONS.c.state.in_(LIVE_STATES))
    .values(
        state=bindparam("ended"),
        cancelled_at=bindparam("now"),
        updated_at=bindparam("now"),
        updated_by=bindparam("by"),
    )
    .returning(_RESERVATIONS.c.activity_day_id)
)
_INSERT = {
    name: insert(_RESERVATIONS).on_conflict_do_nothing().returning(_RESERVATIONS.c.id)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}


@dataclass(frozen=True, slots=True)
class Booking:
    """What a reservation row says, before it is written."""

    child_id: int
    family_id: int
    activity_day_id: int
    activity_id: int
    day: date
    formula_id: int | None
    booked_at: datetime
    booked_by: str
    state: ReservationState = ReservationState.RESERVED


def take_place(session: Session, booking: Booking) -> bool | None:
    """Take a place and write the reservation; the place counts from this statement on.

    Returns:
        True when the place is taken now, None when the child had it already (a double submit), False when the
        day is full or closed.
    """
    taken = session.execute(_TAKE, {"day_id": booking.activity_day_id})
    if taken.rowcount == 0:  # type: ignore[attr-defined]
        return False
    if _insert(session, booking):
        return True
    _give_back(session, booking.activity_day_id)
    return None


def _insert(session: Session, booking: Booking) -> bool:
    values = {
        "child_id": booking.child_id,
        "family_id": booking.family_id,
        "activity_day_id": booking.activity_day_id,
        "activity_id": booking.activity_id,
        "day": booking.day,
        "formula_id": booking.formula_id,
        "state": booking.state,
        "booked_at": booking.booked_at,
        "created_at": booking.booked_at,
        "created_by": booking.booked_by,
        "updated_at": booking.booked_at,
        "updated_by": booking.booked_by,
    }
    return session.execute(_INSERT[session.get_bind().dialect.name], values).first() is not None


def free_place(
    session: Session, *, reservation_id: int, state: ReservationState, now: datetime, by: str
) -> bool:
    """Cancel a live reservation and give its place back; False when it was not live any more."""
    values = {"reservation_id": reservation_id, "ended": state, "now": now, "by": by}
    row = session.execute(_FREE, values).first()
    if row is None:
        return False
    _give_back(session, row.activity_day_id)
    return True


def _give_back(session: Session, activity_day_id: int) -> None:
    session.execute(_GIVE_BACK, {"day_id": activity_day_id})
