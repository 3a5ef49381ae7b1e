"""The only module that reads the clock; rules and operations take ``now`` or ``today`` as arguments."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the present day in Europe/Paris."""
    return local_day(now())


def local_day(instant: datetime) -> date:
    """Return the Europe/Paris calendar day of an aware instant."""
    return instant.astimezone(PARIS).date()
