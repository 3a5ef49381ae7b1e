"""A family's month, worked out: lines, reductions, what was carried, and what is issued."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.invoicing.billing import FamilyMonth
from domain.invoicing.rules import BilledLine, DiscountLine
from domain.invoicing.vouchers import VoucherUse
from models.corrections import Adjustment
from models.invoices import CarriedAmount


@dataclass(frozen=True, slots=True)
class WorkedMonth:
    """What becomes of a family's month; nothing is issued while it stays below the threshold.

    ``issued_cents`` is what is left to pay once the aids are taken off: an invoice may come to nothing.
    """

    source: FamilyMonth
    lines: Sequence[BilledLine]
    reductions: Sequence[DiscountLine]
    carried: Sequence[CarriedAmount]
    adjustments: Sequence[Adjustment]
    month_cents: int
    issued_cents: int
    vouchers: Sequence[VoucherUse] = ()

    @property
    def is_issued(self) -> bool:
        """Whether an invoice is made."""
        return self.issued_cents > 0 or bool(self.vouchers)

    @property
    def is_carried(self) -> bool:
        """Whether the month is kept for the next invoice."""
        return not self.is_issued and self.month_cents > 0

    @property
    def line_count(self) -> int:
        """How many lines the invoice has."""
        parts = (self.lines, self.reductions, self.carried, self.adjustments, self.vouchers)
        return sum(map(len, parts)) if self.is_issued else 0

    @property
    def before_cents(self) -> int:
        """What earlier months left to this one's invoice; negative when something is given back."""
        return sum(one.amount_cents for one in self.carried) + sum(
            one.amount_cents for one in self.adjustments
        )
