"""What the bank returns: a rejected or returned debit is no money, and its invoice is due again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.direct_debits.rules import ends_mandate
from domain.errors import Refusal
from domain.payments.refunds import give_back, lock_payment
from domain.payments.sharing import release_payment
from models.direct_debits import DebitBatch, DebitState, DirectDebit, SepaMandate
from models.payments import PaymentMeans

RETURNABLE = (DebitState.SENT, DebitState.COLLECTED)


@dataclass(frozen=True, slots=True)
class BankReturn:
    """A debit that the bank gives back, or all debits of a file (``end_to_end_id`` is then empty).

    Attributes:
        message_id: the file, when the bank names it.
        amount_cents: when the bank tells it.
        day: when the bank tells it.
    """

    end_to_end_id: str
    message_id: str
    reason_code: str
    amount_cents: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """A debit that is returned now; ``mandate_ended`` when its mandate went with it."""

    debit: DirectDebit
    mandate_ended: bool


class Unused(StrEnum):
    """Why a return changed nothing."""

    UNKNOWN = "unknown"
    ALREADY_KNOWN = "already_known"
    OTHER_AMOUNT = "other_amount"
    ALREADY_REFUNDED = "already_refunded"


@dataclass(slots=True)
class ReturnsReport:
    """What was made of the bank's file."""

    returned: list[Returned] = field(default_factory=list)
    unused: list[tuple[BankReturn, Unused]] = field(default_factory=list)


def return_debit(
    session: Session, *, actor: Actor, now: datetime, debit_id: int, reason_code: str, on: date | None = None
) -> Returned:
    """Take note that the bank gave a debit back; what it had paid is due again.

    Args:
        reason_code: four signs of the bank's list, e.g. ``AM04``.
        on: the bank's day; today by default.

    Raises:
        Refusal: ``not_allowed``, ``debit_not_sent`` (also when it is returned already), ``debit_already_refunded``:
            its money was given back to the family in another way.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    debit = _lock(session, actor, now, debit_id)
    if debit.payment_id is not None:
        _undo_payment(session, actor, now, debit.payment_id, reason_code)
    debit.state, debit.reason_code, debit.returned_on = DebitState.RETURNED, reason_code, on or local_day(now)
    is_ended = _end_mandate(session, debit, local_day(now))
    audit.record(
        session,
        actor=actor,
        now=now,
        action="return_debit",
        subject_kind="direct_debit",
        subject_id=debit.id,
        family_id=debit.family_id,
        after={
            "end_to_end_id": debit.end_to_end_id,
            "amount_cents": debit.amount_cents,
            "reason": reason_code,
            "mandate_ended": is_ended,
        },
    )
    session.flush()
    return Returned(debit, is_ended)


def _lock(session: Session, actor: Actor, now: datetime, debit_id: int) -> DirectDebit:
    locked = session.execute(
        update(DirectDebit)
        .where(DirectDebit.id == debit_id, DirectDebit.state.in_(RETURNABLE))
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("debit_not_sent")
    return session.get_one(DirectDebit, debit_id, populate_existing=True)


def _undo_payment(session: Session, actor: Actor, now: datetime, payment_id: int, reason_code: str) -> None:
    """Take a payment off its invoices, and write that its money went back to the bank."""
    payment = lock_payment(session, actor, now, payment_id)
    if payment.refunded_cents:
        raise Refusal("debit_already_refunded", number=payment.number)
    release_payment(session, now=now, payment=payment)
    reason = f"Prélèvement rejeté ({reason_code})"
    give_back(session, actor, now, payment, payment.amount_cents, PaymentMeans.DIRECT_DEBIT, reason)


def _end_mandate(session: Session, debit: DirectDebit, today: date) -> bool:
    """End the mandate when the reason says that it can serve no more."""
    mandate = session.get_one(SepaMandate, debit.mandate_id)
    if mandate.revoked_on is not None or not ends_mandate(debit.reason_code):
        return False
    mandate.revoked_on = today
    mandate.revoked_reason = f"Prélèvement rejeté ({debit.reason_code})"
    return True


def import_returns(
    session: Session, *, actor: Actor, now: datetime, returns: Sequence[BankReturn]
) -> ReturnsReport:
    """Apply the bank's file: each return that is ours, of its amount and new; the others are reported.

    The same file twice changes nothing the second time.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    report = ReturnsReport()
    for one in each_return(session, returns):
        debit = session.scalars(
            select(DirectDebit).where(DirectDebit.end_to_end_id == one.end_to_end_id)
        ).first()
        if debit is None:
            report.unused.append((one, Unused.UNKNOWN))
        else:
            _apply(session, actor, now, one, debit, report)
    return report


def each_return(session: Session, returns: Iterable[BankReturn]) -> list[BankReturn]:
    """Return the same, with the debits of a file that is returned whole one by one; a file not ours stays as it is."""
    found: list[BankReturn] = []
    for one in returns:
        debits = [] if one.end_to_end_id else _debits_of_file(session, one.message_id)
        found += [replace(one, end_to_end_id=name) for name in debits] or [one]
    return found


def _debits_of_file(session: Session, message_id: str) -> Sequence[str]:
    return session.scalars(
        select(DirectDebit.end_to_end_id)
        .join(DebitBatch, DebitBatch.id == DirectDebit.batch_id)
        .where(
            DebitBatch.message_id == message_id,
            DebitBatch.message_id != "",
            DirectDebit.state != DebitState.WITHDRAWN,
        )
        .order_by(DirectDebit.id)
    ).all()


def _apply(
    session: Session, actor: Actor, now: datetime, one: BankReturn, debit: DirectDebit, report: ReturnsReport
) -> None:
    if one.amount_cents not in (None, debit.amount_cents):
        report.unused.append((one, Unused.OTHER_AMOUNT))
        return
    try:
        returned = return_debit(
            session, actor=actor, now=now, debit_id=debit.id, reason_code=one.reason_code, on=one.day
        )
    except Refusal as refusal:
        known = {"debit_not_sent": Unused.ALREADY_KNOWN, "debit_already_refunded": Unused.ALREADY_REFUNDED}
        report.unused.append((one, known[refusal.code]))
        return
    report.returned.append(returned)
