"""Money given back: written into what it comes from, the ledger and the trail, by whoever has checked that it may be."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.clock import local_day
from domain.errors import Refusal
from domain.numbering import take_numbers
from domain.payments.sharing import release_payment
from models.invoices import Invoice, InvoiceState
from models.payments import LedgerEntry, LedgerKind, Payment, PaymentMeans, Refund

SERIES = "R"


def lock_payment(session: Session, actor: Actor, now: datetime, payment_id: int) -> Payment:
    """Lock a payment before it is read, so that its credit is never both spent and given back."""
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(Payment, payment_id, populate_existing=True)


def lock_invoice(session: Session, actor: Actor, now: datetime, invoice_id: int) -> Invoice:
    """Lock an invoice or a credit note before it is read, for the same reason.

    By an UPDATE, and not by SELECT … FOR UPDATE: SQLite reads that without a lock.
    """
    session.execute(
        update(Invoice)
        .where(Invoice.id == invoice_id)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    return session.get_one(Invoice, invoice_id, populate_existing=True)


def give_back(
    session: Session,
    actor: Actor,
    now: datetime,
    source: Payment | Invoice,
    amount_cents: int,
    means: PaymentMeans,
    reason: str,
    desk_id: int | None = None,
) -> Refund:
    """Number a refund and write it into its source, the ledger and the trail.

    For operations that have locked the source and checked what it has left: nothing is refused here.

    Args:
        source: a payment, or a credit note.
        desk_id: the open desk whose drawer the money leaves, if it does.
    """
    year = local_day(now).year
    refund = Refund(
        number=f"{SERIES}{year}-{take_numbers(session, SERIES, year):06d}",
        family_id=source.family_id,
        payment_id=source.id if isinstance(source, Payment) else None,
        credit_note_id=source.id if isinstance(source, Invoice) else None,
        cash_session_id=desk_id,
        amount_cents=amount_cents,
        means=means,
        refunded_at=now,
        reason=reason.strip(),
    )
    _take_off(source, amount_cents)
    session.add(refund)
    session.flush()
    session.add(
        LedgerEntry(
            at=now,
            by=actor.label,
            family_id=source.family_id,
            kind=LedgerKind.REFUND,
            source_id=refund.id,
            amount_cents=amount_cents,
        )
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="refund_payment",
        subject_kind="refund",
        subject_id=refund.id,
        family_id=source.family_id,
        after={
            "number": refund.number,
            "of": source.number,
            "means": means.value,
            "amount_cents": amount_cents,
            "reason": refund.reason,
        },
    )
    session.flush()
    return refund


def undo_payment(
    session: Session, actor: Actor, now: datetime, payment_id: int, means: PaymentMeans, reason: str
) -> bool:
    """Undo money noted wrongly, whole: its invoices are due again, and both entries stay in the books.

    Returns:
        False, with nothing written, when the payment is of another means or a part of it was given back already.

    Raises:
        Refusal: ``reason_missing``.
    """
    if not reason.strip():
        raise Refusal("reason_missing")
    payment = lock_payment(session, actor, now, payment_id)
    if payment.means is not means or payment.refunded_cents:
        return False
    release_payment(session, now=now, payment=payment)
    give_back(session, actor, now, payment, payment.amount_cents, means, reason)
    return True


def _take_off(source: Payment | Invoice, cents: int) -> None:
    """Note on a source that a part of it is given back; on a credit note, ``paid`` means used."""
    if isinstance(source, Payment):
        source.refunded_cents += cents
        return
    source.paid_cents += cents
    if source.due_cents == 0:
        source.state = InvoiceState.PAID
