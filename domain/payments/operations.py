"""Money in: a card try opened, the bank's word on it, desk payments, and to which debts money goes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.invoicing.queries import OPEN_STATES
from domain.numbering import take_numbers
from domain.payments import rules
from domain.payments.gateway import Notification
from models.invoices import Invoice, InvoiceKind, InvoiceState
from models.payments import (
    Allocation,
    BankNotification,
    LedgerEntry,
    LedgerKind,
    NotificationVerdict,
    Payment,
    PaymentMeans,
    PaymentTry,
    PaymentTryInvoice,
    TryState,
)

SERIES = "P"
BANK_TEXT = 40
# No vowels and no look-alikes: a reference is read out on the telephone, and spells nothing.
REFERENCE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"
REFERENCE_LENGTH = 14


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a notification; ``payment`` is new, ``credit_cents`` is what no invoice needed."""

    verdict: rules.Verdict
    payment_try: PaymentTry | None = None
    payment: Payment | None = None
    credit_cents: int = 0


def open_try(
    session: Session, *, actor: Actor, now: datetime, family_id: int, invoice_ids: Sequence[int]
) -> PaymentTry:
    """Write a card payment down before the browser leaves: what is due of these invoices.

    Raises:
        Refusal: ``not_your_family``; ``nothing_to_pay`` when nothing of them is due any more.
    """
    require_family(actor, family_id)
    due = session.execute(
        select(Invoice.id, Invoice.total_cents - Invoice.paid_cents).where(
            Invoice.id.in_(invoice_ids),
            Invoice.family_id == family_id,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state.in_(OPEN_STATES),
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


def hear_forgery(session: Session, *, now: datetime, raw: str, source_ip: str, detail: str) -> None:
    """Keep a call that the bank did not sign, or that cannot be read; nothing else changes."""
    _keep(session, now, raw, source_ip, None, rules.Verdict.FORGED, detail)


def hear_bank(
    session: Session, *, actor: Actor, now: datetime, notice: Notification, source_ip: str
) -> Heard:
    """Act on a signed notification: it alone settles, exactly once, whatever comes again or at once.

    The try's row is locked first, so of twenty calls at the same time nineteen find it settled.
    """
    session.execute(
        update(PaymentTry)
        .where(PaymentTry.reference == notice.reference)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    found = session.scalar(
        select(PaymentTry)
        .where(PaymentTry.reference == notice.reference)
        .execution_options(populate_existing=True)
    )
    facts = None if found is None else _facts(found)
    decision = rules.verdict(_notice(notice), facts, is_signed=True)
    _keep(session, now, notice.raw, source_ip, found, decision, notice.error_code)
    if found is None:
        return Heard(decision)
    before = found.state
    found.state = TryState(rules.state_after(rules.TryState(before.value), decision, notice.error_code).value)
    if found.state is not before:
        found.error_code = notice.error_code
        found.closed_at = None if found.state is TryState.PENDING else now
    if decision is rules.Verdict.SETTLED or (
        decision is rules.Verdict.QUARANTINED and before is not TryState.PAID
    ):
        found.authorisation = notice.authorisation[:BANK_TEXT]
        found.transaction = notice.transaction[:BANK_TEXT]
    session.flush()
    if decision is rules.Verdict.SETTLED:
        return _settle(session, actor, now, found)
    if decision is rules.Verdict.QUARANTINED:
        _audit_try(session, actor, now, found, "quarantine_card_payment")
    return Heard(decision, found)


def _facts(found: PaymentTry) -> rules.TryFacts:
    return rules.TryFacts(
        rules.TryState(found.state.value), found.amount_cents, found.currency, found.transaction
    )


def _notice(notice: Notification) -> rules.Notice:
    return rules.Notice(
        notice.error_code,
        notice.amount_cents,
        notice.currency,
        notice.authorisation,
        notice.transaction[:BANK_TEXT],
    )


def _keep(
    session: Session,
    now: datetime,
    raw: str,
    source_ip: str,
    found: PaymentTry | None,
    decision: rules.Verdict,
    detail: str,
) -> None:
    session.add(
        BankNotification(
            received_at=now,
            source_ip=source_ip,
            # PostgreSQL keeps no NUL in a text; a forger may send one.
            raw=raw.replace("\x00", "\\0")[:4000],
            try_id=found.id if found else None,
            verdict=NotificationVerdict(decision.value),
            detail=detail.replace("\x00", "\\0")[:200],
        )
    )
    session.flush()


def _settle(session: Session, actor: Actor, now: datetime, found: PaymentTry) -> Heard:
    chosen = session.scalars(
        select(PaymentTryInvoice.invoice_id)
        .where(PaymentTryInvoice.try_id == found.id)
        .order_by(PaymentTryInvoice.invoice_id)
    ).all()
    payment = _receive(
        session,
        actor,
        now,
        Payment(
            family_id=found.family_id,
            means=PaymentMeans.CARD_ONLINE,
            amount_cents=found.amount_cents,
            try_id=found.id,
            bank_reference=f"{found.transaction} {found.authorisation}".strip(),
        ),
        chosen,
    )
    if payment.credit_cents:
        _audit_try(session, actor, now, found, "card_payment_over_debt")
    return Heard(rules.Verdict.SETTLED, found, payment, payment.credit_cents)


def record_desk_payment(
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
    """Cash money at the desk: the chosen invoices first, then the oldest; what is left is the family's credit.

    Raises:
        Refusal: ``not_allowed``, ``amount_not_positive``, ``means_not_for_desk``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    if means is PaymentMeans.CARD_ONLINE:
        raise Refusal("means_not_for_desk")
    payment = Payment(
        family_id=family_id,
        means=means,
        amount_cents=amount_cents,
        payer_name=payer_name,
        bank_reference=bank_reference,
    )
    return _receive(session, actor, now, payment, invoice_ids)


def _receive(
    session: Session, actor: Actor, now: datetime, payment: Payment, chosen: Sequence[int]
) -> Payment:
    """Number a payment, write it into the ledger and the trail, and share it among debts."""
    year = local_day(now).year
    payment.number = f"{SERIES}{year}-{take_numbers(session, SERIES, year):06d}"
    payment.received_at = now
    payment.allocated_cents = 0
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
    _share(session, now, payment, chosen)
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


def _share(session: Session, now: datetime, payment: Payment, chosen: Sequence[int]) -> None:
    """Allocate what a payment has left to its family's open invoices, which are locked first."""
    left = payment.amount_cents - payment.allocated_cents
    if left <= 0:
        return
    invoices = {
        row.id: row
        for row in session.scalars(
            select(Invoice)
            .where(
                Invoice.family_id == payment.family_id,
                Invoice.kind == InvoiceKind.INVOICE,
                Invoice.state.in_(OPEN_STATES),
            )
            .order_by(Invoice.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    debts = [
        rules.Debt(row.id, row.due_cents, row.due_on, row.issued_at)
        for row in invoices.values()
        if row.due_cents
    ]
    for share in rules.allocate(left, debts, chosen).shares:
        invoice = invoices[share.invoice_id]
        invoice.paid_cents += share.amount_cents
        if invoice.due_cents == 0:
            invoice.state = InvoiceState.PAID
        elif invoice.state is InvoiceState.ISSUED:
            invoice.state = InvoiceState.PARTLY_PAID
        payment.allocated_cents += share.amount_cents
        session.add(Allocation(payment_id=payment.id, invoice_id=invoice.id, amount_cents=share.amount_cents))
    session.flush()


def allocate_credit(session: Session, *, actor: Actor, now: datetime, family_ids: Sequence[int]) -> int:
    """Let what these families paid too much settle their open invoices; return how many payments it touched.

    The payments are locked before they are read, so that two calls at once never spend the same cent.
    """
    mine = (Payment.family_id.in_(family_ids), Payment.allocated_cents < Payment.amount_cents)
    locked = session.execute(
        update(Payment)
        .where(*mine)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        return 0
    payments = session.scalars(
        select(Payment)
        .where(*mine)
        .order_by(Payment.received_at, Payment.id)
        .execution_options(populate_existing=True)
    ).all()
    for payment in payments:
        _share(session, now, payment, ())
    return len(payments)


def _audit_try(session: Session, actor: Actor, now: datetime, found: PaymentTry, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="payment_try",
        subject_id=found.id,
        family_id=found.family_id,
        after={"reference": found.reference, "amount_cents": found.amount_cents},
    )
