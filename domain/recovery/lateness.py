"""The alarm of a month that is not issued in time."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.dates import add_months, first_of_month
from domain.recovery.rules import is_month_late
from models.invoices import InvoiceRun, RunState
from models.reservations import LIVE_STATES, Reservation
from models.town import Town


def late_month(session: Session, today: date) -> date | None:
    """Return the first day of the month before when nobody issued it in time; None when all is well.

    A month in which nobody had booked anything, like August, is never late.
    """
    end = first_of_month(today)
    month = add_months(end, -1)
    alarm_day = session.scalars(select(Town.invoicing_alarm_day)).one()
    booked = select(Reservation.id).where(
        Reservation.day >= month, Reservation.day < end, Reservation.state.in_(LIVE_STATES)
    )
    issued = select(InvoiceRun.id).where(InvoiceRun.month == month, InvoiceRun.state == RunState.ISSUED)
    is_late = is_month_late(
        today,
        alarm_day,
        has_days=session.scalar(booked.limit(1)) is not None,
        is_issued=session.scalar(issued.limit(1)) is not None,
    )
    return month if is_late else None
