"""Accounts beyond the legal period: rows that are never deleted lose every name, and keep what must add up.

This is the one declared way in which an issued invoice or a payment is changed (docs/decisions/purge.md): numbers,
days and amounts stay, so that series have no gap and every balance is still proved by its rows.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain.books import open_books
from domain.privacy.files import doom_files
from domain.privacy.rules import GONE
from models.activities import ActivityDay
from models.attendance import Attendance
from models.invoices import CarriedAmount, CarriedItem, Invoice, InvoiceItem, InvoiceLine
from models.messages import DrawingTry, DrawnKind
from models.payments import BankNotification, Payment, PaymentTry, Refund
from models.reservations import LIVE_STATES, Reservation


def strip_invoices(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Take payer, children, explanations and PDF out of invoices; lines keep their label and amount."""
    with open_books(session, "purge"):
        _strip_invoices(session, ids, now)


def _strip_invoices(session: Session, ids: Sequence[int], now: datetime) -> None:
    files = session.scalars(select(Invoice.file_id).where(Invoice.id.in_(ids))).all()
    lines = select(InvoiceLine.id).where(InvoiceLine.invoice_id.in_(ids))
    carried = session.scalars(select(InvoiceItem.carried_id).where(InvoiceItem.line_id.in_(lines))).all()
    session.execute(
        update(Invoice)
        .where(Invoice.id.in_(ids))
        .values(
            payer_name=GONE,
            payer_address="",
            family_code="",
            reason="",
            file_id=None,
            printed_at=func.coalesce(Invoice.printed_at, now),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_(ids))
        .values(child_id=None, child_name="", explanation={})
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Refund)
        .where(Refund.credit_note_id.in_(ids))
        .values(reason="")
        .execution_options(synchronize_session=False)
    )
    # What each line billed need not be known any more; carried sums stay invoiced.
    _drop(session, InvoiceItem, InvoiceItem.line_id.in_(lines), InvoiceItem.carried_id.is_(None))
    _strip_carried(session, [one for one in carried if one is not None])
    _drop(session, DrawingTry, DrawingTry.kind == DrawnKind.INVOICE, DrawingTry.subject_id.in_(ids))
    doom_files(session, files, now)


def _strip_carried(session: Session, ids: Sequence[int]) -> None:
    _drop(session, CarriedItem, CarriedItem.carried_id.in_(ids))
    session.execute(
        update(CarriedAmount)
        .where(CarriedAmount.id.in_(ids))
        .values(lines=[])
        .execution_options(synchronize_session=False)
    )


def strip_payments(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Take the payer, the bank's reference and the receipt out of payments, and the reason out of their refunds."""
    with open_books(session, "purge"):
        _strip_payments(session, ids, now)


def _strip_payments(session: Session, ids: Sequence[int], now: datetime) -> None:
    files = session.scalars(select(Payment.file_id).where(Payment.id.in_(ids))).all()
    session.execute(
        update(Payment)
        .where(Payment.id.in_(ids))
        .values(payer_name=GONE, bank_reference="", file_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Refund)
        .where(Refund.payment_id.in_(ids))
        .values(reason="")
        .execution_options(synchronize_session=False)
    )
    doom_files(session, files, now)


def strip_tries(session: Session, ids: Sequence[int]) -> None:
    """Take the bank's references out of card payments."""
    session.execute(
        update(PaymentTry)
        .where(PaymentTry.id.in_(ids))
        .values(authorisation="", transaction="", user_id=None)
        .execution_options(synchronize_session=False)
    )


def strip_calls(session: Session, ids: Sequence[int]) -> None:
    """Take out of the bank's calls what they said."""
    session.execute(
        update(BankNotification)
        .where(BankNotification.id.in_(ids))
        .values(raw="", source_ip="", transaction="", detail="", handled_note="")
        .execution_options(synchronize_session=False)
    )


def drop_reservations(session: Session, ids: Sequence[int]) -> None:
    """Delete bookings, and keep each day's count of those that are left."""
    chosen = Reservation.id.in_(ids)
    days = session.scalars(select(Reservation.activity_day_id).where(chosen).distinct()).all()
    _drop(session, Reservation, chosen)
    live = (
        select(func.count())
        .where(Reservation.activity_day_id == ActivityDay.id, Reservation.state.in_(LIVE_STATES))
        .scalar_subquery()
    )
    session.execute(
        update(ActivityDay)
        .where(ActivityDay.id.in_(days))
        .values(taken=live)
        .execution_options(synchronize_session=False)
    )


def drop_attendances(session: Session, ids: Sequence[int]) -> None:
    """Delete what roll-calls noted."""
    _drop(session, Attendance, Attendance.id.in_(ids))


def _drop(session: Session, model: type, *conditions: object) -> None:
    statement = delete(model).where(*conditions)  # type: ignore[arg-type]
    session.execute(statement.execution_options(synchronize_session=False))
