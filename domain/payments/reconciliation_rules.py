"""The bank's statement against our books: what is missing here, missing there, or of another amount. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class BankLine:
    """A transaction of the bank's file, and the line on which it stands."""

    line: int
    day: date
    reference: str
    transaction: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class OurPayment:
    """A card payment of ours."""

    payment_id: int
    number: str
    day: date
    reference: str
    transaction: str
    amount_cents: int


class DifferenceKind(StrEnum):
    """How the two differ."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    OTHER_AMOUNT = "other_amount"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: what the bank says, what we say; one of them is None when it is missing."""

    kind: DifferenceKind
    bank: BankLine | None
    ours: OurPayment | None

    @property
    def gap_cents(self) -> int:
        """The bank's amount less ours."""
        return (self.bank.amount_cents if self.bank else 0) - (self.ours.amount_cents if self.ours else 0)


def compare(lines: Iterable[BankLine], payments: Iterable[OurPayment]) -> list[Difference]:
    """Return what differs, the bank's lines first, in their order.

    A payment is found by the bank's transaction, or else by our reference. Each is found once: a second line of
    the same payment is money that came twice.
    """
    by_key: dict[str, OurPayment] = {}
    for payment in payments:
        for key in _keys(payment):
            by_key.setdefault(key, payment)
    found: dict[int, BankLine] = {}
    differences = []
    for line in lines:
        ours = next((by_key[key] for key in _keys(line) if key in by_key), None)
        if ours is None:
            differences.append(Difference(DifferenceKind.MISSING_HERE, line, None))
        elif ours.payment_id in found:
            differences.append(Difference(DifferenceKind.TWICE, line, None))
        else:
            found[ours.payment_id] = line
            if ours.amount_cents != line.amount_cents:
                differences.append(Difference(DifferenceKind.OTHER_AMOUNT, line, ours))
    unique = {payment.payment_id: payment for payment in by_key.values()}
    missing = [payment for number, payment in sorted(unique.items()) if number not in found]
    return differences + [Difference(DifferenceKind.MISSING_THERE, None, payment) for payment in missing]


def _keys(one: BankLine | OurPayment) -> list[str]:
    keys = []
    if one.transaction:
        keys.append(f"transaction {one.transaction}")
    if one.reference:
        keys.append(f"reference {one.reference}")
    return keys
