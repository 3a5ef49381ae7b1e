"""What screens read of payments."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.payments import rules
from models.family import Family
from models.invoices import Invoice, InvoiceKind
from models.payments import (
    Alert,
    Allocation,
    BankNotification,
    LedgerEntry,
    Payment,
    PaymentTry,
    PaymentTryInvoice,
    TryState,
)


@dataclass(frozen=True, slots=True)
class TryView:
    """A card payment as its payer sees it; ``is_silent`` when the bank should have answered by now."""

    reference: str
    family_id: int
    amount_cents: int
    state: str
    is_silent: bool
    error_code: str

    @property
    def is_waiting(self) -> bool:
        """Whether the bank may still answer any moment."""
        return self.state in (rules.TryState.CREATED, rules.TryState.PENDING) and not self.is_silent

    @property
    def may_be_tried_again(self) -> bool:
        """Whether the payer may start again: refused, given up, or without an answer for too long."""
        return self.is_silent or self.state in (rules.TryState.REFUSED, rules.TryState.CANCELLED)


def card_try(session: Session, reference: str, now: datetime) -> TryView | None:
    """Return a card payment by its reference."""
    row = session.scalar(select(PaymentTry).where(PaymentTry.reference == reference))
    if row is None:
        return None
    return TryView(
        reference=row.reference,
        family_id=row.family_id,
        amount_cents=row.amount_cents,
        state=row.state.value,
        is_silent=rules.is_silent(rules.TryState(row.state.value), row.opened_at, now),
        error_code=row.error_code,
    )


def try_invoices(session: Session, reference: str) -> list[int]:
    """Return the invoices that a card payment was for, due or not."""
    statement = (
        select(Invoice.id)
        .join(PaymentTryInvoice, PaymentTryInvoice.invoice_id == Invoice.id)
        .join(PaymentTry, PaymentTry.id == PaymentTryInvoice.try_id)
        .where(PaymentTry.reference == reference)
        .order_by(Invoice.id)
    )
    return list(session.scalars(statement))


def silent_tries(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the tries that the bank has left without an answer for too long."""
    return (
        PaymentTry.state.in_((TryState.CREATED, TryState.PENDING)),
        PaymentTry.opened_at <= now - rules.SILENCE,
    )


@dataclass(frozen=True, slots=True)
class AlertView:
    """Money that came and not as it should, as the régisseur reads it; ``expected_cents`` of the try, if known."""

    id: int
    received_at: datetime
    kind: Alert | None
    announced_cents: int | None
    transaction: str
    reference: str | None
    expected_cents: int | None
    family_id: int | None
    family_name: str | None
    family_code: str | None


def waiting_alerts() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the notifications that the régisseur still has to look at."""
    return (BankNotification.alert.is_not(None), BankNotification.handled_at.is_(None))


def alerts(session: Session, limit: int = 100) -> list[AlertView]:
    """Return what waits for the régisseur, the oldest first."""
    rows = session.execute(
        select(
            BankNotification.id,
            BankNotification.received_at,
            BankNotification.alert,
            BankNotification.amount_cents,
            BankNotification.transaction,
            PaymentTry.reference,
            PaymentTry.amount_cents,
            Family.id,
            Family.name,
            Family.code,
        )
        .outerjoin(PaymentTry, PaymentTry.id == BankNotification.try_id)
        .outerjoin(Family, Family.id == PaymentTry.family_id)
        .where(*waiting_alerts())
        .order_by(BankNotification.id)
        .limit(limit)
    )
    return [AlertView(*tuple(row)) for row in rows]


def balance_cents(session: Session, family_id: int) -> int:
    """Return what a family owes (positive) or has in credit (negative): the sum of its ledger."""
    total = session.scalar(
        select(func.sum(LedgerEntry.amount_cents)).where(LedgerEntry.family_id == family_id)
    )
    return int(total or 0)


def paid_invoices(session: Session, payment_id: int) -> list[tuple[str, int]]:
    """Return the invoices that a payment settles: number, and cents."""
    rows = session.execute(
        select(Invoice.number, Allocation.amount_cents)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Allocation.payment_id == payment_id, Allocation.released_at.is_(None))
        .order_by(Invoice.number)
    )
    return [(number, cents) for number, cents in rows]


def credit_cents(session: Session, family_id: int) -> int:
    """Return what the family paid, or was given back, and no invoice needed yet."""
    left = func.sum(Payment.amount_cents - Payment.allocated_cents - Payment.refunded_cents)
    given = func.sum(Invoice.total_cents - Invoice.paid_cents)
    notes = select(given).where(Invoice.family_id == family_id, Invoice.kind == InvoiceKind.CREDIT_NOTE)
    paid = int(session.scalar(select(left).where(Payment.family_id == family_id)) or 0)
    return paid + int(session.scalar(notes) or 0)
