"""How many may come in, how often a waiting page asks again, and how long it still takes.

A browser that was let in keeps its seat while it is seen; one that waits keeps its place, but does not hold up
those behind it while it is away.
"""

import math
from datetime import datetime, timedelta

SEAT_KEPT = timedelta(minutes=10)
PATIENCE = timedelta(minutes=3)
# How far back admissions are counted to tell how long the others still wait.
PACE_WINDOW = timedelta(minutes=5)
# A visit is noted again after this long, so that most pages of a busy day write nothing.
SEEN_AGAIN = timedelta(seconds=20)
TICKET_KEPT = timedelta(days=1)
FIRST_REFRESH, LAST_REFRESH, AHEAD_PER_SECOND = 10, 60, 10


def is_seated(admitted_at: datetime | None, seen_at: datetime, now: datetime) -> bool:
    """Whether a browser that was let in still has its seat."""
    return admitted_at is not None and now - seen_at < SEAT_KEPT


def free_seats(seats: int, taken: int) -> int:
    """Return how many may come in now."""
    return max(seats - taken, 0)


def refresh_seconds(ahead: int) -> int:
    """Return after how many seconds a waiting page asks again: sooner for the first, so that no seat stays empty."""
    return min(FIRST_REFRESH + ahead // AHEAD_PER_SECOND, LAST_REFRESH)


def minutes_left(ahead: int, admitted_lately: int) -> int | None:
    """Return in how many minutes, at the present pace and rounded up, somebody comes in; None without a pace.

    Args:
        admitted_lately: how many were let in during ``PACE_WINDOW``.
    """
    if admitted_lately <= 0:
        return None
    window = PACE_WINDOW.total_seconds() / 60
    return max(1, math.ceil((ahead + 1) * window / admitted_lately))
