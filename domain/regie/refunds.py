"""Money given back: a family's credit refunded, or an entry of the open desk undone."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.payments.refunds import give_back, lock_payment
from domain.payments.rules import VOUCHERS
from domain.payments.sharing import release_payment
from domain.regie import rules
from domain.regie.operations import lock_open_session, session_entries
from models.payments import Payment, PaymentMeans, Refund
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
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("note_missing")
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    desk_id = None
    if means is PaymentMeans.CASH:
        desk_id = lock_open_session(session, actor=actor, now=now)
        _require_cash(session, desk_id, amount_cents)
    payment = lock_payment(session, actor, now, payment_id)
    _require_refundable(payment, means, amount_cents)
    return give_back(session, actor, now, payment, amount_cents, means, reason, desk_id)


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
    if means not in REFUND_MEANS:
        raise Refusal("means_not_for_refund")
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
