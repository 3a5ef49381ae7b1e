"""Filling the calendar: school years, holidays and public holidays, which staff may then edit."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from models.calendar import PublicHoliday, SchoolHoliday, SchoolYear

ONE_DAY = timedelta(days=1)
SUMMER_MONTHS = (7, 8)


def seed_school_year(
    session: Session, *, actor: Actor, now: datetime, first_year: int, zone: str
) -> SchoolYear:
    """Write the school year that starts in ``first_year`` for a zone, as the ``holidays`` package gives it.

    What is there already is left as staff edited it, so running it again changes nothing.
    """
    periods = list(_periods(first_year, zone))
    starts_on = max(end for _, _, end in periods if end < date(first_year, 9, 15)) + ONE_DAY
    ends_on = min(start for _, start, _ in periods if start > date(first_year + 1, 6, 15)) - ONE_DAY
    label = f"{first_year}-{first_year + 1}"
    year = session.scalar(select(SchoolYear).where(SchoolYear.label == label))
    if year is None:
        year = SchoolYear(label=label, starts_on=_first_class_day(starts_on), ends_on=ends_on)
        session.add(year)
    _add_holidays(session, periods, zone)
    _add_public_holidays(session, first_year)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="seed_school_year",
        subject_kind="school_year",
        subject_id=year.id,
        after={"label": label, "zone": zone},
    )
    return year


def _first_class_day(day: date) -> date:
    """Return the first weekday from ``day`` on."""
    while day.weekday() >= 5:
        day += ONE_DAY
    return day


def _periods(first_year: int, zone: str) -> Iterator[tuple[str, date, date]]:
    """Yield each holiday (name, first day off, last day off) from the summer before to the summer after."""
    off = holidays.country_holidays(
        "FR", subdiv=f"Zone {zone}", years=[first_year, first_year + 1], categories=("school",), language="fr"
    )
    days = sorted(day for day in off if date(first_year, 7, 1) <= day <= date(first_year + 1, 8, 31))
    breaks = [0, *(n + 1 for n, (a, b) in enumerate(pairwise(days)) if b - a > ONE_DAY), len(days)]
    for start, stop in pairwise(breaks):
        yield off[days[start]], days[start], days[stop - 1]


def _add_holidays(session: Session, periods: list[tuple[str, date, date]], zone: str) -> None:
    known = set(session.scalars(select(SchoolHoliday.starts_on).where(SchoolHoliday.zone == zone)))
    session.add_all(
        SchoolHoliday(zone=zone, name=name, starts_on=start, ends_on=end)
        for name, start, end in periods
        if start not in known
    )


def _add_public_holidays(session: Session, first_year: int) -> None:
    known = set(session.scalars(select(PublicHoliday.day)))
    found = holidays.country_holidays("FR", years=[first_year, first_year + 1], language="fr")
    session.add_all(
        PublicHoliday(day=day, name=name) for day, name in sorted(found.items()) if day not in known
    )
