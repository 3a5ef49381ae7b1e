"""Who comes in, on each kind of database: never before those who came earlier and are still there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from domain.queueing.operations import TICKETS, Place, drop_old_tickets, find_place, keep_seat
from domain.queueing.rules import PATIENCE, SEAT_KEPT, TICKET_KEPT

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEATS = 2


@pytest.fixture
def room(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def arrive(room: Connection, now: datetime = NOW, ticket: int | None = None, seats: int = SEATS) -> Place:
    return find_place(room, now=now, seats=seats, ticket_id=ticket)


def test_the_first_come_in_at_once_and_the_others_know_their_place(room: Connection) -> None:
    places = [arrive(room) for _browser in range(5)]

    assert [one.is_in for one in places] == [True, True, False, False, False]
    assert [one.ahead for one in places[2:]] == [0, 1, 2]
    assert places[2].minutes == 3  # two came in during five minutes


def test_coming_back_is_no_second_arrival_and_gains_nothing(room: Connection) -> None:
    for _browser in range(SEATS + 1):
        arrive(room)
    last = arrive(room)
    again = [arrive(room, NOW + timedelta(seconds=n), last.ticket_id) for n in range(5)]

    assert {one.ticket_id for one in again} == {last.ticket_id}
    assert {one.ahead for one in again} == {1}
    assert room.execute(select(func.count()).select_from(TICKETS)).scalar_one() == SEATS + 2


def test_a_seat_left_goes_to_the_first_who_is_still_there(room: Connection) -> None:
    seated = [arrive(room) for _browser in range(SEATS)]
    gone, there = arrive(room), arrive(room)
    later = NOW + SEAT_KEPT + timedelta(seconds=1)
    half = NOW + SEAT_KEPT / 2
    arrive(room, half, seated[0].ticket_id)
    assert not arrive(room, later - timedelta(minutes=1), there.ticket_id).is_in

    assert arrive(room, later, there.ticket_id).is_in
    back = arrive(room, later, gone.ticket_id)
    assert not back.is_in
    assert (back.ticket_id, back.ahead) == (gone.ticket_id, 0)  # its place was kept
    assert later - NOW > PATIENCE


def test_who_lost_its_seat_comes_behind_those_who_wait(room: Connection) -> None:
    seated = [arrive(room) for _browser in range(SEATS)]
    later = NOW + SEAT_KEPT
    waiting = [arrive(room, later - timedelta(seconds=30)) for _browser in range(3)]
    assert not any(one.is_in for one in waiting)

    back = arrive(room, later, seated[0].ticket_id)

    assert not back.is_in
    assert back.ahead == 1  # two of the three took the free seats


def test_what_is_sent_keeps_the_seat_whatever_the_ticket_says(room: Connection) -> None:
    seated = [arrive(room) for _browser in range(SEATS)]
    later = NOW + SEAT_KEPT + timedelta(minutes=5)

    assert keep_seat(room, now=later, ticket_id=seated[0].ticket_id) == seated[0].ticket_id
    assert arrive(room, later, seated[0].ticket_id).is_in
    unknown = keep_seat(room, now=later, ticket_id=None)
    assert arrive(room, later, unknown).is_in


def test_a_seat_in_use_costs_one_read(room: Connection) -> None:
    seated = arrive(room)
    assert arrive(room, NOW + timedelta(seconds=5), seated.ticket_id) == Place(seated.ticket_id, is_in=True)

    row = room.execute(select(TICKETS)).one()
    assert row.seen_at == NOW  # nothing was written


def test_yesterdays_tickets_are_forgotten(room: Connection) -> None:
    arrive(room)
    assert drop_old_tickets(room, now=NOW + TICKET_KEPT) == 0
    assert drop_old_tickets(room, now=NOW + TICKET_KEPT + timedelta(seconds=1)) == 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 240)), max_size=40), seats=st.integers(1, 4)
)
def test_nobody_overtakes_who_is_there_and_no_more_come_in_than_there_are_seats(
    engine: Engine, steps: list[tuple[int, int]], seats: int
) -> None:
    with engine.connect() as room:
        now, held = NOW, dict[int, int]()
        for browser, seconds in steps:
            now += timedelta(seconds=seconds)
            place = find_place(room, now=now, seats=seats, ticket_id=held.get(browser))
            held[browser] = place.ticket_id
            rows = room.execute(select(TICKETS).order_by(TICKETS.c.id)).all()
            seated = [row for row in rows if row.admitted_at and now - row.seen_at < SEAT_KEPT]
            assert len(seated) <= seats
            waiting = [row.id for row in rows if row.admitted_at is None and now - row.seen_at < PATIENCE]
            let_in_now = [row.id for row in rows if row.admitted_at == now]
            if seconds and let_in_now and waiting:
                assert max(let_in_now) < min(waiting)
            assert place.is_in or len(seated) == seats  # a free seat is never left empty
        room.rollback()
