"""Bank transfers: noted by the régisseur as the town's account statement shows them, and undone when noted wrongly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.dates import at_minutes
from domain.errors import Refusal
from domain.payments.operations import receive_payment, require_not_handed_over
from domain.payments.refunds import undo_payment
from models.family import Family
from models.payments import Payment, PaymentMeans

# A statement names a day only: noon is that day in any season.
NOON = 12 * 60


def record_transfer(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    amount_cents: int,
    received_on: date,
    bank_reference: str,
    payer_name: str = "",
    invoice_ids: Sequence[int] = (),
) -> Payment:
    """Note a transfer on the town's account: the chosen invoices first, then the oldest; the rest is credit.

    It counts as paid on the day of the statement, which decides the year of a tax certificate.

    Raises:
        Refusal: ``not_allowed``, ``amount_not_positive``, ``transfer_reference_missing``, ``transfer_in_future``,
            ``family_unknown``, ``invoice_handed_over``; ``transfer_already_noted`` (``number``) for the same sum,
            day and reference of the same family.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    reference = bank_reference.strip()
    if not reference:
        raise Refusal("transfer_reference_missing")
    if received_on > local_day(now):
        raise Refusal("transfer_in_future")
    _lock_family(session, actor, now, family_id)
    require_not_handed_over(session, invoice_ids)
    received_at = min(at_minutes(received_on, NOON), now)
    noted = session.scalars(
        select(Payment).where(
            Payment.family_id == family_id,
            Payment.means == PaymentMeans.TRANSFER,
            Payment.bank_reference == reference,
            Payment.amount_cents == amount_cents,
            Payment.refunded_cents == 0,
        )
    )
    for one in noted:
        if local_day(one.received_at) == received_on:
            raise Refusal("transfer_already_noted", number=one.number)
    payment = Payment(
        family_id=family_id,
        means=PaymentMeans.TRANSFER,
        amount_cents=amount_cents,
        received_at=received_at,
        payer_name=payer_name.strip(),
        bank_reference=reference,
    )
    return receive_payment(session, actor, now, payment, invoice_ids)


def undo_transfer(session: Session, *, actor: Actor, now: datetime, payment_id: int, reason: str) -> None:
    """Undo a transfer noted wrongly: its invoices are due again; both entries stay in the books.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``; ``transfer_undone`` when a part of it was given back already, or
            it is of another means.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not undo_payment(session, actor, now, payment_id, PaymentMeans.TRANSFER, reason):
        raise Refusal("transfer_undone")


def _lock_family(session: Session, actor: Actor, now: datetime, family_id: int) -> None:
    """Take the family's transfers one after the other: the same one sent twice is found by the second."""
    found = session.execute(
        update(Family)
        .where(Family.id == family_id)
        .values(updated_at=now, updated_by=actor.label)
        .returning(Family.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if found is None:
        raise Refusal("family_unknown")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A line of the régisseur's list."""

    payment_id: int
    number: str
    family_id: int
    family_name: str
    amount_cents: int
    received_on: date
    bank_reference: str
    payer_name: str
    is_undone: bool
    is_touched: bool


def recent_transfers(session: Session, limit: int = 50) -> list[Transfer]:
    """Return the transfers noted last."""
    rows = session.execute(
        select(Payment, Family.name)
        .join(Family, Family.id == Payment.family_id)
        .where(Payment.means == PaymentMeans.TRANSFER)
        .order_by(Payment.id.desc())
        .limit(limit)
    )
    return [
        Transfer(
            payment_id=payment.id,
            number=payment.number,
            family_id=payment.family_id,
            family_name=name,
            amount_cents=payment.amount_cents,
            received_on=local_day(payment.received_at),
            bank_reference=payment.bank_reference,
            payer_name=payment.payer_name,
            is_undone=payment.refunded_cents == payment.amount_cents,
            is_touched=payment.refunded_cents > 0,
        )
        for payment, name in rows
    ]
