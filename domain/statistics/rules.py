"""The period that the charts are about, and how it is cut: by day when it is short, else by month. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.dates import add_months, days_from, first_of_month
from domain.errors import Refusal

ONE_DAY = timedelta(days=1)
SCHOOL_YEAR_STARTS_IN = 9
YEAR = 12
# A chart of days has a word under each, or nearly; a chart of months holds five years.
MOST_DAYS, LONGEST_YEARS = 45, 5


# The portal knows nothing of other years, and a calendar has ends.
CALENDAR = range(2000, 2101)


class Span(StrEnum):
    """A way to choose a period; the values are those of the addresses."""

    MONTH = "mois"
    SCHOOL_YEAR = "annee-scolaire"
    YEAR = "annee"
    TWELVE_MONTHS = "12-mois"
    DAYS = "dates"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    span: Span
    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last one."""
        return self.last + ONE_DAY

    @property
    def is_daily(self) -> bool:
        """Whether it is shown day by day; else month by month."""
        return (self.end - self.first).days <= MOST_DAYS


@dataclass(frozen=True, slots=True)
class Bucket:
    """A day or a month of a period, as far as the period holds it: ``[first, end[``."""

    first: date
    end: date


def is_known(day: date) -> bool:
    """Whether a day is in the years that the charts know."""
    return day.year in CALENDAR


def period_of(span: Span, on: date) -> Period:
    """Return the period of a kind that holds a day: its month, its school or civil year, or the year that ends with its month.

    A school year is told from September to August, as towns close their accounts of it.
    """
    month = first_of_month(on)
    if span is Span.SCHOOL_YEAR:
        first = date(on.year - (on.month < SCHOOL_YEAR_STARTS_IN), SCHOOL_YEAR_STARTS_IN, 1)
        return Period(span, first, add_months(first, YEAR) - ONE_DAY)
    if span is Span.YEAR:
        return Period(span, date(on.year, 1, 1), date(on.year, 12, 31))
    if span is Span.TWELVE_MONTHS:
        return Period(span, add_months(month, 1 - YEAR), add_months(month, 1) - ONE_DAY)
    return Period(Span.MONTH, month, add_months(month, 1) - ONE_DAY)


def days_between(first: date, last: date) -> Period:
    """Return the period of two days that somebody typed.

    Raises:
        Refusal: ``period_out_of_calendar`` (``first``, ``last``: years); ``period_ends_before``;
            ``period_too_long`` (``years``).
    """
    if not (is_known(first) and is_known(last)):
        raise Refusal("period_out_of_calendar", first=CALENDAR[0], last=CALENDAR[-1])
    if last < first:
        raise Refusal("period_ends_before")
    if last >= add_months(first, LONGEST_YEARS * YEAR):
        raise Refusal("period_too_long", years=LONGEST_YEARS)
    return Period(Span.DAYS, first, last)


def neighbour(period: Period, step: int) -> Period:
    """Return the period before (``step`` -1) or after (1), of the same kind; of two days, as many days."""
    if period.span is Span.DAYS:
        length = (period.end - period.first) * step
        return Period(Span.DAYS, period.first + length, period.last + length)
    months = 1 if period.span is Span.MONTH else YEAR
    # From the last day on: a year that ends with its month is named by it.
    return period_of(period.span, add_months(first_of_month(period.last), months * step))


def buckets(period: Period) -> Sequence[Bucket]:
    """Return the days of a short period, or the months of a long one, the first and last cut to it."""
    if period.is_daily:
        return [Bucket(day, day + ONE_DAY) for day in days_from(period.first, period.end)]
    found, start = [], period.first
    while start < period.end:
        end = min(add_months(first_of_month(start), 1), period.end)
        found.append(Bucket(start, end))
        start = end
    return found
