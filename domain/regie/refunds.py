"""Money given back: a family's credit refunded, or an entry of the open desk undone."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.payments.refunds import give_back, lock_invoice, lock_payment
from domain.payments.rules import VOUCHERS
from domain.payments.sharing import release_payment
from domain.regie import rules
from domain.regie.operations import lock_open_session, session_entries
from models.invoices import Invoice, InvoiceKind
from models.payments import Allocation, Payment, PaymentMeans, Refund
from models.regies import CashSession

REFUND_MEANS = (PaymentMeans.TRANSFER, PaymentMeans.CASH, PaymentMeans.CHEQUE, PaymentMeans.CARD_ONLINE)


def refund_credit(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    payment_id: int,
    amount_cents: int,
    means: PaymentMeans,
    reason: str,
) -> Refund:
    """Give back what no invoice needed of a payment; cash leaves the actor's open drawer.

    Args:
        means: how it is given back: ``card_online`` is a refund made in the bank's own back office.

    Raises:
        Refusal: ``not_allowed``, ``note_missing``, ``amount_not_positive``, ``means_not_for_refund``,
            ``voucher_not_refundable``, ``refund_over_credit``, ``cash_session_not_open``, ``drawer_too_short``.
    """
    desk_id = _prepare(session, actor, now, amount_cents, means, reason)
    payment = lock_payment(session, actor, now, payment_id)
    _require_refundable(payment, means, amount_cents)
    return give_back(session, actor, now, payment, amount_cents, means, reason, desk_id)


def refund_note(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    note_id: int,
    amount_cents: int,
    means: PaymentMeans,
    reason: str,
) -> Refund:
    """Give back what a credit note still gives: a family that leaves has no next invoice to use it on.

    Raises:
        Refusal: ``not_allowed``, ``note_missing``, ``amount_not_positive``, ``means_not_for_refund``,
            ``refund_over_credit`` (what vouchers paid is not given back), ``cash_session_not_open``,
            ``drawer_too_short``.
    """
    desk_id = _prepare(session, actor, now, amount_cents, means, reason)
    if means is PaymentMeans.CARD_ONLINE:
        raise Refusal("means_not_for_refund")
    note = lock_invoice(session, actor, now, note_id)
    left = refundable_cents(session, note)
    if amount_cents > left:
        raise Refusal("refund_over_credit", credit_cents=left)
    return give_back(session, actor, now, note, amount_cents, means, reason, desk_id)


def refundable_cents(session: Session, note: Invoice) -> int:
    """Return what may be given back of a credit note: no more than its invoice was paid by other means than vouchers."""
    if note.kind is not InvoiceKind.CREDIT_NOTE:
        return 0
    vouchers = session.scalar(
        select(func.sum(Allocation.amount_cents))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(
            Allocation.invoice_id == note.corrects_id,
            Allocation.released_at.is_(None),
            Payment.means.in_([PaymentMeans(name) for name in VOUCHERS]),
        )
    )
    paid = session.scalar(select(Invoice.paid_cents).where(Invoice.id == note.corrects_id))
    return max(0, min(note.due_cents, int(paid or 0) - int(vouchers or 0)))


def _prepare(
    session: Session, actor: Actor, now: datetime, amount_cents: int, means: PaymentMeans, reason: str
) -> int | None:
    """Check what holds for every refund; return the open desk when cash leaves its drawer."""
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("note_missing")
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    if means not in REFUND_MEANS:
        raise Refusal("means_not_for_refund")
    if means is not PaymentMeans.CASH:
        return None
    desk_id = lock_open_session(session, actor=actor, now=now)
    _require_cash(session, desk_id, amount_cents)
    return desk_id


def cancel_entry(session: Session, *, actor: Actor, now: datetime, payment_id: int, reason: str) -> Refund:
    """Undo a wrong entry of the actor's open desk: its invoices are due again, its money is given back.

    The entry and its receipt stay: a refund of the same means stands against them.

    Raises:
        Refusal: ``not_allowed``, ``note_missing``, ``cash_session_not_open``, ``cash_session_closed``,
            ``entry_of_other_session``,
            ``entry_already_refunded``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("note_missing")
    desk_id = lock_open_session(session, actor=actor, now=now)
    payment = lock_payment(session, actor, now, payment_id)
    if payment.cash_session_id != desk_id:
        desk = session.get(CashSession, payment.cash_session_id)
        rules.require_open(desk.closed_at if desk else payment.received_at)
        raise Refusal("entry_of_other_session")
    if payment.refunded_cents:
        raise Refusal("entry_already_refunded")
    release_payment(session, now=now, payment=payment)
    return give_back(session, actor, now, payment, payment.amount_cents, payment.means, reason, desk_id)


def _require_refundable(payment: Payment, means: PaymentMeans, amount_cents: int) -> None:
    if means is PaymentMeans.CARD_ONLINE and payment.means is not PaymentMeans.CARD_ONLINE:
        raise Refusal("means_not_for_refund")
    if payment.means in VOUCHERS:
        raise Refusal("voucher_not_refundable")
    if amount_cents > payment.credit_cents:
        raise Refusal("refund_over_credit", credit_cents=payment.credit_cents)


def _require_cash(session: Session, desk_id: int, amount_cents: int) -> None:
    """Refuse to hand out more than the desk took in cash: its float belongs to the Trésor."""
    taken = rules.totals(session_entries(session, desk_id)).get(rules.CASH, 0)
    if amount_cents > taken:
        raise Refusal("drawer_too_short", taken_cents=taken)
