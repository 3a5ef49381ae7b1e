"""The desk: opened with a float, money taken against a receipt, counted, closed, handed over."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.numbering import take_numbers
from domain.payments.operations import receive_payment, require_not_handed_over
from domain.payments.rules import VOUCHERS, require_means
from domain.payments.vouchers import voucher_limit
from domain.regie import rules
from models.family import Family
from models.payments import Payment, PaymentMeans, Refund
from models.regies import CashSession, DepositSlip

SLIPS = "BV"
DESK_MEANS = (
    PaymentMeans.CASH,
    PaymentMeans.CHEQUE,
    PaymentMeans.CARD_DESK,
    PaymentMeans.CESU,
    PaymentMeans.ANCV,
)


def open_cash_session(
    session: Session, *, actor: Actor, now: datetime, cashier_name: str, float_cents: int
) -> CashSession:
    """Open the actor's desk with what is in the drawer.

    Raises:
        Refusal: ``not_allowed``, ``float_negative``, ``cash_session_already_open``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if float_cents < 0:
        raise Refusal("float_negative")
    opened = CashSession(
        opened_at=now, opened_by=actor.label, cashier_name=cashier_name, float_cents=float_cents
    )
    try:
        with session.begin_nested():
            session.add(opened)
    except IntegrityError as error:
        raise Refusal("cash_session_already_open") from error
    _audit(session, actor, now, "open_cash_session", opened, {"float_cents": float_cents})
    return opened


def take_payment(
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
    """Cash money in the actor's open desk: the chosen invoices first, then the oldest; the rest is credit.

    Args:
        bank_reference: the number of a cheque and its bank, or of a card's ticket.

    Raises:
        Refusal: ``not_allowed``, ``amount_not_positive``, ``means_not_for_desk``, ``cheque_number_missing``,
            ``family_unknown``, ``invoice_handed_over``, ``cash_session_not_open``, ``means_not_accepted``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    if means not in DESK_MEANS:
        raise Refusal("means_not_for_desk")
    if means is PaymentMeans.CHEQUE and not bank_reference.strip():
        raise Refusal("cheque_number_missing")
    if session.get(Family, family_id) is None:
        raise Refusal("family_unknown")
    require_not_handed_over(session, invoice_ids)
    desk_id = lock_open_session(session, actor=actor, now=now)
    if means in VOUCHERS:
        require_means(means.value, amount_cents, voucher_limit(session, means, family_id))
    payment = Payment(
        family_id=family_id,
        means=means,
        amount_cents=amount_cents,
        cash_session_id=desk_id,
        payer_name=payer_name.strip(),
        bank_reference=bank_reference.strip(),
    )
    return receive_payment(session, actor, now, payment, invoice_ids)


def lock_open_session(session: Session, *, actor: Actor, now: datetime) -> int:
    """Lock the actor's open desk until the transaction ends, so that it cannot close under an entry; return it.

    Raises:
        Refusal: ``cash_session_not_open``.
    """
    found = session.execute(
        update(CashSession)
        .where(CashSession.opened_by == actor.label, CashSession.closed_at.is_(None))
        .values(updated_at=now, updated_by=actor.label)
        .returning(CashSession.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if found is None:
        raise Refusal("cash_session_not_open")
    return found


def close_cash_session(
    session: Session, *, actor: Actor, now: datetime, pieces: Mapping[int, int], note: str
) -> CashSession:
    """Count the actor's drawer, close the desk for good, and write a deposit slip for each means.

    Args:
        pieces: how many notes and coins there are of each face value, in cents.
        note: why the drawer differs from what it should hold; needed when it does.

    Raises:
        Refusal: ``not_allowed``, ``cash_session_not_open``, ``cash_difference_unexplained``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    desk_id = lock_open_session(session, actor=actor, now=now)
    desk = session.get_one(CashSession, desk_id, populate_existing=True)
    entries = session_entries(session, desk_id)
    count = rules.count_drawer(desk.float_cents, entries, rules.counted_cents(pieces))
    rules.require_explained(count, note)
    desk.closed_at, desk.counted_cents, desk.difference_note = now, count.counted_cents, note.strip()
    year = local_day(now).year
    for means, amount in rules.deposit_slips(entries).items():
        number = f"{SLIPS}{year}-{take_numbers(session, SLIPS, year):06d}"
        session.add(
            DepositSlip(
                number=number, cash_session_id=desk_id, means=PaymentMeans(means), amount_cents=amount
            )
        )
    facts = {"counted_cents": count.counted_cents, "expected_cents": count.expected_cents}
    _audit(session, actor, now, "close_cash_session", desk, facts | {"note": desk.difference_note})
    return desk


def session_entries(session: Session, desk_id: int) -> list[rules.Entry]:
    """Return what each means brought into a desk, and what was given back from it, as negative sums."""
    taken = select(Payment.means, func.sum(Payment.amount_cents)).where(Payment.cash_session_id == desk_id)
    given = select(Refund.means, -func.sum(Refund.amount_cents)).where(Refund.cash_session_id == desk_id)
    return [
        rules.Entry(means.value, int(cents))
        for statement in (taken.group_by(Payment.means), given.group_by(Refund.means))
        for means, cents in session.execute(statement)
    ]


def _audit(
    session: Session, actor: Actor, now: datetime, action: str, desk: CashSession, after: dict[str, object]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="cash_session",
        subject_id=desk.id,
        after=after,
    )
    session.flush()
