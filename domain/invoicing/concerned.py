"""Which families a month may bill."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.dates import next_month
from domain.invoicing.excused import BILLED_STATES
from domain.invoicing.shared import read_sharing
from models.attendance import Attendance, Presence
from models.reservations import Reservation


def billable_families(session: Session, month: date) -> list[int]:
    """Return the families that a month may bill, in order: a booking or a presence of theirs lies in it."""
    end = next_month(month)
    booked = select(Reservation.family_id).where(
        Reservation.day >= month, Reservation.day < end, Reservation.state.in_(BILLED_STATES)
    )
    came = select(Attendance.family_id).where(
        Attendance.day >= month, Attendance.day < end, Attendance.presence == Presence.PRESENT
    )
    found = set(session.scalars(booked.distinct())) | set(session.scalars(came.distinct()))
    return sorted(found | _other_homes(session, month, end))


def _other_homes(session: Session, month: date, end: date) -> set[int]:
    """Return the families that are billed a part of days that another home booked."""
    sharing = read_sharing(session, None, first=month, end=end)
    found: set[int] = set()
    for table in (Reservation, Attendance):
        rows = select(table.child_id, table.family_id, table.day).where(
            table.child_id.in_(sharing.child_ids), table.day >= month, table.day < end
        )
        for child_id, family_id, day in session.execute(rows.distinct()) if sharing.child_ids else ():
            found |= {part.family_id for part in sharing.parts(child_id, family_id, day)}
    return found
