"""Money given back: written into the payment, the ledger and the trail, by whoever has checked that it may be."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.clock import local_day
from domain.numbering import take_numbers
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


def give_back(
    session: Session,
    actor: Actor,
    now: datetime,
    payment: Payment,
    amount_cents: int,
    means: PaymentMeans,
    reason: str,
    desk_id: int | None = None,
) -> Refund:
    """Number a refund and write it into the payment, the ledger and the trail.

    For operations that have locked the payment and checked its credit: nothing is refused here.

    Args:
        desk_id: the open desk whose drawer the money leaves, if it does.
    """
    year = local_day(now).year
    refund = Refund(
        number=f"{SERIES}{year}-{take_numbers(session, SERIES, year):06d}",
        family_id=payment.family_id,
        payment_id=payment.id,
        cash_session_id=desk_id,
        amount_cents=amount_cents,
        means=means,
        refunded_at=now,
        reason=reason.strip(),
    )
    payment.refunded_cents += amount_cents
    session.add(refund)
    session.flush()
    session.add(
        LedgerEntry(
            at=now,
            by=actor.label,
            family_id=payment.family_id,
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
        family_id=payment.family_id,
        after={
            "number": refund.number,
            "payment": payment.number,
            "means": means.value,
            "amount_cents": amount_cents,
            "reason": refund.reason,
        },
    )
    session.flush()
    return refund
