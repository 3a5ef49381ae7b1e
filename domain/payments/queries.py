"""What screens read of payments."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.payments import rules
from models.invoices import Invoice
from models.payments import Allocation, LedgerEntry, Payment, PaymentTry


@dataclass(frozen=True, slots=True)
class TryView:
    """A card payment as its payer sees it; ``is_silent`` when the bank should have answered by now."""

    reference: str
    family_id: int
    amount_cents: int
    state: str
    is_silent: bool
    error_code: str


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
    """Return what the family paid and no invoice needed yet."""
    left = func.sum(Payment.amount_cents - Payment.allocated_cents)
    return int(session.scalar(select(left).where(Payment.family_id == family_id)) or 0)
