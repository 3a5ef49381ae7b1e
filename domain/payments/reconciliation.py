"""The bank's statement against our card payments, on the days that the statement covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.dates import at
from domain.payments.reconciliation_rules import BankLine, Difference, OurPayment, compare
from models.payments import Payment, PaymentMeans, PaymentTry

# A payment of the last minutes of a day may stand on the statement of the next.
MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Report:
    """What a comparison found, and both sums, in cents."""

    first_day: date
    last_day: date
    line_count: int
    bank_cents: int
    ours_cents: int
    differences: tuple[Difference, ...]

    @property
    def is_right(self) -> bool:
        """Whether both books agree."""
        return not self.differences


def reconcile(session: Session, *, actor: Actor, now: datetime, lines: Sequence[BankLine]) -> Report:
    """Compare a statement with the card payments of its days; nothing changes but the trail.

    A line is looked for a day before and after too; only payments of the statement's own days are missed there.

    Raises:
        Refusal: ``not_allowed``.
        ValueError: the statement has no line.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    first, last = min(line.day for line in lines), max(line.day for line in lines)
    payments = _payments(session, first - MARGIN, last + MARGIN, lines)
    within = [payment for payment in payments if first <= payment.day <= last]
    differences = tuple(
        one
        for one in compare(lines, payments)
        if one.bank is not None or (one.ours is not None and first <= one.ours.day <= last)
    )
    report = Report(
        first_day=first,
        last_day=last,
        line_count=len(lines),
        bank_cents=sum(line.amount_cents for line in lines),
        ours_cents=sum(payment.amount_cents for payment in within),
        differences=differences,
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="reconcile_bank",
        subject_kind="bank_statement",
        subject_id=None,
        after={
            "from": first.isoformat(),
            "to": last.isoformat(),
            "lines": report.line_count,
            "bank_cents": report.bank_cents,
            "ours_cents": report.ours_cents,
            "differences": len(differences),
        },
    )
    session.flush()
    return report


def _payments(session: Session, first: date, last: date, lines: Sequence[BankLine]) -> list[OurPayment]:
    """Return the card payments of some days, and those that the statement names whatever their day."""
    named = {line.reference for line in lines if line.reference}
    rows = session.execute(
        select(
            Payment.id,
            Payment.number,
            Payment.received_at,
            PaymentTry.reference,
            PaymentTry.transaction,
            Payment.amount_cents,
        )
        .join(PaymentTry, PaymentTry.id == Payment.try_id)
        .where(
            Payment.means == PaymentMeans.CARD_ONLINE,
            or_(
                (Payment.received_at >= at(first, time(0)))
                & (Payment.received_at < at(last + timedelta(days=1), time(0))),
                PaymentTry.reference.in_(named),
            ),
        )
        .order_by(Payment.id)
    )
    return [
        OurPayment(payment_id, number, local_day(received_at), reference, transaction, cents)
        for payment_id, number, received_at, reference, transaction, cents in rows
    ]
