"""Levels by birth year, and which street numbers a segment of the carte scolaire holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from domain.schools.streets import readings, street_key


class Level(StrEnum):
    """A level of maternelle or élémentaire, in order of age."""

    PS = "PS"
    MS = "MS"
    GS = "GS"
    CP = "CP"
    CE1 = "CE1"
    CE2 = "CE2"
    CM1 = "CM1"
    CM2 = "CM2"


class SchoolKind(StrEnum):
    """Which levels a school, or a segment's row, is about."""

    NURSERY = "MAT"
    ELEMENTARY = "ELEM"


# A groupe scolaire, from PS to CM2.
ALL_LEVELS = "PRIM"
FIRST_NURSERY_AGE = 3
FIRST_ELEMENTARY_AGE = 6
_LEVELS = tuple(Level)


def level_for(born_on: date, starts_in: int) -> Level | None:
    """Return the level of a child in the school year that starts in a calendar year, by its birth year.

    Maternelle opens in the calendar year of the third birthday, élémentaire in that of the sixth; None before
    and after both.
    """
    rank = starts_in - born_on.year - FIRST_NURSERY_AGE
    return _LEVELS[rank] if 0 <= rank < len(_LEVELS) else None


def kind_for(born_on: date, starts_in: int) -> SchoolKind | None:
    """Return which school the child goes to by its birth year; None when too young or past élémentaire."""
    level = level_for(born_on, starts_in)
    return None if level is None else kind_of(level)


def next_level(level: Level) -> Level | None:
    """Return the level of the year after; None after CM2."""
    rank = _LEVELS.index(level) + 1
    return _LEVELS[rank] if rank < len(_LEVELS) else None


def teaches(school_kind: str, level: Level) -> bool:
    """Whether a school of this kind (``MAT``, ``ELEM``, or ``PRIM`` for both) has the level."""
    return school_kind == ALL_LEVELS or school_kind == kind_of(level).value


def kind_of(level: Level) -> SchoolKind:
    """Return which school teaches a level."""
    is_nursery = _LEVELS.index(level) < FIRST_ELEMENTARY_AGE - FIRST_NURSERY_AGE
    return SchoolKind.NURSERY if is_nursery else SchoolKind.ELEMENTARY


class Parity(StrEnum):
    """Which side of the street: pairs, impairs, both."""

    EVEN = "P"
    ODD = "I"
    BOTH = "PI"

    def has(self, number: int) -> bool:
        """Whether a house number is on this side; 12 bis is on that of 12."""
        return self is Parity.BOTH or (self is Parity.EVEN) == (number % 2 == 0)


_LATIN_SUFFIXES = ("", "bis", "ter", "quater", "quinquies")
_SUFFIX = re.compile(r"bis|ter|quater|quinquies|[a-z]|")
_AFTER_ALL_SUFFIXES = len(_LATIN_SUFFIXES) + 26
OPEN_END = 9999


@dataclass(frozen=True, slots=True, order=True)
class HouseNumber:
    """A house number, sorted by number, then suffix: none, bis, ter, quater, quinquies, a, b, c."""

    number: int
    rank: int = 0

    @classmethod
    def of(cls, number: int, suffix: str = "") -> "HouseNumber":
        """Return the house number written so; the suffix in any case.

        Raises:
            ValueError: the suffix is none of those known.
        """
        text = suffix.strip().lower()
        if not _SUFFIX.fullmatch(text):
            raise ValueError(f"not a suffix of a house number: {suffix!r}")
        if text in _LATIN_SUFFIXES:
            return cls(number, _LATIN_SUFFIXES.index(text))
        return cls(number, len(_LATIN_SUFFIXES) + ord(text) - ord("a"))


@dataclass(frozen=True)
class Segment:
    """A stretch of a street that leads to a school, for one level and one school year.

    An empty start is the street's beginning; an empty or 9999 end its last house. An end without suffix takes
    in every suffix of its number: 12 bis goes where 12 goes, unless a narrower segment says otherwise.

    Attributes:
        line: where it stands in the file, to name it when it is wrong.
        school: what identifies the school (UAI).
        priority: 1 comes before 2 where both hold a number.
    """

    line: int
    street: str
    school: str
    first: HouseNumber | None = None
    last: HouseNumber | None = None
    parity: Parity = Parity.BOTH
    priority: int = 1

    @cached_property
    def key(self) -> str:
        """The street's name in the form that names are compared in."""
        return street_key(self.street)

    @cached_property
    def side(self) -> Parity:
        """The side, narrowed to one when the segment is a single number."""
        low, high = self._low, self._high
        if self.parity is Parity.BOTH and low.number == high.number:
            return Parity.EVEN if low.number % 2 == 0 else Parity.ODD
        return self.parity

    @cached_property
    def _low(self) -> HouseNumber:
        return self.first or HouseNumber(0)

    @cached_property
    def _high(self) -> HouseNumber:
        if self.last is None or self.last.number == OPEN_END:
            return HouseNumber(OPEN_END, _AFTER_ALL_SUFFIXES)
        return self.last if self.last.rank else HouseNumber(self.last.number, _AFTER_ALL_SUFFIXES)

    @cached_property
    def bounds(self) -> tuple[HouseNumber, HouseNumber]:
        """First and last house of its side within the stretch; the first after the last when there is none."""
        low, high = self._low, self._high
        if not self.side.has(low.number):
            low = HouseNumber(low.number + 1)
        if not self.side.has(high.number):
            high = HouseNumber(high.number - 1, _AFTER_ALL_SUFFIXES)
        return low, high

    @property
    def is_empty(self) -> bool:
        """Whether it holds no house at all: ends before it starts, or only the other side's number."""
        return self.bounds[0] > self.bounds[1]

    def holds(self, house: HouseNumber) -> bool:
        """Whether the house is in the stretch and on its side."""
        low, high = self.bounds
        return self.side.has(house.number) and low <= house <= high

    def is_within(self, other: "Segment") -> bool:
        """Whether every house of this segment is also in the other, and not the reverse."""
        return self._is_part_of(other) and not other._is_part_of(self)

    def _is_part_of(self, other: "Segment") -> bool:
        (low, high), (other_low, other_high) = self.bounds, other.bounds
        return other.side in (self.side, Parity.BOTH) and other_low <= low and high <= other_high

    def overlaps(self, other: "Segment") -> bool:
        """Whether a house is in both."""
        if self.key != other.key or {self.side, other.side} == {Parity.EVEN, Parity.ODD}:
            return False
        (low, high), (other_low, other_high) = self.bounds, other.bounds
        return max(low, other_low) <= min(high, other_high)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two segments that hold the same houses, and neither is the more specific."""

    earlier: Segment
    later: Segment

    @property
    def lines(self) -> tuple[int, int]:
        """The line numbers to show."""
        return self.earlier.line, self.later.line


def conflicts(segments: Iterable[Segment]) -> tuple[Conflict, ...]:
    """Return the equal overlaps among segments of one level and year: each is an error of the import.

    A segment wholly inside another is the more specific and may overlap it; so may one of another priority.
    """
    streets = by_street(sorted(segments, key=lambda segment: segment.line))
    return tuple(
        Conflict(earlier, later)
        for street in streets.values()
        for rank, later in enumerate(street)
        for earlier in street[:rank]
        if _is_equal_overlap(earlier, later)
    )


def _is_equal_overlap(one: Segment, other: Segment) -> bool:
    return (
        one.priority == other.priority
        and one.overlaps(other)
        and not one.is_within(other)
        and not other.is_within(one)
    )


def most_specific(segments: Iterable[Segment], house: HouseNumber) -> Segment | None:
    """Return the segment of the street that decides for a house; None when none does without a doubt.

    Of those that hold the house: the first priority, then the one that lies inside all the others.
    """
    holding = [segment for segment in segments if segment.holds(house)]
    first = min((segment.priority for segment in holding), default=0)
    candidates = [segment for segment in holding if segment.priority == first]
    for candidate in candidates:
        if all(candidate is other or candidate.is_within(other) for other in candidates):
            return candidate
    return None


class Unlocated(StrEnum):
    """Why an address goes to the staff's queue instead of a school."""

    UNKNOWN_STREET = "unknown_street"
    MISSING_NUMBER = "missing_number"
    NO_SEGMENT = "no_segment"
    NO_MAP = "no_map"
    OTHER_TOWN = "other_town"
    NO_ADDRESS = "no_address"


def by_street(segments: Iterable[Segment]) -> dict[str, list[Segment]]:
    """Return segments of one level and year by the key of their street, as ``locate`` reads them."""
    streets: dict[str, list[Segment]] = {}
    for segment in segments:
        streets.setdefault(segment.key, []).append(segment)
    return streets


def locate(line: str, streets: Mapping[str, Sequence[Segment]]) -> Segment | Unlocated:
    """Return the segment that decides for the first line of an address, or why staff must: never a guess."""
    for reading in readings(line):
        segments = streets.get(reading.street_key)
        if segments is None:
            continue
        if reading.number is None:
            return Unlocated.MISSING_NUMBER
        return most_specific(segments, HouseNumber.of(reading.number, reading.suffix)) or Unlocated.NO_SEGMENT
    return Unlocated.UNKNOWN_STREET


class Standing(StrEnum):
    """Whether a family may ask for a child's school for a year, or why it need or may not."""

    MAY_ASK = "may_ask"
    ASKED = "asked"
    ENROLLED = "enrolled"
    FOLLOWS = "follows"
    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    NO_CAMPAIGN = "no_campaign"


@dataclass(frozen=True, slots=True)
class Window:
    """When families may ask, ``[opens_at, closes_at[``."""

    opens_at: datetime
    closes_at: datetime


def standing(
    *, is_asked: bool, is_enrolled: bool, follows: bool, window: Window | None, now: datetime
) -> Standing:
    """Return where a child stands for a school year.

    Args:
        is_asked: a request waits for its answer.
        is_enrolled: a school is decided for that year.
        follows: last year's school also teaches the level that comes, so nothing is to be asked.
        window: the campaign of the child's kind of school and year.
    """
    if is_enrolled:
        return Standing.ENROLLED
    if is_asked:
        return Standing.ASKED
    if follows:
        return Standing.FOLLOWS
    if window is None:
        return Standing.NO_CAMPAIGN
    if now < window.opens_at:
        return Standing.NOT_OPEN_YET
    return Standing.MAY_ASK if now < window.closes_at else Standing.CLOSED


# The only documents that the law lets a town ask for, by what the type proves: identity of the child, identity
# of the parents, domicile (Code de l'éducation, D131-3-1).
CHILD_IDENTITY, PARENT_IDENTITY, DOMICILE = "identity_child", "identity_guardian", "proof_of_address"
LAWFUL_DOCUMENTS = frozenset({CHILD_IDENTITY, PARENT_IDENTITY, DOMICILE})
