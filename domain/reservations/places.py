"""Taking and giving back places: the only statements that move ``activity_day.taken``.

The database decides: a conditional UPDATE takes the place, so a day is never oversold whatever arrives at once.
Callers go through the days in order of their ids, so that two families never wait for each other in a ring.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.activities import ActivityDay
from models.reservations import LIVE_STATES, Reservation, ReservationState


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
    taken = session.execute(
        update(ActivityDay)
        .where(
            ActivityDay.id == booking.activity_day_id,
            ActivityDay.taken < ActivityDay.places,
            ActivityDay.closed_reason.is_(None),
        )
        .values(taken=ActivityDay.taken + 1)
        .execution_options(synchronize_session=False)
    )
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
    dialect = session.get_bind().dialect.name
    maker = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = maker(Reservation).values(values).on_conflict_do_nothing().returning(Reservation.id)
    return session.execute(statement).first() is not None


def free_place(
    session: Session, *, reservation_id: int, state: ReservationState, now: datetime, by: str
) -> bool:
    """Cancel a live reservation and give its place back; False when it was not live any more."""
    row = session.execute(
        update(Reservation)
        .where(Reservation.id == reservation_id, Reservation.state.in_(LIVE_STATES))
        .values(state=state, cancelled_at=now, updated_at=now, updated_by=by)
        .returning(Reservation.activity_day_id)
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return False
    _give_back(session, row.activity_day_id)
    return True


def _give_back(session: Session, activity_day_id: int) -> None:
    session.execute(
        update(ActivityDay)
        .where(ActivityDay.id == activity_day_id)
        .values(taken=ActivityDay.taken - 1)
        .execution_options(synchronize_session=False)
    )
