"""Deadlines: until when a day may be booked or cancelled.

A deadline is the first instant that is too late: a request is accepted while ``now < deadline``. "Until 10:00"
refuses 10:00:00 sharp, and "Thursday midnight" (24:00) accepts Thursday 23:59:59 and refuses Friday 00:00:00.
Times are Paris wall-clock times, so a notice that spans a clock change keeps its hour.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.calendar.rules import CalendarView, nth_day_before
from domain.dates import DAY_MINUTES, at, at_minutes, minutes_of, monday_of


class NoticeKind(StrEnum):
    """The forms of a deadline, and the lack of one (until the activity starts)."""

    DAYS_BEFORE = "days_before"
    WEEKLY = "weekly"
    NONE = "none"


class DayBase(StrEnum):
    """Which days a deadline counts."""

    CALENDAR = "calendar"
    WORKING = "working"
    SCHOOL = "school"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class DaysBefore:
    """``count`` days of ``base`` before the day, at a time of the Paris clock (1440 minutes: 24:00)."""

    base: DayBase
    count: int
    at_minutes: int

    def __post_init__(self) -> None:
        _check(self.count, self.at_minutes)


@dataclass(frozen=True, slots=True)
class WeeklyNotice:
    """For the days of a whole week: a weekday (Monday is 0) of the week ``weeks`` before, at a time."""

    weekday: int
    weeks: int
    at_minutes: int

    def __post_init__(self) -> None:
        _check(self.weeks, self.at_minutes)
        if not 0 <= self.weekday <= 6:
            raise ValueError(f"not a weekday: {self.weekday}")


NoticeRule = DaysBefore | WeeklyNotice


@dataclass(frozen=True, slots=True)
class NoticeColumns:
    """A notice rule as the database keeps it; ``count`` is days or weeks by kind."""

    kind: NoticeKind
    base: DayBase | None
    count: int
    weekday: int | None
    at_minutes: int


def _check(count: int, minutes: int) -> None:
    if count < 0:
        raise ValueError("a notice counts backwards: its number cannot be negative")
    if not 0 <= minutes <= DAY_MINUTES:
        raise ValueError(f"not a time of the day: {minutes} minutes")


def read_notice(
    *, kind: str, base: str | None, count: int, weekday: int | None, at_minutes: int
) -> NoticeRule | None:
    """Return the rule kept in these columns; None when the kind is ``none``.

    Raises:
        ValueError: the columns do not make a rule.
    """
    match NoticeKind(kind):
        case NoticeKind.NONE:
            return None
        case NoticeKind.DAYS_BEFORE:
            if base is None:
                raise ValueError("a notice in days needs its base")
            return DaysBefore(DayBase(base), count, at_minutes)
        case NoticeKind.WEEKLY:
            if weekday is None:
                raise ValueError("a weekly notice needs its weekday")
            return WeeklyNotice(weekday, count, at_minutes)


def notice_columns(rule: NoticeRule | None) -> NoticeColumns:
    """Return the columns that keep a rule; the reverse of ``read_notice``."""
    match rule:
        case None:
            return NoticeColumns(NoticeKind.NONE, None, 0, None, 0)
        case DaysBefore():
            return NoticeColumns(NoticeKind.DAYS_BEFORE, rule.base, rule.count, None, rule.at_minutes)
        case WeeklyNotice():
            return NoticeColumns(NoticeKind.WEEKLY, None, rule.weeks, rule.weekday, rule.at_minutes)


def hours_before(hours: int, starts_at: time) -> DaysBefore:
    """Return the notice of so many wall-clock hours before an activity that starts at a time.

    72 hours are three calendar days at the hour of the start, even when the clocks change in between.
    """
    days_early, minutes = divmod(minutes_of(starts_at) - hours * 60, DAY_MINUTES)
    return DaysBefore(DayBase.CALENDAR, -days_early, minutes)


def deadline(
    rule: NoticeRule | None,
    day: date,
    starts_at: time,
    calendar: CalendarView,
    opening_days: Set[date] = frozenset(),
) -> datetime:
    """Return the first instant (UTC) at which it is too late for ``day``; never after the activity's start.

    Before the first day that the calendar knows (its first day of class; for the base ``opening``, the first
    opening day) every day counts, so that the first days of the first year have a deadline as well.

    Args:
        rule: the activity's notice to book, or to cancel; None is "until the start".
        starts_at: when the activity starts that day, Paris time.
        opening_days: the activity's opening days; read only when the rule counts them.
    """
    start = at(day, starts_at)
    match rule:
        case None:
            return start
        case WeeklyNotice():
            last_day = monday_of(day) - timedelta(weeks=rule.weeks) + timedelta(days=rule.weekday)
        case DaysBefore():
            last_day = nth_day_before(day, rule.count, _counting(rule.base, calendar, opening_days))
    return min(at_minutes(last_day, rule.at_minutes), start)


def _counting(base: DayBase, calendar: CalendarView, opening_days: Set[date]) -> Callable[[date], bool]:
    """Return what tells whether a day counts for a base."""
    match base:
        case DayBase.CALENDAR:
            return lambda _: True
        case DayBase.WORKING:
            return calendar.is_working_day
        case DayBase.SCHOOL:
            return lambda day: day < calendar.known_from or calendar.is_school_day(day)
        case DayBase.OPENING:
            first = min(opening_days, default=date.max)
            return lambda day: day < first or day in opening_days


def is_in_time(now: datetime, closes_at: datetime) -> bool:
    """Whether a request received at ``now`` (the server's clock) precedes the deadline."""
    return now < closes_at
