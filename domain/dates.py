"""Days, months, weeks, and the wall clock of Europe/Paris. Reads no clock: days and instants are arguments."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.clock import PARIS

DAY_MINUTES = 24 * 60
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class DayRange:
    """Days from ``first`` to ``last``, both included, as the ministry publishes holidays."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a range of days ends before it starts: {self.first} to {self.last}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return days_from(self.first, self.last + _ONE_DAY)


def at(day: date, clock: time) -> datetime:
    """Return the UTC instant at which a clock in Paris shows this day and time.

    An hour that the autumn change repeats (02:00 to 03:00) means its first pass; one that the spring change
    skips means the instant of the change, 03:00 summer time. So a later wall-clock time is never an earlier instant.
    """
    local = datetime.combine(day, clock.replace(tzinfo=None), tzinfo=PARIS)
    instant = local.astimezone(UTC)
    if instant.astimezone(PARIS).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    change = datetime.combine(day, time(clock.hour + 1), tzinfo=PARIS)
    return change.astimezone(UTC)


def at_minutes(day: date, minutes: int) -> datetime:
    """Return the UTC instant ``minutes`` after midnight on the Paris wall clock; 1440 is 24:00, the day's end.

    Raises:
        ValueError: the minutes are not within 0 to 1440.
    """
    if not 0 <= minutes <= DAY_MINUTES:
        raise ValueError(f"not a time of the day: {minutes} minutes")
    if minutes == DAY_MINUTES:
        return at(day + _ONE_DAY, time())
    return at(day, time(minutes // 60, minutes % 60))


def local_time(instant: datetime) -> time:
    """Return what a clock in Paris shows at an instant."""
    return instant.astimezone(PARIS).time()


def minutes_of(clock: time) -> int:
    """Return the minutes from midnight to a time of the day; seconds are dropped."""
    return clock.hour * 60 + clock.minute


def closing_day_and_minutes(instant: datetime) -> tuple[date, int]:
    """Return the Paris day and minutes of an instant that ends something; midnight is 24:00 of the day before.

    What closes "Thursday midnight" is told as Thursday 24:00, never as Friday 00:00.
    """
    local = instant.astimezone(PARIS)
    minutes = local.hour * 60 + local.minute
    if minutes == 0:
        return local.date() - _ONE_DAY, DAY_MINUTES
    return local.date(), minutes


def day_bounds(first: date, end: date) -> tuple[datetime, datetime]:
    """Return the instants ``[start, end[`` of the Paris days ``[first, end[``."""
    return at(first, time()), at(end, time())


def days_from(first: date, end: date) -> Iterator[date]:
    """Yield each day of ``[first, end[``."""
    day = first
    while day < end:
        yield day
        day += _ONE_DAY


def first_of_month(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later (or earlier); the month's last day when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def next_month(day: date) -> date:
    """Return the first day of the month after the day's."""
    return add_months(first_of_month(day), 1)


def month_days(day: date) -> tuple[date, ...]:
    """Return every day of the day's month."""
    return tuple(days_from(first_of_month(day), next_month(day)))


def month_weeks(day: date) -> tuple[tuple[date, ...], ...]:
    """Return the whole weeks, Monday first, that hold the days of the day's month: the rows of a calendar."""
    monday, end = monday_of(first_of_month(day)), next_month(day)
    weeks: list[tuple[date, ...]] = []
    while monday < end:
        weeks.append(tuple(days_from(monday, monday + timedelta(weeks=1))))
        monday += timedelta(weeks=1)
    return tuple(weeks)


def read_month(text: str) -> date:
    """Return the first day of a month written ``2026-11``.

    Raises:
        ValueError: the text is not a month.
    """
    year, _, month = text.partition("-")
    if len(year) != 4 or len(month) != 2 or not (year + month).isdecimal():
        raise ValueError(f"not a month: {text!r}")
    return date(int(year), int(month), 1)


def monday_of(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def iso_week(day: date) -> int:
    """Return the ISO 8601 week number, 1 to 53; the year of the week may differ from the day's."""
    return day.isocalendar().week


def is_even_week(day: date) -> bool:
    """Whether the ISO week number is even. Week 53 of 2026 is followed by week 1: two odd weeks in a row."""
    return iso_week(day) % 2 == 0


def age_in_months(born_on: date, day: date) -> int:
    """Return the full months of age on a day; a month is full on the day that bears the birth day's number.

    A child born on 29 February turns a year older on 1 March when the year is not a leap year: the year is
    full when 28 February has ended (a term without its numbered day ends with the month, CPC art. 641).
    """
    months = (day.year - born_on.year) * 12 + day.month - born_on.month
    return months - 1 if day.day < born_on.day else months


def age(born_on: date, day: date) -> int:
    """Return the age in full years on a day; the birthday itself counts."""
    return age_in_months(born_on, day) // 12


def weekday_mask(*weekdays: int) -> int:
    """Return the mask of weekdays, bit n for weekday n, Monday being 0."""
    mask = 0
    for weekday in weekdays:
        if not 0 <= weekday <= 6:
            raise ValueError(f"not a weekday: {weekday}")
        mask |= 1 << weekday
    return mask


def is_in_mask(mask: int, day: date) -> bool:
    """Whether the day's weekday is in a mask of weekdays."""
    return bool(mask >> day.weekday() & 1)
