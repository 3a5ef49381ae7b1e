"""Money in: a card try opened, payments received, and to which debts money goes."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family
from domain.actor import Actor
from domain.clock import local_day
from domain.errors import Refusal
from domain.invoicing.queries import PAYABLE_STATES
from domain.numbering import take_numbers
from domain.payments.sharing import share_credit_note, share_payment
from models.invoices import Invoice, InvoiceKind, InvoiceState
from models.payments import (
    LedgerEntry,
    LedgerKind,
    Payment,
    PaymentMeans,
    PaymentTry,
    PaymentTryInvoice,
    TryState,
)

SERIES = "P"
# No vowels and no look-alikes: a reference is read out on the telephone, and spells nothing.
REFERENCE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
REFERENCE_LENGTH = 14


def open_try(
    session: Session, *, actor: Actor, now: datetime, family_id: int, invoice_ids: Sequence[int]
) -> PaymentTry:
    """Write a card payment down before the browser leaves: what is due of these invoices.

    Raises:
        Refusal: ``not_your_family``; ``invoice_handed_over`` (``number``); ``nothing_to_pay`` when nothing of them is
            due any more.
    """
    require_family(actor, family_id)
    require_not_handed_over(session, invoice_ids)
    due = session.execute(
        select(Invoice.id, Invoice.total_cents - Invoice.paid_cents).where(
            Invoice.id.in_(invoice_ids),
            Invoice.family_id == family_id,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state.in_(PAYABLE_STATES),
            Invoice.paid_cents < Invoice.total_cents,
        )
    ).all()
    if not due:
        raise Refusal("nothing_to_pay")
    reference = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_LENGTH))
    opened = PaymentTry(
        reference=reference,
        family_id=family_id,
        user_id=actor.user_id,
        amount_cents=sum(cents for _, cents in due),
        state=TryState.CREATED,
        opened_at=now,
    )
    session.add(opened)
    session.flush()
    session.add_all(
        PaymentTryInvoice(try_id=opened.id, invoice_id=invoice_id, amount_cents=cents)
        for invoice_id, cents in due
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="open_card_payment",
        subject_kind="payment_try",
        subject_id=opened.id,
        family_id=family_id,
        after={"reference": reference, "amount_cents": opened.amount_cents},
    )
    session.flush()
    return opened


def require_not_handed_over(session: Session, invoice_ids: Sequence[int]) -> None:
    """Refuse money for an invoice that the Trésor public collects: it would be paid twice.

    Raises:
        Refusal: ``invoice_handed_over`` (``number``).
    """
    number = session.scalar(
        select(Invoice.number)
        .where(Invoice.id.in_(invoice_ids), Invoice.state == InvoiceState.HANDED_OVER)
        .order_by(Invoice.id)
        .limit(1)
    )
    if number is not None:
        raise Refusal("invoice_handed_over", number=number)


def receive_payment(
    session: Session, actor: Actor, now: datetime, payment: Payment, chosen: Sequence[int]
) -> Payment:
    """Number a payment, write it into the ledger and the trail, and share it among debts: the chosen ones first.

    For operations that have checked who may, and what: nothing is refused here. What the Trésor collected settles
    invoices handed over; no other money does. A payment that says when it came keeps that; others come now.
    """
    year = local_day(now).year
    payment.number = f"{SERIES}{year}-{take_numbers(session, SERIES, year):06d}"
    payment.received_at = payment.received_at or now
    payment.allocated_cents = payment.refunded_cents = 0
    session.add(payment)
    session.flush()
    session.add(
        LedgerEntry(
            at=now,
            by=actor.label,
            family_id=payment.family_id,
            kind=LedgerKind.PAYMENT,
            source_id=payment.id,
            amount_cents=-payment.amount_cents,
        )
    )
    share_payment(session, payment, chosen, at_tresor=payment.means is PaymentMeans.TRESOR)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="receive_payment",
        subject_kind="payment",
        subject_id=payment.id,
        family_id=payment.family_id,
        after={"number": payment.number, "means": payment.means.value, "amount_cents": payment.amount_cents},
    )
    session.flush()
    return payment


def allocate_credit(session: Session, *, actor: Actor, now: datetime, family_ids: Sequence[int]) -> int:
    """Let what these families have in credit settle their open invoices; return how many sources it touched.

    The payments are locked before they are read, so that two calls at once never spend the same cent.
    """
    mine = (
        Payment.family_id.in_(family_ids),
        Payment.allocated_cents + Payment.refunded_cents < Payment.amount_cents,
    )
    locked = session.execute(
        update(Payment)
        .where(*mine)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        return _spend_notes(session, actor, now, family_ids)
    payments = session.scalars(
        select(Payment)
        .where(*mine)
        .order_by(Payment.received_at, Payment.id)
        .execution_options(populate_existing=True)
    ).all()
    for payment in payments:
        share_payment(session, payment)
    return len(payments) + _spend_notes(session, actor, now, family_ids)


def _spend_notes(session: Session, actor: Actor, now: datetime, family_ids: Sequence[int]) -> int:
    """Let what credit notes still give settle open invoices; they are locked before they are read, too."""
    mine = (
        Invoice.family_id.in_(family_ids),
        Invoice.kind == InvoiceKind.CREDIT_NOTE,
        Invoice.paid_cents < Invoice.total_cents,
    )
    locked = session.execute(
        update(Invoice)
        .where(*mine)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        return 0
    notes = session.scalars(
        select(Invoice).where(*mine).order_by(Invoice.id).execution_options(populate_existing=True)
    ).all()
    for note in notes:
        share_credit_note(session, note)
    return len(notes)
