"""Sixty-four families for twenty places: twenty get one, and everybody gets an answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from domain.reservations.opening import register_child
from domain.reservations.operations import Choice, Outcome, cancel_days, reserve_days
from domain.reservations.rules import Reason
from models.activities import ActivityDay, ActivityKind
from models.family import ChildFamily
from models.reservations import LIVE_STATES, Reservation
from models.schools import Level
from tests.support.households import ACTOR, AUGUST, Household, make_family, make_household, make_pupil

pytestmark = pytest.mark.race
CLIENTS, PLACES = 64, 20
NOVEMBER = date(2026, 11, 1)
CANTEEN = ActivityKind.CANTEEN


@pytest.fixture
def crowd(engine: Engine) -> tuple[Engine, int, list[tuple[int, int]]]:
    """A database really committed, a day with twenty places, and sixty-four children registered."""
    with Session(engine) as session:
        house = make_household(session, lived=bring_a_crowd)
        belongs = select(ChildFamily.child_id, ChildFamily.family_id).order_by(ChildFamily.child_id)
        people = [
            tuple(row) for row in session.execute(belongs.where(ChildFamily.family_id != house.family.id))
        ]
        day = house.days(CANTEEN, NOVEMBER, 1)[0]
        session.execute(update(ActivityDay).where(ActivityDay.id == day.id).values(places=PLACES))
        session.commit()
        return engine, day.id, people


def bring_a_crowd(house: Household) -> None:
    for number in range(CLIENTS):
        family = make_family(house.session, f"Famille {number}")
        child = make_pupil(
            house.session, house.setting, family, f"Enfant {number}", date(2019, 1, 1), Level.CE1
        )
        register_child(
            house.session,
            actor=ACTOR,
            now=AUGUST,
            child_id=child.id,
            family_id=family.id,
            activity_id=house.activity(CANTEEN).id,
        )


def book(engine: Engine, day_id: int, child_id: int, family_id: int) -> Outcome:
    with Session(engine) as session:
        outcome = reserve_days(
            session, actor=ACTOR, now=AUGUST, child_id=child_id, family_id=family_id, choices=[Choice(day_id)]
        )
        session.commit()
        return outcome


def counts(engine: Engine, day_id: int) -> tuple[int, int]:
    """Return the day's counter, and its live reservations."""
    with Session(engine) as session:
        taken = session.scalars(select(ActivityDay.taken).where(ActivityDay.id == day_id)).one()
        live = select(func.count()).where(
            Reservation.activity_day_id == day_id, Reservation.state.in_(LIVE_STATES)
        )
        return taken, session.scalar(live) or 0


def test_twenty_places_are_sold_twenty_times(crowd: tuple[Engine, int, list[tuple[int, int]]]) -> None:
    engine, day_id, people = crowd

    with ThreadPoolExecutor(CLIENTS) as pool:
        outcomes = list(pool.map(lambda person: book(engine, day_id, *person), people))

    assert sum(len(outcome.booked) for outcome in outcomes) == PLACES
    refused = [answer.reason for outcome in outcomes for answer in outcome.refused]
    assert refused == [Reason.FULL] * (CLIENTS - PLACES)
    assert counts(engine, day_id) == (PLACES, PLACES)
    engine.dispose()


def test_the_control_shows_that_reading_before_writing_oversells(
    crowd: tuple[Engine, int, list[tuple[int, int]]],
) -> None:
    engine, day_id, people = crowd
    with Session(engine) as session:
        session.execute(update(ActivityDay).where(ActivityDay.id == day_id).values(places=PLACES))
        session.commit()
    everybody_has_read = Barrier(2 * PLACES)

    def read_then_write(_person: tuple[int, int]) -> bool:
        with Session(engine) as session:
            row = session.execute(
                select(ActivityDay.taken, ActivityDay.places).where(ActivityDay.id == day_id)
            ).one()
            session.rollback()
            everybody_has_read.wait(30)
            return bool(row.taken < row.places)

    with ThreadPoolExecutor(2 * PLACES) as pool:
        sold = sum(pool.map(read_then_write, people[: 2 * PLACES]))

    assert sold > PLACES
    engine.dispose()


def test_a_double_submit_takes_one_place(crowd: tuple[Engine, int, list[tuple[int, int]]]) -> None:
    engine, day_id, people = crowd

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: book(engine, day_id, *people[0]), range(10)))

    assert counts(engine, day_id) == (1, 1)
    engine.dispose()


def test_booking_and_cancelling_at_once_keep_the_counter_true(
    crowd: tuple[Engine, int, list[tuple[int, int]]],
) -> None:
    engine, day_id, people = crowd

    def come_and_go(person: tuple[int, int]) -> None:
        for _ in range(3):
            book(engine, day_id, *person)
            with Session(engine) as session:
                cancel_days(
                    session,
                    actor=ACTOR,
                    now=AUGUST,
                    child_id=person[0],
                    family_id=person[1],
                    day_ids=[day_id],
                )
                session.commit()
        book(engine, day_id, *person)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(come_and_go, people[:32]))

    taken, live = counts(engine, day_id)
    assert taken == live == PLACES
    engine.dispose()
