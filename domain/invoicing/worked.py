"""A family's month, worked out: lines, reductions, what was carried, and what is issued."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.invoicing.billing import FamilyMonth
from domain.invoicing.rules import BilledLine, DiscountLine
from models.invoices import CarriedAmount


@dataclass(frozen=True, slots=True)
class WorkedMonth:
    """What becomes of a family's month; nothing is issued while it stays below the threshold."""

    source: FamilyMonth
    lines: Sequence[BilledLine]
    reductions: Sequence[DiscountLine]
    carried: Sequence[CarriedAmount]
    month_cents: int
    issued_cents: int

    @property
    def is_issued(self) -> bool:
        """Whether an invoice is made."""
        return self.issued_cents > 0

    @property
    def is_carried(self) -> bool:
        """Whether the month is kept for the next invoice."""
        return not self.is_issued and self.month_cents > 0

    @property
    def line_count(self) -> int:
        """How many lines the invoice has."""
        return len(self.lines) + len(self.reductions) + len(self.carried) if self.is_issued else 0
