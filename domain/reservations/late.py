"""Giving up a day once its deadline has passed: it counts as an absence, and the family is told its price first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.dates import at, first_of_month
from domain.pricing.quotes import Quoter
from domain.pricing.rules import Situation
from domain.reservations.catalogue import catalogue
from domain.reservations.queries import MonthGrid, month_grid
from models.activities import ActivityDay


@dataclass(frozen=True, slots=True)
class LateDay:
    """A booked day that may still be given up, but no more for nothing.

    Attributes:
        until: when cancelling stopped being free.
        price_cents: what an absence costs this family that day.
        is_free_if_retaken: the town bills nothing when another child takes the place.
    """

    activity_day_id: int
    activity_name: str
    day: date
    until: datetime
    price_cents: int
    is_free_if_retaken: bool


def late_days(session: Session, grid: MonthGrid, now: datetime) -> list[LateDay]:
    """Return the days of a month that a family may give up late, in their order."""
    found = sorted(_late_days(grid, now), key=lambda one: one[2])
    is_free = catalogue(session).is_late_free_if_retaken
    return [LateDay(*one, is_free_if_retaken=is_free) for one in found]


def find_late_day(
    session: Session, *, child_id: int, family_id: int, activity_day_id: int, now: datetime
) -> LateDay | None:
    """Return one of the days that a family may give up late; None for any other day."""
    day = session.scalar(select(ActivityDay.day).where(ActivityDay.id == activity_day_id))
    if day is None:
        return None
    grid = month_grid(session, child_id=child_id, family_id=family_id, month=first_of_month(day), now=now)
    days = late_days(session, grid, now) if grid else []
    return next((one for one in days if one.activity_day_id == activity_day_id), None)


def _late_days(grid: MonthGrid, now: datetime) -> Iterator[tuple[int, str, date, datetime, int]]:
    quoter = Quoter(grid.sheet)
    for (day, position), cell in grid.cells.items():
        column = grid.columns[position]
        if cell.is_held and not cell.cell.may_cancel and now < at(day, column.activity.starts_at):
            price = quoter.quote(column.activity, column.formula, day, Situation.ABSENCE)
            yield cell.activity_day_id, column.activity.name, day, cell.until, price.unit_cents
