"""The school year 2026-27 of zone B and its public holidays, as the ministry published them."""

from datetime import date

from domain.calendar.rules import FOUR_DAY_WEEK, CalendarView
from domain.dates import DayRange

YEAR = DayRange(date(2026, 9, 1), date(2027, 7, 2))
HOLIDAYS = {
    "toussaint": DayRange(date(2026, 10, 17), date(2026, 11, 1)),
    "noel": DayRange(date(2026, 12, 19), date(2027, 1, 3)),
    "hiver": DayRange(date(2027, 2, 20), date(2027, 3, 7)),
    "printemps": DayRange(date(2027, 4, 17), date(2027, 5, 2)),
    "ascension": DayRange(date(2027, 5, 6), date(2027, 5, 9)),
    "ete": DayRange(date(2027, 7, 3), date(2027, 8, 31)),
}
PUBLIC_HOLIDAYS = frozenset(
    {
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2027, 3, 29),
        date(2027, 5, 1),
        date(2027, 5, 6),
        date(2027, 5, 8),
        date(2027, 5, 17),
        date(2027, 7, 14),
    }
)


def zone_b(
    school_weekdays: int = FOUR_DAY_WEEK, closures: tuple[DayRange, ...] = (), year: DayRange = YEAR
) -> CalendarView:
    """Return the calendar of a site of zone B."""
    return CalendarView(school_weekdays, (year,), tuple(HOLIDAYS.values()), PUBLIC_HOLIDAYS, closures)
