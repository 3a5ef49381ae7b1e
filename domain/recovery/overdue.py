"""Overdue invoices as recovery sees them: the reminders sent, the one that is due, and what holds it back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.invoicing.queries import PAYABLE_STATES
from domain.payments.rules import SILENCE
from domain.recovery.rules import Hold, Level, Sent, may_hand_over, next_level
from models.corrections import ContestedLine
from models.direct_debits import DebitState, DirectDebit
from models.family import Family
from models.invoices import Invoice, InvoiceKind
from models.payments import PaymentTry, PaymentTryInvoice, TryState
from models.recovery import RecoveryPause, Reminder, ReminderInvoice, ReminderLevel
from models.town import Town


@dataclass(frozen=True, slots=True)
class Overdue:
    """An unpaid invoice whose last day to pay is past.

    Attributes:
        last: the last reminder sent, None when none was.
        level: the reminder that it calls for today, None when none does.
        is_for_tresor: whether it may be handed over today, as far as its reminders go.
        hold: why it is left alone for now, None when nothing speaks against going on.
        pause: staff's own words, and the last day, when they left the family alone.
    """

    id: int
    number: str
    family_id: int
    family_name: str
    family_code: str | None
    month: date | None
    issued_at: datetime
    due_on: date
    total_cents: int
    due_cents: int
    age_days: int
    last: Sent | None
    level: int | None
    is_for_tresor: bool
    hold: Hold | None
    pause: RecoveryPause | None


def town_levels(session: Session) -> list[ReminderLevel]:
    """Return the levels of reminders, by number."""
    return list(session.scalars(select(ReminderLevel).order_by(ReminderLevel.level)))


def overdue_invoices(
    session: Session, *, now: datetime, family_ids: Collection[int] | None = None
) -> list[Overdue]:
    """Return every overdue invoice, by family and age; a fixed number of queries."""
    today = local_day(now)
    levels = [Level(one.level, one.after_days, one.min_cents) for one in town_levels(session)]
    town = session.scalars(select(Town)).one()
    rows = session.execute(_statement(today, family_ids)).all()
    if not rows:
        return []
    holds = _holds(session, now)
    pauses = live_pauses(session, today)
    found = []
    for invoice_id, number, family_id, name, code, month, issued_at, due_on, total, due, level, on in rows:
        last = Sent(level, on) if level is not None else None
        pause = pauses.get(family_id)
        found.append(
            Overdue(
                id=invoice_id,
                number=number,
                family_id=family_id,
                family_name=name,
                family_code=code,
                month=month,
                issued_at=issued_at,
                due_on=due_on,
                total_cents=total,
                due_cents=due,
                age_days=(today - due_on).days,
                last=last,
                level=next_level(levels, due_on=due_on, today=today, due_cents=due, last=last),
                is_for_tresor=may_hand_over(
                    levels,
                    today=today,
                    due_cents=due,
                    last=last,
                    after_days=town.handover_after_days,
                    min_cents=town.handover_min_cents,
                ),
                hold=Hold.PAUSED if pause else holds.get(invoice_id),
                pause=pause,
            )
        )
    return found


def _statement(today: date, family_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    reached = (
        select(
            ReminderInvoice.invoice_id,
            func.max(ReminderInvoice.level).label("level"),
            func.max(Reminder.sent_on).label("sent_on"),
        )
        .join(Reminder, Reminder.id == ReminderInvoice.reminder_id)
        .group_by(ReminderInvoice.invoice_id)
        .subquery()
    )
    statement = (
        select(
            Invoice.id,
            Invoice.number,
            Invoice.family_id,
            Family.name,
            Family.code,
            Invoice.month,
            Invoice.issued_at,
            Invoice.due_on,
            Invoice.total_cents,
            Invoice.total_cents - Invoice.paid_cents,
            reached.c.level,
            reached.c.sent_on,
        )
        .join(Family, Family.id == Invoice.family_id)
        .outerjoin(reached, reached.c.invoice_id == Invoice.id)
        .where(
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state.in_(PAYABLE_STATES),
            Invoice.paid_cents < Invoice.total_cents,
            Invoice.due_on < today,
        )
        .order_by(Family.name, Invoice.family_id, Invoice.due_on, Invoice.id)
    )
    return statement if family_ids is None else statement.where(Invoice.family_id.in_(family_ids))


def _holds(session: Session, now: datetime) -> dict[int, Hold]:
    """Return what holds invoices back by itself, by invoice."""
    debited = select(DirectDebit.invoice_id).where(
        DirectDebit.state.in_((DebitState.ANNOUNCED, DebitState.SENT))
    )
    paying = (
        select(PaymentTryInvoice.invoice_id)
        .join(PaymentTry, PaymentTry.id == PaymentTryInvoice.try_id)
        .where(
            PaymentTry.state.in_((TryState.CREATED, TryState.PENDING)), PaymentTry.opened_at > now - SILENCE
        )
    )
    contested = select(ContestedLine.invoice_id).where(ContestedLine.is_waiting.is_(True))
    return {
        invoice_id: hold
        for hold, statement in (
            (Hold.CARD_UNDER_WAY, paying),
            (Hold.DIRECT_DEBIT, debited),
            (Hold.CONTESTED, contested),
        )
        for invoice_id in session.scalars(statement)
    }


def paused_families(session: Session, today: date) -> list[tuple[Family, RecoveryPause]]:
    """Return the families that staff leave alone today, by name, each with its pause."""
    pauses = live_pauses(session, today)
    if not pauses:
        return []
    rows = session.scalars(select(Family).where(Family.id.in_(pauses)).order_by(Family.name, Family.id))
    return [(row, pauses[row.id]) for row in rows]


def live_pauses(session: Session, today: date) -> dict[int, RecoveryPause]:
    """Return the families that staff leave alone today; of several pauses the longest."""
    rows = session.scalars(
        select(RecoveryPause)
        .where(RecoveryPause.until_on >= today, RecoveryPause.lifted_at.is_(None))
        .order_by(RecoveryPause.until_on, RecoveryPause.id)
    )
    return {row.family_id: row for row in rows}
