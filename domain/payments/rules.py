"""Money in: to which debts a payment goes, and what a bank's notification means. Pure.

Sources: DOMAIN.md §8 and PAYMENTS.md of the handbook, kept for maintainers in docs/payments.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

PAID, CANCELLED_BY_PAYER, PENDING = "00000", "00001", "99999"
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
    """What our row says of the try that a notification names."""

    state: TryState
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notification says, once read; ``currency`` is None when the bank did not tell it."""

    error_code: str
    amount_cents: int | None
    currency: str | None
    authorisation: str


def verdict(notice: Notice, row: TryFacts | None, *, is_signed: bool) -> Verdict:
    """Decide what a notification changes: signature first, then reference, then amount and currency.

    A refused or cancelled try can still be paid, since the bank tells every change of state; a paid one
    never changes again.
    """
    if not is_signed:
        return Verdict.FORGED
    if row is None:
        return Verdict.UNKNOWN
    if row.state is TryState.PAID or (row.state is TryState.QUARANTINED):
        return Verdict.REPEATED
    if notice.error_code == PENDING:
        return Verdict.REPEATED if row.state is not TryState.CREATED else Verdict.PENDING
    if notice.error_code != PAID:
        return Verdict.REPEATED if row.state in (TryState.REFUSED, TryState.CANCELLED) else Verdict.REFUSED
    return _of_paid(notice, row)


def _of_paid(notice: Notice, row: TryFacts) -> Verdict:
    """A payment without authorisation, or of another amount, is never settled by the program."""
    is_right = (
        notice.amount_cents == row.amount_cents
        and notice.currency in (None, row.currency)
        and bool(notice.authorisation)
    )
    return Verdict.SETTLED if is_right else Verdict.QUARANTINED


def closed_state(error_code: str) -> TryState:
    """Return the state of a try that the bank did not accept."""
    return TryState.CANCELLED if error_code == CANCELLED_BY_PAYER else TryState.REFUSED


def is_silent(state: TryState, opened_at: datetime, now: datetime) -> bool:
    """Whether the bank should have answered by now: the try shows as unknown, and blocks nothing."""
    return state in (TryState.CREATED, TryState.PENDING) and now - opened_at >= SILENCE


# What a payer should read; the keys are Paybox's ``erreur``.
MEANINGS = {
    "00001": "payment_cancelled",
    "00003": "bank_unavailable",
    "00004": "card_number_wrong",
    "00008": "card_date_wrong",
    "00011": "amount_wrong",
    "00015": "already_paid",
    "00021": "card_not_accepted",
    "00029": "card_not_accepted",
    "00030": "too_slow",
    "00033": "country_refused",
    "00040": "no_strong_authentication",
}


def meaning(error_code: str) -> str:
    """Return the key of the sentence that tells a payer what happened."""
    if error_code.startswith("001") and error_code not in MEANINGS:
        return "bank_refused"
    return MEANINGS.get(error_code, "bank_unavailable")
