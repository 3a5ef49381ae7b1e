"""The hours of the town's desk: days that are alike, and whether it is open at an hour of Paris."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

LOOK_AHEAD_DAYS = 14


@dataclass(frozen=True, slots=True, order=True)
class OpenRange:
    """From when to when the desk is open on a weekday; 0 is Monday."""

    weekday: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class DeskState:
    """Whether the desk is open now.

    Args:
        until: the hour at which it shuts, while it is open.
        opens_on: the next day on which it opens, while it is shut; None when no day is near.
        opens_at: the hour of that opening.
    """

    is_open: bool
    until: time | None = None
    opens_on: date | None = None
    opens_at: time | None = None


def of_weekday(ranges: Iterable[OpenRange], weekday: int) -> list[OpenRange]:
    """Return the hours of one weekday, in order."""
    return sorted(one for one in ranges if one.weekday == weekday)


def alike_days(ranges: Sequence[OpenRange]) -> list[tuple[list[int], list[OpenRange]]]:
    """Return the open weekdays put together by their hours, in the order of their first day."""
    groups: dict[tuple[tuple[time, time], ...], list[int]] = {}
    for weekday in range(7):
        hours = tuple((one.opens_at, one.closes_at) for one in of_weekday(ranges, weekday))
        if hours:
            groups.setdefault(hours, []).append(weekday)
    return [(days, of_weekday(ranges, days[0])) for days in groups.values()]


def desk_state(ranges: Sequence[OpenRange], days_off: Container[date], now: datetime) -> DeskState:
    """Return whether the desk is open.

    Args:
        days_off: public holidays.
        now: the present moment in Paris; only its wall-clock day and hour are read.
    """
    today = now.date()
    if today not in days_off:
        for one in of_weekday(ranges, today.weekday()):
            if one.opens_at <= now.time() < one.closes_at:
                return DeskState(is_open=True, until=one.closes_at)
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        day = today + timedelta(days=ahead)
        if day in days_off:
            continue
        for one in of_weekday(ranges, day.weekday()):
            if ahead or one.opens_at > now.time():
                return DeskState(is_open=False, opens_on=day, opens_at=one.opens_at)
    return DeskState(is_open=False)
