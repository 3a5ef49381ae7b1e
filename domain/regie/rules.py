"""The cash desk: what should be in the drawer, what is missing, and what is handed over. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Refusal

CASH = "cash"
# Euro notes and coins, in cents.
FACE_VALUES = frozenset(
    {50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Money taken at the desk; negative when it was given back."""

    means: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Count:
    """The drawer at the close: what should be there, what is, and the difference (negative: some is missing)."""

    expected_cents: int
    counted_cents: int

    @property
    def difference_cents(self) -> int:
        """Counted less expected."""
        return self.counted_cents - self.expected_cents


def totals(entries: Iterable[Entry]) -> dict[str, int]:
    """Return what each means of payment brought, in cents, by name of means."""
    found: dict[str, int] = defaultdict(int)
    for entry in entries:
        found[entry.means] += entry.amount_cents
    return dict(sorted(found.items()))


def count_drawer(float_cents: int, entries: Iterable[Entry], counted_cents: int) -> Count:
    """Compare the drawer with its opening float and the cash entries; other means are not in it."""
    return Count(float_cents + totals(entries).get(CASH, 0), counted_cents)


def counted_cents(pieces: Mapping[int, int]) -> int:
    """Return what notes and coins are worth, in cents.

    Args:
        pieces: how many there are of each, by face value in cents.

    Raises:
        ValueError: a face value is not one of the euro's, or a count is negative.
    """
    if not FACE_VALUES.issuperset(pieces) or any(number < 0 for number in pieces.values()):
        raise ValueError("only euro notes and coins are counted")
    return sum(value * number for value, number in pieces.items())


def require_open(closed_at: datetime | None) -> None:
    """Refuse to touch a session that is closed: its entries are locked.

    Raises:
        Refusal: ``cash_session_closed``.
    """
    if closed_at is not None:
        raise Refusal("cash_session_closed", closed_at=closed_at)


def require_explained(count: Count, note: str) -> None:
    """Refuse to close on a difference that nobody explains.

    Raises:
        Refusal: ``cash_difference_unexplained``.
    """
    if count.difference_cents and not note.strip():
        raise Refusal("cash_difference_unexplained", difference_cents=count.difference_cents)


def deposit_slips(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the slips of a closed session: by means of payment, what is handed over, in cents.

    A difference in the drawer changes no slip: what was receipted is owed. A means that brought nothing has none.

    Raises:
        ValueError: more was given back by a means than it brought.
    """
    found = {means: amount for means, amount in totals(entries).items() if amount}
    if any(amount < 0 for amount in found.values()):
        raise ValueError("a slip hands over what came in")
    return found
