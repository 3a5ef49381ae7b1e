"""Calendars that telephones read (iCalendar, RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event

from domain.clock import PARIS
from domain.reservations.feed import FeedEvent


def calendar_bytes(events: Iterable[FeedEvent], *, name: str, host: str, now: datetime) -> bytes:
    """Return booked days as a calendar; each keeps its identity, so that a change moves it and doubles nothing."""
    calendar = Calendar()
    calendar.add("prodid", "-//Preau//Portail famille//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for found in events:
        event = Event()
        event.add("uid", f"reservation-{found.uid}@{host}")
        event.add("dtstamp", now)
        event.add("dtstart", found.starts_at.astimezone(PARIS))
        event.add("dtend", found.ends_at.astimezone(PARIS))
        event.add("summary", f"{found.child_name} : {found.activity_name}")
        event.add("location", found.site_name)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    data: bytes = calendar.to_ical()
    return data
