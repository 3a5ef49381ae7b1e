"""The calendar of a site: which days have class, are worked, are holidays, or open an activity.

Everything here is data that staff edit: the view is built from the database's tables by ``queries``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from domain.dates import DayRange, is_in_mask, weekday_mask

FOUR_DAY_WEEK = weekday_mask(0, 1, 3, 4)
FOUR_AND_A_HALF_DAY_WEEK = weekday_mask(0, 1, 2, 3, 4)


class Period(StrEnum):
    """In which part of the year an activity opens."""

    SCHOOL = "school"
    HOLIDAYS = "holidays"


class Opening(StrEnum):
    """Why a day is open to an activity, or why not."""

    OPEN = "open"
    OTHER_WEEKDAY = "other_weekday"
    OTHER_PERIOD = "other_period"
    PUBLIC_HOLIDAY = "public_holiday"
    CLOSED = "closed"


@dataclass(frozen=True)
class CalendarView:
    """What a site's calendar says of any day.

    Attributes:
        school_weekdays: mask of the weekdays with class: the 4 or the 4½ day week.
        school_years: first to last day of class of each known year.
        holidays: school holidays of the site's zone, first to last day off, bridges and summer included.
        public_holidays: jours fériés; never bookable nor billed.
        closures: days on which the whole site does not open (bridge, strike, training day).
    """

    school_weekdays: int
    school_years: tuple[DayRange, ...]
    holidays: tuple[DayRange, ...]
    public_holidays: frozenset[date] = frozenset()
    closures: tuple[DayRange, ...] = ()

    @cached_property
    def _days_off(self) -> frozenset[date]:
        return frozenset(day for holiday in self.holidays for day in holiday)

    @cached_property
    def _closed_days(self) -> frozenset[date]:
        return frozenset(day for closure in self.closures for day in closure)

    @cached_property
    def known_from(self) -> date:
        """First day of class that this calendar knows; ``date.max`` when it knows none."""
        return min((year.first for year in self.school_years), default=date.max)

    def is_public_holiday(self, day: date) -> bool:
        """Whether the day is a jour férié."""
        return day in self.public_holidays

    def is_closed(self, day: date) -> bool:
        """Whether the site is closed by a decision of its own."""
        return day in self._closed_days

    def is_working_day(self, day: date) -> bool:
        """Whether the town hall works: Monday to Friday, not a public holiday, school or not."""
        return day.weekday() < 5 and day not in self.public_holidays

    def is_holiday_period(self, day: date) -> bool:
        """Whether the day lies in school holidays, week-ends and public holidays within them included."""
        return day in self._days_off

    def is_school_period(self, day: date) -> bool:
        """Whether the day lies in a school year, out of holidays; a Wednesday without class does."""
        return day not in self._days_off and any(day in year for year in self.school_years)

    def is_school_day(self, day: date) -> bool:
        """Whether there is class on this site."""
        return (
            is_in_mask(self.school_weekdays, day)
            and day not in self.public_holidays
            and day not in self._closed_days
            and self.is_school_period(day)
        )

    def opening(self, day: date, weekdays: int, period: Period) -> Opening:
        """Say whether an activity of these weekdays and this period opens, and if not why."""
        if not is_in_mask(weekdays, day):
            return Opening.OTHER_WEEKDAY
        in_period = self.is_school_period(day) if period == Period.SCHOOL else self.is_holiday_period(day)
        if not in_period:
            return Opening.OTHER_PERIOD
        if self.is_public_holiday(day):
            return Opening.PUBLIC_HOLIDAY
        return Opening.CLOSED if self.is_closed(day) else Opening.OPEN

    def is_open_day(self, day: date, weekdays: int, period: Period) -> bool:
        """Whether an activity of these weekdays and this period opens on a day."""
        return self.opening(day, weekdays, period) is Opening.OPEN

    def open_days(self, days: DayRange, weekdays: int, period: Period) -> tuple[date, ...]:
        """Return the days of a range on which the activity opens."""
        return tuple(day for day in days if self.is_open_day(day, weekdays, period))


def nth_day_before(day: date, count: int, counts: Callable[[date], bool]) -> date:
    """Return the ``count``-th day before ``day`` among those that count; 0 is the day itself.

    Raises:
        ValueError: a negative count.
    """
    if count < 0:
        raise ValueError("a notice counts backwards: the number of days cannot be negative")
    found = day
    for _ in range(count):
        found -= timedelta(days=1)
        while not counts(found):
            found -= timedelta(days=1)
    return found
