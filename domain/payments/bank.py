"""The bank's word on a card payment: believed once, kept for ever, told to the régisseur when it is odd."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.payments import rules
from domain.payments.gateway import Notification
from domain.payments.operations import receive_payment
from models.invoices import Invoice, InvoiceState
from models.payments import (
    Alert,
    Allocation,
    BankNotification,
    NotificationVerdict,
    Payment,
    PaymentMeans,
    PaymentTry,
    PaymentTryInvoice,
    TryState,
)

BANK_TEXT = 40


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a notification.

    Attributes:
        payment: the new payment, when it settled.
        credit_cents: what no invoice of the family needed.
        astray_cents: what the invoices of the try did not need, though others of the family may have.
        is_handed_over: whether one of these was handed over to the Trésor meanwhile.
    """

    verdict: rules.Verdict
    notification: BankNotification
    payment_try: PaymentTry | None = None
    payment: Payment | None = None
    credit_cents: int = 0
    astray_cents: int = 0
    is_handed_over: bool = False


def hear_forgery(session: Session, *, now: datetime, raw: str, source_ip: str, detail: str) -> None:
    """Keep a call that the bank did not sign, or that cannot be read; nothing else changes."""
    _keep(session, now, raw, source_ip, rules.Verdict.FORGED, detail)


def hear_bank(
    session: Session, *, actor: Actor, now: datetime, notice: Notification, source_ip: str
) -> Heard:
    """Act on a signed notification: it alone settles, exactly once, whatever comes again or at once.

    The try's row is locked first, so of twenty calls at the same time nineteen find it settled.
    """
    found = _locked_try(session, actor, now, notice.reference)
    facts = None if found is None else _facts(found)
    said = _notice(notice)
    decision = rules.verdict(said, facts, is_signed=True)
    if decision is rules.Verdict.QUARANTINED and _was_told(session, found, said.transaction):
        decision = rules.Verdict.REPEATED
    kept = _keep(session, now, notice.raw, source_ip, decision, notice.error_code)
    kept.try_id, kept.amount_cents = found.id if found else None, notice.amount_cents
    kept.transaction = said.transaction
    heard = Heard(decision, kept)
    if found is not None:
        _move(found, now, notice, decision)
        session.flush()
        is_money = decision is rules.Verdict.SETTLED
        heard = _settle(session, actor, now, found, kept) if is_money else Heard(decision, kept, found)
    why = rules.alert(decision, said, facts, heard.astray_cents, is_handed_over=heard.is_handed_over)
    if why is not None:
        kept.alert = Alert(why.value)
        _audit(session, actor, now, kept, found)
    session.flush()
    return heard


def handle_alert(session: Session, *, actor: Actor, now: datetime, notification_id: int, note: str) -> None:
    """Write down what the régisseur did about an alert: it leaves the work list, and stays readable.

    Raises:
        Refusal: ``not_allowed``; ``note_missing``; ``alert_already_handled``, also when there is no such alert.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not note.strip():
        raise Refusal("note_missing")
    handled = session.execute(
        update(BankNotification)
        .where(
            BankNotification.id == notification_id,
            BankNotification.alert.is_not(None),
            BankNotification.handled_at.is_(None),
        )
        .values(handled_at=now, handled_by=actor.label, handled_note=note.strip())
        .returning(BankNotification.try_id)
    ).one_or_none()
    if handled is None:
        raise Refusal("alert_already_handled")
    family_id = session.scalar(select(PaymentTry.family_id).where(PaymentTry.id == handled.try_id))
    audit.record(
        session,
        actor=actor,
        now=now,
        action="handle_payment_alert",
        subject_kind="bank_notification",
        subject_id=notification_id,
        family_id=family_id,
        after={"note": note.strip()},
    )
    session.flush()


def _locked_try(session: Session, actor: Actor, now: datetime, reference: str) -> PaymentTry | None:
    session.execute(
        update(PaymentTry)
        .where(PaymentTry.reference == reference)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(
        select(PaymentTry).where(PaymentTry.reference == reference).execution_options(populate_existing=True)
    )


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


def _was_told(session: Session, found: PaymentTry | None, transaction: str) -> bool:
    """Whether the régisseur already has this very transaction to look at."""
    return (
        found is not None
        and session.scalar(
            select(BankNotification.id)
            .where(
                BankNotification.try_id == found.id,
                BankNotification.transaction == transaction,
                BankNotification.verdict == NotificationVerdict.QUARANTINED,
            )
            .limit(1)
        )
        is not None
    )


def _keep(
    session: Session, now: datetime, raw: str, source_ip: str, decision: rules.Verdict, detail: str
) -> BankNotification:
    row = BankNotification(
        received_at=now,
        source_ip=source_ip,
        # PostgreSQL keeps no NUL in a text; a forger may send one.
        raw=raw.replace("\x00", "\\0")[:4000],
        verdict=NotificationVerdict(decision.value),
        detail=detail.replace("\x00", "\\0")[:200],
    )
    session.add(row)
    session.flush()
    return row


def _move(found: PaymentTry, now: datetime, notice: Notification, decision: rules.Verdict) -> None:
    """Bring a try to the state that the bank's word leads to."""
    before = found.state
    found.state = TryState(rules.state_after(rules.TryState(before.value), decision, notice.error_code).value)
    if found.state is before:
        return
    found.error_code = notice.error_code
    found.closed_at = None if found.state is TryState.PENDING else now
    if found.state in (TryState.PAID, TryState.QUARANTINED):
        found.authorisation = notice.authorisation[:BANK_TEXT]
        found.transaction = notice.transaction[:BANK_TEXT]


def _settle(
    session: Session, actor: Actor, now: datetime, found: PaymentTry, kept: BankNotification
) -> Heard:
    chosen = session.scalars(
        select(PaymentTryInvoice.invoice_id)
        .where(PaymentTryInvoice.try_id == found.id)
        .order_by(PaymentTryInvoice.invoice_id)
    ).all()
    payment = receive_payment(
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
    as_meant = session.scalar(
        select(func.coalesce(func.sum(Allocation.amount_cents), 0)).where(
            Allocation.payment_id == payment.id, Allocation.invoice_id.in_(chosen)
        )
    )
    astray = payment.amount_cents - int(as_meant or 0)
    at_tresor = select(Invoice.id).where(Invoice.id.in_(chosen), Invoice.state == InvoiceState.HANDED_OVER)
    is_handed_over = session.scalar(at_tresor.limit(1)) is not None
    return Heard(rules.Verdict.SETTLED, kept, found, payment, payment.credit_cents, astray, is_handed_over)


def _audit(
    session: Session, actor: Actor, now: datetime, kept: BankNotification, found: PaymentTry | None
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action="alert_card_payment",
        subject_kind="bank_notification",
        subject_id=kept.id,
        family_id=found.family_id if found else None,
        after={
            "alert": kept.alert.value if kept.alert else None,
            "amount_cents": kept.amount_cents,
            "reference": found.reference if found else None,
        },
    )
