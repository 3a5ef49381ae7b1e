"""Money that a test lets a family have paid, by any means, without a desk or a bank."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.payments.operations import receive_payment
from models.payments import Payment, PaymentMeans


def take_money(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    means: PaymentMeans,
    amount_cents: int,
    invoice_ids: Sequence[int] = (),
    payer_name: str = "",
    bank_reference: str = "",
) -> Payment:
    """Write a payment as every operation does, and share it among the family's debts."""
    payment = Payment(
        family_id=family_id,
        means=means,
        amount_cents=amount_cents,
        payer_name=payer_name,
        bank_reference=bank_reference,
    )
    return receive_payment(session, actor, now, payment, invoice_ids)
