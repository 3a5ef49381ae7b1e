"""The days that a month may bill, as they are read: what was booked, with its roll-call, and who came unbooked.

Rows become tuples with a type, for a month reads each of their columns half a million times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, exists, or_, select, true, type_coerce
from sqlalchemy.orm import Session

from domain.invoicing.excused import BILLED_STATES
from models.activities import ActivityDay
from models.attendance import Attendance, Presence
from models.invoices import CarriedItem, InvoiceItem
from models.reservations import Reservation


class BookedDay(NamedTuple):
    """A reservation and its roll-call, None where it was not made; ``state`` and ``presence`` as the tables write them."""

    id: int
    child_id: int
    family_id: int
    activity_id: int
    activity_day_id: int
    day: date
    state: str
    formula_id: int | None
    closed_reason: str | None
    taken: int
    places: int
    presence: str | None
    arrived_at: datetime | None
    left_at: datetime | None


class UnbookedDay(NamedTuple):
    """A presence without a reservation that is billed."""

    id: int
    child_id: int
    family_id: int
    activity_id: int
    day: date
    arrived_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which days are read: those of a batch of families on ``[first, end[``.

    Attributes:
        shared_ids: the children whose days are read whichever of their homes booked them.
        include_billed: what is invoiced or carried already, too.
        known_at: roll-calls written later do not count.
    """

    family_ids: Sequence[int]
    shared_ids: Sequence[int]
    first: date
    end: date
    include_billed: bool = False
    known_at: datetime | None = None

    def holds(self, table: Any) -> ColumnElement[bool]:
        """Choose the days of the batch, and those of its shared children."""
        mine = table.family_id.in_(self.family_ids)
        whose = or_(mine, table.child_id.in_(self.shared_ids)) if self.shared_ids else mine
        return and_(whose, table.day >= self.first, table.day < self.end)

    def unbilled(self, table: Any, subject: str) -> ColumnElement[bool]:
        """Leave out what is billed; of shared children, each part is looked at by itself later."""
        if self.include_billed:
            return true()
        invoiced, carried = getattr(InvoiceItem, subject), getattr(CarriedItem, subject)
        unbilled = ~or_(
            exists().where(invoiced == table.id, InvoiceItem.released_by_id.is_(None)),
            exists().where(carried == table.id),
        )
        return or_(unbilled, table.child_id.in_(self.shared_ids)) if self.shared_ids else unbilled


def booked_days(session: Session, scope: Scope) -> list[BookedDay]:
    """Return reservations not billed yet, each with its roll-call, by child and day."""
    called = and_(
        Attendance.child_id == Reservation.child_id,
        Attendance.activity_day_id == Reservation.activity_day_id,
        true() if scope.known_at is None else Attendance.created_at <= scope.known_at,
    )
    rows = session.execute(
        select(
            Reservation.id,
            Reservation.child_id,
            Reservation.family_id,
            Reservation.activity_id,
            Reservation.activity_day_id,
            Reservation.day,
            type_coerce(Reservation.state, String),
            Reservation.formula_id,
            ActivityDay.closed_reason,
            ActivityDay.taken,
            ActivityDay.places,
            type_coerce(Attendance.presence, String),
            Attendance.arrived_at,
            Attendance.left_at,
        )
        .join(ActivityDay, ActivityDay.id == Reservation.activity_day_id)
        .outerjoin(Attendance, called)
        .where(
            scope.holds(Reservation),
            Reservation.state.in_(BILLED_STATES),
            scope.unbilled(Reservation, "reservation_id"),
        )
        .order_by(Reservation.child_id, Reservation.day, Reservation.id)
    )
    return [BookedDay._make(row) for row in rows]


def unbooked_days(session: Session, scope: Scope) -> list[UnbookedDay]:
    """Return presences without a reservation that is billed, and not billed themselves yet, by child and day."""
    had_booked = exists().where(
        Reservation.child_id == Attendance.child_id,
        Reservation.activity_day_id == Attendance.activity_day_id,
        Reservation.state.in_(BILLED_STATES),
    )
    rows = session.execute(
        select(
            Attendance.id,
            Attendance.child_id,
            Attendance.family_id,
            Attendance.activity_id,
            Attendance.day,
            Attendance.arrived_at,
            Attendance.left_at,
        )
        .where(
            scope.holds(Attendance),
            Attendance.presence == Presence.PRESENT,
            scope.unbilled(Attendance, "attendance_id"),
            ~had_booked,
        )
        .order_by(Attendance.child_id, Attendance.day, Attendance.id)
    )
    return [UnbookedDay._make(row) for row in rows]
