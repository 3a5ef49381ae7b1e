"""Money in: to which debts a payment goes, and what a bank's notification means. Pure.

Only a notification that the bank signed, for a try that we know, of its amount and currency, is money. What is
paid but is not right is never settled and never lost: it waits for the régisseur.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.errors import Refusal

# What the bank calls these answers; every other code is a refusal.
PAID, CANCELLED_BY_PAYER, ALREADY_PAID, TIMED_OUT, PENDING = "00000", "00001", "00015", "00030", "99999"
SILENCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Debt:
    """An invoice with something left to pay."""

    invoice_id: int
    due_cents: int
    due_on: date | None
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment that settles an invoice."""

    invoice_id: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Where a payment goes; what is left is the family's credit."""

    shares: tuple[Share, ...]
    credit_cents: int


def allocate(amount_cents: int, debts: Iterable[Debt], chosen: Sequence[int] = ()) -> Shares:
    """Share a payment: the chosen invoices first, in their order, then the oldest debts; the rest is credit.

    Raises:
        ValueError: the amount is not positive.
    """
    if amount_cents <= 0:
        raise ValueError("a payment is of one cent or more")
    wanted = {invoice_id: place for place, invoice_id in enumerate(chosen)}
    ordered = sorted(
        debts,
        key=lambda debt: (
            wanted.get(debt.invoice_id, len(wanted)),
            debt.due_on or date.max,
            debt.issued_at,
            debt.invoice_id,
        ),
    )
    shares, left = [], amount_cents
    for debt in ordered:
        part = min(left, debt.due_cents)
        if part > 0:
            shares.append(Share(debt.invoice_id, part))
            left -= part
    return Shares(tuple(shares), left)


class TryState(StrEnum):
    """Where a card payment try stands; the same names as the table's."""

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"


OPEN_STATES = frozenset({TryState.CREATED, TryState.PENDING, TryState.REFUSED, TryState.CANCELLED})


class Verdict(StrEnum):
    """What the portal makes of a notification; the same names as the table's."""

    SETTLED = "settled"
    REFUSED = "refused"
    PENDING = "pending"
    REPEATED = "repeated"
    FORGED = "forged"
    UNKNOWN = "unknown"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class TryFacts:
    """What our row says of the try that a notification names; ``transaction`` once the bank told it."""

    state: TryState
    amount_cents: int
    currency: str
    transaction: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notification says, once read; ``currency`` is None when the bank did not tell it."""

    error_code: str
    amount_cents: int | None
    currency: str | None
    authorisation: str
    transaction: str = ""


def verdict(notice: Notice, row: TryFacts | None, *, is_signed: bool) -> Verdict:
    """Decide what a notification changes: signature first, then reference, then amount and currency.

    A refused or cancelled try can still be paid, since the bank tells every change of state; a paid one never
    changes again. A second payment under the same reference is told to the régisseur.
    """
    if not is_signed:
        return Verdict.FORGED
    if row is None:
        return Verdict.UNKNOWN
    if notice.error_code == PAID:
        return _of_paid(notice, row)
    if row.state in (TryState.CREATED, TryState.PENDING) and notice.error_code not in (PENDING, ALREADY_PAID):
        return Verdict.REFUSED
    # "Already paid": the notification of that payment is what will settle it.
    return Verdict.PENDING if row.state is TryState.CREATED else Verdict.REPEATED


def _of_paid(notice: Notice, row: TryFacts) -> Verdict:
    """A payment without authorisation, or of another amount, is never settled by the program."""
    is_right = (
        notice.amount_cents == row.amount_cents
        and notice.currency in (None, row.currency)
        and bool(notice.authorisation)
    )
    is_same = "" in (notice.transaction, row.transaction) or notice.transaction == row.transaction
    match row.state:
        case TryState.PAID:
            return Verdict.REPEATED if is_right and is_same else Verdict.QUARANTINED
        case TryState.QUARANTINED:
            return Verdict.REPEATED if is_same else Verdict.QUARANTINED
        case _:
            return Verdict.SETTLED if is_right else Verdict.QUARANTINED


class Alert(StrEnum):
    """Why the régisseur has to look at money that came; the same names as the table's."""

    OTHER_AMOUNT = "other_amount"
    SECOND_PAYMENT = "second_payment"
    UNKNOWN_REFERENCE = "unknown_reference"
    ALREADY_SETTLED = "already_settled"
    HANDED_OVER = "handed_over"


def alert(
    decision: Verdict,
    notice: Notice,
    row: TryFacts | None,
    astray_cents: int = 0,
    *,
    is_handed_over: bool = False,
) -> Alert | None:
    """Return what the régisseur has to know of a notification, if anything.

    Args:
        decision: the verdict on it.
        notice: what it says.
        row: the try as it was before it.
        astray_cents: what the invoices of the try did not need, because they were paid in another way meanwhile.
        is_handed_over: whether one of these is the Trésor's to collect by now.
    """
    match decision:
        case Verdict.QUARANTINED if row is not None and row.state in (TryState.PAID, TryState.QUARANTINED):
            return Alert.SECOND_PAYMENT
        case Verdict.QUARANTINED:
            return Alert.OTHER_AMOUNT
        case Verdict.UNKNOWN if notice.error_code == PAID:
            return Alert.UNKNOWN_REFERENCE
        case Verdict.SETTLED if astray_cents > 0:
            return Alert.HANDED_OVER if is_handed_over else Alert.ALREADY_SETTLED
    return None


def state_after(state: TryState, decision: Verdict, error_code: str) -> TryState:
    """Return where a try stands after a verdict; a paid or quarantined one never moves."""
    if state not in OPEN_STATES:
        return state
    match decision:
        case Verdict.SETTLED:
            return TryState.PAID
        case Verdict.QUARANTINED:
            return TryState.QUARANTINED
        case Verdict.PENDING:
            return TryState.PENDING
        case Verdict.REFUSED:
            return closed_state(error_code)
        case Verdict.REPEATED | Verdict.FORGED | Verdict.UNKNOWN:
            return state


def closed_state(error_code: str) -> TryState:
    """Return the state of a try that the bank did not accept; time runs out on who has left the page."""
    return TryState.CANCELLED if error_code in (CANCELLED_BY_PAYER, TIMED_OUT) else TryState.REFUSED


def is_silent(state: TryState, opened_at: datetime, now: datetime) -> bool:
    """Whether the bank should have answered by now: the try shows as unknown, and blocks nothing."""
    return state in (TryState.CREATED, TryState.PENDING) and now - opened_at >= SILENCE


VOUCHERS = frozenset({"cesu", "ancv"})
SIX_YEARS = 6
_CARE = frozenset({"morning_childcare", "evening_childcare", "supervised_study"})
_LEISURE = frozenset({"evening_leisure", "wednesday_leisure", "holiday_leisure"})


@dataclass(frozen=True, slots=True)
class Payable:
    """A part of a debt, as far as the means that may settle it go.

    Attributes:
        kind: the activity's kind, named as in the table of activities.
        is_under_six: whether the child was under six on the day of the activity.
    """

    kind: str
    is_under_six: bool
    amount_cents: int


def may_settle(means: str, kind: str, *, is_under_six: bool) -> bool:
    """Whether a means of payment may settle an activity.

    CESU: childcare and supervised study, leisure centres only under six, never meals. ANCV: leisure centres
    only. Every other means settles everything.
    """
    match means:
        case "cesu":
            return kind in _CARE or (kind in _LEISURE and is_under_six)
        case "ancv":
            return kind in _LEISURE
        case _:
            return True


def voucher_room(
    means: str, items: Iterable[Payable], *, discount_cents: int = 0, used_cents: int = 0
) -> int:
    """Return what a means of payment may settle of an invoice, in cents.

    Args:
        items: the invoice's services, before its discounts.
        discount_cents: the discounts of the invoice, which take their share of each item; rounded against vouchers.
        used_cents: what this means has settled of it already.
    """
    items = list(items)
    gross = sum(item.amount_cents for item in items)
    allowed = sum(
        item.amount_cents for item in items if may_settle(means, item.kind, is_under_six=item.is_under_six)
    )
    taken_off = -(-discount_cents * allowed // gross) if gross else 0
    return max(0, allowed - taken_off - used_cents)


def require_means(means: str, amount_cents: int, limit_cents: int) -> None:
    """Refuse vouchers beyond what they may settle: they leave no credit.

    Args:
        limit_cents: the sum of the family's ``voucher_room``, as far as its invoices are due.

    Raises:
        Refusal: ``means_not_accepted``, with what the means may settle of these debts.
    """
    if means in VOUCHERS and amount_cents > limit_cents:
        raise Refusal("means_not_accepted", means=means, limit_cents=limit_cents)
