"""Whose day it is, and what each adult may do: of a child that two families share. A split price is pricing's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from domain.dates import is_even_week, iso_week


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


@dataclass(frozen=True, slots=True)
class AdultRights:
    """What an adult may do for a child on a day; nothing written down means everything.

    Without parental authority the child is not shown at all; the right to fetch it is apart, since a
    grandparent or a former partner may keep it.
    """

    has_parental_authority: bool = True
    may_reserve: bool = True
    may_see_health: bool = True
    may_pick_up: bool = True


FULL_RIGHTS = AdultRights()


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


@dataclass(frozen=True, slots=True)
class CustodySpan:
    """Days in a row, both ends included, that a child spends with one family; None: no arrangement holds."""

    first: date
    last: date
    family_id: int | None


@dataclass(frozen=True, slots=True)
class CustodyWeek:
    """A week from Monday to Sunday, by its ISO number, and whose it is.

    ``repeats_parity``: it is odd like the week before it, because a year of 53 weeks ended between them.
    """

    number: int
    spans: tuple[CustodySpan, ...]
    repeats_parity: bool


def custody_weeks(arrangements: Iterable[Arrangement], monday: date, count: int) -> list[CustodyWeek]:
    """Return whose the weeks are, from a Monday on."""
    known = tuple(arrangements)
    weeks = []
    for number in range(count):
        first = monday + timedelta(weeks=number)
        before = first - timedelta(weeks=1)
        weeks.append(
            CustodyWeek(
                number=iso_week(first),
                spans=_spans(known, first),
                repeats_parity=is_even_week(first) == is_even_week(before),
            )
        )
    return weeks


def _spans(arrangements: tuple[Arrangement, ...], monday: date) -> tuple[CustodySpan, ...]:
    spans: list[CustodySpan] = []
    for offset in range(7):
        day = monday + timedelta(days=offset)
        arrangement = arrangement_on(arrangements, day)
        family_id = family_of_day(arrangement, day) if arrangement else None
        if spans and spans[-1].family_id == family_id:
            spans[-1] = replace(spans[-1], last=day)
        else:
            spans.append(CustodySpan(day, day, family_id))
    return tuple(spans)
