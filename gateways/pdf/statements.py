"""What statements say on paper: tax certificate, attendance, account. Complete: the templates compute nothing."""

from dataclasses import dataclass
from datetime import date

from gateways.pdf.documents import Letterhead


@dataclass(frozen=True, slots=True)
class StatementHead:
    """What every statement begins with.

    Args:
        payer: to whom it is given, in one line.
        replaces: the number of the one that it replaces, or nothing.
    """

    number: str
    issued_on: date
    payer: str
    family_code: str
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class TaxChild:
    """What was paid for the care of one child; each line an activity and its cents."""

    name: str
    born_on: date
    lines: tuple[tuple[str, int], ...]
    cents: int


@dataclass(frozen=True, slots=True)
class TaxContext:
    """The tax certificate of a year (CGI, art. 200 quater B).

    Args:
        cesu_cents: what of the total was paid by CESU.
    """

    town: Letterhead
    address: tuple[str, ...]
    head: StatementHead
    year: int
    age_limit: int
    children: tuple[TaxChild, ...]
    total_cents: int
    cesu_cents: int = 0


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """The days of one activity; ``hours`` in words, or nothing when they were not noted."""

    activity: str
    site: str
    day_count: int
    hours: str
    days: str


@dataclass(frozen=True, slots=True)
class AttendanceContext:
    """On which days a child came, from ``first_on`` to ``last_on``, both included."""

    town: Letterhead
    address: tuple[str, ...]
    head: StatementHead
    child_name: str
    born_on: date
    first_on: date
    last_on: date
    rows: tuple[AttendanceRow, ...]
    day_count: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A movement of the account, and what is owed after it; ``details`` are sentences."""

    on: date
    label: str
    details: tuple[str, ...]
    amount_cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class AccountContext:
    """A family's account from ``first_on`` to ``last_on``; a positive balance is owed by the family."""

    town: Letterhead
    address: tuple[str, ...]
    head: StatementHead
    first_on: date
    last_on: date
    opening_cents: int
    rows: tuple[AccountRow, ...]
    closing_cents: int

    @property
    def owed_cents(self) -> int:
        """What the family owes at the end."""
        return max(0, self.closing_cents)

    @property
    def credit_cents(self) -> int:
        """What it has in credit at the end."""
        return max(0, -self.closing_cents)
