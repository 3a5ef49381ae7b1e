"""How long a child stayed, as the roll-call noted it."""

from datetime import datetime, time
from typing import Any

from domain.dates import at, local_time
from domain.reservations.catalogue import ActivityView


def attended_hour(instant: datetime | None) -> time | None:
    """Return the Paris hour of an arrival or a departure."""
    return None if instant is None else local_time(instant)


def stayed_until(activity: ActivityView, row: Any) -> int | None:
    """Return how long a stay was, in started minutes; where late pick-ups are billed, until the closing only."""
    left_at = row.left_at
    if left_at is None:
        return None
    if activity.late_after_minutes is not None:
        left_at = min(left_at, at(row.day, activity.ends_at))
    return stayed_minutes(row.arrived_at, left_at)


def stayed_minutes(arrived_at: datetime | None, left_at: datetime | None) -> int | None:
    """Return how long a stay was, in started minutes; None when it was not noted whole."""
    if arrived_at is None or left_at is None:
        return None
    return max(1, -(-int((left_at - arrived_at).total_seconds()) // 60))
