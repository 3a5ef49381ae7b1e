"""Sixty-four clients for twenty places, on each database, against the bare statements of a booking."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from domain.reservations.opening import register_child
from domain.reservations.operations import Choice, reserve_days
from models.activities import ActivityDay, ActivityKind
from models.reservations import LIVE_STATES, Reservation
from models.schools import Level
from tests.bench.report import Figure
from tests.bench.town import FOLDER
from tests.support.databases import build_schema, sqlite_url
from tests.support.households import ACTOR, AUGUST, make_family, make_household, make_pupil
from tests.support.postgres import Cluster

CLIENTS, PLACES, DAYS = 64, 20, 5
NOVEMBER = date(2026, 11, 1)


def measure_booking() -> list[Figure]:
    """Measure on SQLite, then on a PostgreSQL of its own."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("booking.sqlite*"):
        old.unlink()
    figures = [_measure("SQLite", build_schema(sqlite_url(FOLDER / "booking.sqlite")))]
    cluster = Cluster.start()
    try:
        figures.append(_measure("PostgreSQL", build_schema(cluster.create_database("booking"))))
    finally:
        cluster.stop()
    return figures


def _measure(name: str, engine: Engine) -> Figure:
    with Session(engine) as session:
        house = make_household(session)
        people = []
        activity = house.activity(ActivityKind.CANTEEN)
        for number in range(CLIENTS):
            family = make_family(session, f"Famille {number}")
            child = make_pupil(
                session, house.setting, family, f"Enfant {number}", date(2019, 1, 1), Level.CE1
            )
            register_child(
                session,
                actor=ACTOR,
                now=AUGUST,
                child_id=child.id,
                family_id=family.id,
                activity_id=activity.id,
            )
            people.append((child.id, family.id))
        days = [day.id for day in house.days(ActivityKind.CANTEEN, NOVEMBER, DAYS)]
        session.execute(update(ActivityDay).where(ActivityDay.id.in_(days)).values(places=PLACES))
        session.commit()

    def book(person: tuple[int, int], day_id: int) -> None:
        with Session(engine) as session:
            outcome = reserve_days(
                session,
                actor=ACTOR,
                now=AUGUST,
                child_id=person[0],
                family_id=person[1],
                choices=[Choice(day_id)],
            )
            session.commit()
            assert len(outcome.booked) + len(outcome.refused) == 1

    def bare(_person: tuple[int, int], day_id: int) -> None:
        with engine.begin() as connection:
            connection.execute(
                text("UPDATE activity_day SET taken = taken WHERE id = :id AND taken <= places"),
                {"id": day_id},
            )

    ceiling = _rate(bare, people, days)
    ours = _rate(book, people, days)
    with Session(engine) as session:
        live = select(func.count()).where(
            Reservation.activity_day_id.in_(days), Reservation.state.in_(LIVE_STATES)
        )
        sold = session.scalar(live) or 0
    engine.dispose()
    return Figure(
        f"{CLIENTS} clients for {PLACES} places, {name}",
        f"{sold // DAYS} sold a day, {ours:.0f} requests/s",
        f"{ceiling:.0f}/s, the bare UPDATE",
        f"{ours / ceiling:.0%}",
        f"exactly {PLACES}",
        is_met=sold == PLACES * DAYS,
    )


def _rate(
    act: Callable[[tuple[int, int], int], None], people: list[tuple[int, int]], days: list[int]
) -> float:
    """Let every client ask for each day, all at once, one day after the other."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for day_id in days:
            list(pool.map(lambda person, day_id=day_id: act(person, day_id), people))
    return CLIENTS * len(days) / (time.perf_counter() - start)
