"""The waiting room in the browser: a page that needs no JavaScript, and that no form is ever lost to."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.queueing.rules import PATIENCE, SEAT_KEPT
from models.activities import ActivityKind
from models.queueing import QueueTicket
from models.reservations import Reservation
from tests.conftest import portal_in
from tests.payments.test_card_pages import make_parent
from tests.support.databases import make_engine
from tests.support.households import Household, instant, make_family, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.queries import recorded_statements
from views.waiting_room import COOKIE

NOW = instant(date(2026, 11, 23), 12)
KIND = ActivityKind.SUPERVISED_STUDY
WAITS = "Vous êtes dans la file d’attente"


@pytest.fixture
def busy(tmp_path: Path, empty_database: Path, set_clock: Callable[[datetime], None]) -> Iterator[Flask]:
    """A portal where one family at a time may reserve."""
    set_clock(NOW)
    with portal_in(tmp_path, empty_database, waiting_room_seats=1) as portal:
        yield portal


@pytest.fixture
def store(busy: Flask) -> Iterator[Session]:
    engine = make_engine(busy.config["SQLALCHEMY_DATABASE_URI"])
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def house(store: Session) -> Household:
    made = make_household(store)
    made.book(made.elder, KIND, date(2026, 11, 1), 1)
    store.commit()
    return made


@pytest.fixture
def alice(busy: Flask, store: Session, house: Household) -> Visitor:
    return parent(busy, store, house.family.id, "alice@courriel.example")


@pytest.fixture
def rose(busy: Flask, store: Session, house: Household) -> Visitor:
    return parent(busy, store, make_family(store, "Roux").id, "rose@courriel.example")


def parent(busy: Flask, store: Session, family_id: int, email: str) -> Visitor:
    user = make_parent(busy, store, family_id, email)
    store.commit()
    return Visitor(busy).sign_in(user)


def month_of(house: Household) -> str:
    return f"/enfants/{house.elder.id}/reservations?m=2026-12"


def text(visitor: Visitor, path: str = "/reservations") -> str:
    answer = visitor.client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_when_the_seats_are_taken_the_next_waits_in_a_page_that_refreshes_itself(
    alice: Visitor, rose: Visitor, house: Household
) -> None:
    assert "Réservations de Léo" in text(alice, month_of(house))

    with recorded_statements() as statements:
        page = text(rose)

    assert WAITS in page
    assert '<meta http-equiv="refresh" content="10">' in page
    assert "<script" not in page
    assert "Vous êtes la prochaine famille à entrer" in page
    assert len(statements) <= 7, statements
    assert {"queue_ticket" in statement for statement in statements} == {True}


def test_who_waits_may_stop_the_page_from_loading_itself_and_keeps_the_place(
    alice: Visitor, rose: Visitor, house: Household
) -> None:
    text(alice, month_of(house))
    page = rose.get(f"{month_of(house)}")
    stop = page.links()["Arrêter l’actualisation automatique"]

    stopped = rose.get(f"{page.path}{stop}")

    assert "http-equiv" not in stopped.response.text
    assert "si possible toutes les 3 minutes" in stopped.text
    assert "la prochaine famille à entrer" in stopped.text
    again = stopped.links()["Reprendre l’actualisation automatique"]
    assert again == "?m=2026-12"
    assert "http-equiv" in rose.get(f"{page.path}{again}").response.text


def test_who_came_in_reads_until_when_the_turn_is_kept(alice: Visitor, house: Household) -> None:
    page = alice.get(month_of(house))

    assert "votre tour est gardé jusqu’à 12 h 10" in page.text
    assert page.all("section", data_limit="turn")[0].get("data-seconds") == "600"
    assert alice.get("/compte").all("section", data_limit="turn") == []


def test_the_rest_of_the_portal_never_waits(alice: Visitor, rose: Visitor, house: Household) -> None:
    text(alice, month_of(house))

    for path in ("/accueil", "/factures", "/famille", "/compte"):
        assert WAITS not in text(rose, path), path


def test_the_next_comes_in_when_the_seat_is_left(
    alice: Visitor, rose: Visitor, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    text(alice, month_of(house))
    assert WAITS in text(rose)

    set_clock(NOW + SEAT_KEPT - PATIENCE / 2)
    assert WAITS in text(rose)
    set_clock(NOW + SEAT_KEPT)
    assert WAITS not in text(rose)
    assert WAITS in text(alice)


def test_a_form_is_received_and_answered_even_when_the_seat_was_lost(
    alice: Visitor,
    rose: Visitor,
    house: Household,
    store: Session,
    set_clock: Callable[[datetime], None],
) -> None:
    day = house.days(KIND, date(2026, 12, 1), 1)[0]
    page = alice.get(month_of(house))
    set_clock(NOW + SEAT_KEPT)
    assert WAITS not in text(rose)

    page = alice.submit(page, {"days": [str(day.id)]}, action="/reservations")

    assert "1 journée réservée" in page.text
    booked = select(func.count()).where(Reservation.activity_day_id == day.id)
    assert store.scalar(select(func.count()).select_from(booked.subquery())) == 1


def test_a_form_that_is_not_ours_gives_no_seat(
    busy: Flask, alice: Visitor, rose: Visitor, house: Household, store: Session
) -> None:
    text(alice, month_of(house))
    busy.config["WTF_CSRF_ENABLED"] = True

    answer = rose.client.post(f"/enfants/{house.elder.id}/reservations", data={"month": "2026-12"})

    assert answer.status_code == 400
    assert WAITS in text(rose)
    assert store.scalar(select(func.count()).where(QueueTicket.admitted_at.is_not(None))) == 1


def test_a_ticket_made_up_is_no_ticket(alice: Visitor, rose: Visitor, house: Household) -> None:
    text(alice, month_of(house))
    rose.client.set_cookie(COOKIE, "1")

    assert WAITS in text(rose)


def test_agents_never_wait_even_for_a_family(
    busy: Flask, alice: Visitor, house: Household, store: Session
) -> None:
    text(alice, month_of(house))
    user = make_staff(store, "guichet@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    agent = Visitor(busy).sign_in(user)
    agent.submit(agent.get(f"/admin/family/details/?id={house.family.id}"), action="/agir")

    assert "Réservations de Léo" in text(agent, month_of(house))


def test_without_the_setting_nobody_waits_and_nothing_is_asked(app: Flask) -> None:
    assert not [
        function
        for function in app.before_request_funcs.get(None, [])
        if function.__module__ == "views.waiting_room"
    ]


def test_a_crowd_comes_in_one_by_one_in_order_of_arrival(
    busy: Flask, house: Household, store: Session, set_clock: Callable[[datetime], None]
) -> None:
    families = [make_family(store, f"Foyer {n}").id for n in range(4)]
    crowd = [parent(busy, store, one, f"p{one}@courriel.example") for one in families]
    first = [WAITS not in text(one) for one in crowd]
    assert first == [True, False, False, False]
    assert "2 familles passent avant vous" in text(crowd[3])

    came_in, now = [0], NOW
    for _turn in range(3):
        left = now + SEAT_KEPT
        while now < left:
            now += timedelta(minutes=1)
            set_clock(now)
            came_in += [n for n, one in enumerate(crowd) if n not in came_in and WAITS not in text(one)]
    assert came_in == [0, 1, 2, 3]
