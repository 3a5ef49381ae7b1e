"""A crowd opens the reservation pages in the same second, over many connections: the seats are counted once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from domain.queueing.operations import TICKETS, Place, find_place
from domain.queueing.rules import SEAT_KEPT

pytestmark = pytest.mark.race
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BROWSERS, SEATS = 48, 7


def test_no_more_come_in_than_there_are_seats_and_nobody_overtakes(engine: Engine) -> None:
    def look(ticket_id: int | None, now: datetime) -> Place:
        with engine.begin() as connection:
            return find_place(connection, now=now, seats=SEATS, ticket_id=ticket_id)

    with ThreadPoolExecutor(16) as pool:
        places = list(pool.map(lambda _browser: look(None, NOW), range(BROWSERS)))
    assert sum(place.is_in for place in places) == SEATS
    assert len({place.ticket_id for place in places}) == BROWSERS

    waiting = sorted(place.ticket_id for place in places if not place.is_in)
    later = NOW + SEAT_KEPT
    just_before = later - timedelta(seconds=1)
    with ThreadPoolExecutor(16) as pool:
        still = list(pool.map(lambda ticket: look(ticket, just_before), waiting))
        assert not any(place.is_in for place in still)
        list(pool.map(lambda ticket: look(ticket, later), reversed(waiting)))

    with engine.connect() as connection:
        rows = connection.execute(select(TICKETS.c.id).where(TICKETS.c.admitted_at == later)).scalars()
        assert sorted(rows) == waiting[:SEATS]
