"""The quotient familial: how the CAF counts it, and the one in force on a day. Pure.

The portal trusts the figure that a family proves; the formula serves families without a CAF file, whose quotient
staff work out from a tax notice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from domain.money import round_half_up

MONTHS = 12
# Half parts, as the formula counts them: two whole parts for the home, whether one adult or two.
HOME_HALVES = 4
THIRD_CHILD = 3


class Dated(Protocol):
    """Something in force on ``[valid_from, valid_to[``."""

    @property
    def valid_from(self) -> date: ...  # noqa: D102
    @property
    def valid_to(self) -> date | None: ...  # noqa: D102


Entry = TypeVar("Entry", bound=Dated)


@dataclass(frozen=True, slots=True)
class Quotient:
    """A quotient in cents a month, in force on ``[valid_from, valid_to[``."""

    value_cents: int
    valid_from: date
    valid_to: date | None = None


def in_force(history: Iterable[Entry], day: date) -> Entry | None:
    """Return the entry of a history in force on a day.

    A history is never overwritten: of two that cover the day, the one that began last holds, and of two that
    began together the one recorded last.
    """
    found: Entry | None = None
    for entry in history:
        is_there = entry.valid_from <= day and (entry.valid_to is None or day < entry.valid_to)
        if is_there and (found is None or entry.valid_from >= found.valid_from):
            found = entry
    return found


def quotient_on(history: Iterable[Quotient], day: date) -> int | None:
    """Return the quotient in force on a day, in cents; None means the highest price."""
    found = in_force(history, day)
    return None if found is None else found.value_cents


def parts(children: int, disabled_children: int = 0) -> Decimal:
    """Return a home's parts: 2 for the adults, ½ a child but 1 for the third, ½ more for each disabled child.

    Raises:
        ValueError: a count is negative, or there are more disabled children than children.
    """
    if not 0 <= disabled_children <= children:
        raise ValueError("disabled children are among the children")
    halves = HOME_HALVES + children + (1 if children >= THIRD_CHILD else 0) + disabled_children
    return Decimal(halves) / 2


def caf_quotient(yearly_cents: int, monthly_benefits_cents: int, home_parts: Decimal) -> int:
    """Return CAF's quotient in cents: (a year's resources / 12 + a month's benefits) / parts, half up.

    A couple with two children, 36 000 € a year and 148,52 € of benefits a month has 1 049,51 €.

    Args:
        yearly_cents: the resources of a year, after abatement.

    Raises:
        ValueError: an amount is negative, or there are no parts.
    """
    if yearly_cents < 0 or monthly_benefits_cents < 0 or home_parts <= 0:
        raise ValueError("resources are not negative, and a home has parts")
    return round_half_up((Decimal(yearly_cents) / MONTHS + monthly_benefits_cents) / home_parts)
