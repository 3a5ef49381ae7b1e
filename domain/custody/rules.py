"""Whose day it is: with which of two families a shared child is. Splitting a price is pricing's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.dates import is_even_week


class CustodyPattern(StrEnum):
    """How a child's time is shared; ALTERNATE_FROM_START counts weeks of seven days from the first day."""

    EVEN_WEEKS = "even_weeks"
    ODD_WEEKS = "odd_weeks"
    ALTERNATE_FROM_START = "alternate_from_start"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """On ``[valid_from, valid_to[`` the child is with ``family_id`` in the pattern's weeks, else with the other.

    With ALTERNATE_FROM_START the first seven days are ``family_id``'s, so the child may change homes on any
    weekday, and no two weeks in a row are the same family's.
    """

    family_id: int
    other_family_id: int
    pattern: CustodyPattern
    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the arrangement is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def family_of_day(arrangement: Arrangement, day: date) -> int | None:
    """Return the family that the child is with on a day; None when the arrangement is not in force.

    Even and odd are those of the ISO week number: after week 53 (2026) comes week 1, and the family of the odd
    weeks has two in a row.
    """
    if not arrangement.covers(day):
        return None
    match arrangement.pattern:
        case CustodyPattern.EVEN_WEEKS:
            is_first = is_even_week(day)
        case CustodyPattern.ODD_WEEKS:
            is_first = not is_even_week(day)
        case CustodyPattern.ALTERNATE_FROM_START:
            is_first = (day - arrangement.valid_from).days // 7 % 2 == 0
    return arrangement.family_id if is_first else arrangement.other_family_id


def arrangement_on(arrangements: Iterable[Arrangement], day: date) -> Arrangement | None:
    """Return the arrangement in force on a day, the one that began last; None when there is none."""
    in_force = [arrangement for arrangement in arrangements if arrangement.covers(day)]
    return max(in_force, key=lambda arrangement: arrangement.valid_from, default=None)


def is_family_day(arrangements: Iterable[Arrangement], family_id: int, day: date) -> bool:
    """Whether a family may book and pays on a day; without arrangement every day is every family's."""
    arrangement = arrangement_on(arrangements, day)
    return arrangement is None or family_of_day(arrangement, day) == family_id
