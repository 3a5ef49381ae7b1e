"""A school year as a wall calendar: what each day is, on a site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from domain.calendar.rules import CalendarView
from domain.dates import add_months, first_of_month, month_days
from domain.reservations.catalogue import catalogue

SCHOOL, WEDNESDAY, HOLIDAY, PUBLIC, CLOSED, WEEKEND = (
    "school",
    "no_class",
    "holiday",
    "public_holiday",
    "closed",
    "weekend",
)


@dataclass(frozen=True, slots=True)
class YearMonth:
    """A month of the wall calendar: its days, each with what it is."""

    first: date
    days: Sequence[tuple[date, str]]


def school_year_months(session: Session, *, site_id: int, starts_on: date) -> list[YearMonth]:
    """Return the twelve months from the start of a school year; empty for a site that is not known."""
    view = catalogue(session).calendars.get(site_id)
    if view is None:
        return []
    start = first_of_month(starts_on)
    return [
        YearMonth(month, [(day, kind_of(view, day)) for day in month_days(month)])
        for month in (add_months(start, n) for n in range(12))
    ]


def kind_of(view: CalendarView, day: date) -> str:
    """Return what a day is for a school site: the strongest reason first."""
    if view.is_public_holiday(day):
        return PUBLIC
    if view.is_closed(day):
        return CLOSED
    if view.is_school_day(day):
        return SCHOOL
    if view.is_holiday_period(day):
        return HOLIDAY
    if day.weekday() >= 5:
        return WEEKEND
    return WEDNESDAY if view.is_school_period(day) else HOLIDAY
