"""A child's month in the browser: booking, the waiting list, and the place that is offered."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.dates import at
from models.activities import ActivityDay, ActivityKind
from models.messages import OutboxMail
from models.reservations import LIVE_STATES, Reservation, ReservationState, WaitingEntry
from models.schools import Level
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, make_family, make_household, make_pupil
from tests.support.pages import Page, Visitor
from tests.support.queries import recorded_statements
from views.jobs.waiting import move_waiting_lists

DECEMBER = date(2026, 12, 1)
NOON = at(date(2026, 11, 23), time(12))
KIND = ActivityKind.SUPERVISED_STUDY


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    made.book(made.elder, KIND, date(2026, 11, 1), 1)
    made.book(made.younger, KIND, date(2026, 11, 1), 1)
    set_clock(NOON)
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
    return visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


def month_of(visitor: Visitor, child_id: int, status: int = 200) -> Page:
    return visitor.get(f"/enfants/{child_id}/reservations?m=2026-12", status=status)


def boxes(page: Page, name: str, *, ticked: bool | None = None) -> list[str]:
    found = page.all("input", name=name)
    return [
        box.get("value", "") for box in found if ticked is None or (box.get("checked") is not None) == ticked
    ]


def save(visitor: Visitor, page: Page, days: list[str], wait: list[str] | None = None) -> Page:
    fields = {"days": days} | ({"wait": wait} if wait is not None else {})
    return visitor.submit(page, fields, action="/reservations")


def fill_first_day(store: Session, house: Household) -> ActivityDay:
    """Leave one place on the first day of December, and give it to Léo."""
    day = house.days(KIND, DECEMBER, 1)[0]
    store.execute(update(ActivityDay).where(ActivityDay.id == day.id).values(places=1))
    store.commit()
    return day


def live_state(store: Session, child_id: int, day: ActivityDay) -> ReservationState | None:
    store.expire_all()
    return store.scalar(
        select(Reservation.state).where(
            Reservation.child_id == child_id,
            Reservation.activity_day_id == day.id,
            Reservation.state.in_(LIVE_STATES),
        )
    )


def test_ticked_days_are_booked_and_unticked_ones_cancelled(
    alice: Visitor, store: Session, house: Household
) -> None:
    day = house.days(KIND, DECEMBER, 1)[0]
    page = save(alice, month_of(alice, house.elder.id), [str(day.id)])

    assert "1 journée réservée" in page.text
    assert boxes(page, "days", ticked=True) == [str(day.id)]
    assert live_state(store, house.elder.id, day) is ReservationState.RESERVED

    page = save(alice, page, [])
    assert "1 annulée" in page.text
    assert live_state(store, house.elder.id, day) is None


def test_a_full_day_offers_the_waiting_list_and_the_freed_place_reaches_who_waits(
    app: Flask, alice: Visitor, store: Session, house: Household
) -> None:
    day = fill_first_day(store, house)
    save(alice, month_of(alice, house.elder.id), [str(day.id)])

    page = month_of(alice, house.younger.id)
    assert boxes(page, "wait") == [str(day.id)]
    page = save(alice, page, [], [str(day.id)])
    assert "1 en liste d’attente" in page.text
    assert boxes(page, "wait", ticked=True) == [str(day.id)]

    save(alice, month_of(alice, house.elder.id), [])
    with app.test_request_context():
        assert move_waiting_lists() == 1
        assert move_waiting_lists() == 0
    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "place_offered")).one()
    assert "Jade" in mail.subject

    entry = store.scalars(select(WaitingEntry)).one()
    home = alice.get("/accueil")
    assert "Une place pour Jade" in home.text
    page = alice.get(f"/places-proposees/{entry.id}")
    page = alice.submit(page, button="", action=f"/places-proposees/{entry.id}")

    assert "La place est à vous" in page.text
    assert live_state(store, house.younger.id, day) is ReservationState.RESERVED


def test_a_place_that_is_let_go_is_no_more_offered(
    app: Flask, alice: Visitor, store: Session, house: Household
) -> None:
    day = fill_first_day(store, house)
    save(alice, month_of(alice, house.elder.id), [str(day.id)])
    save(alice, month_of(alice, house.younger.id), [], [str(day.id)])
    save(alice, month_of(alice, house.elder.id), [])
    entry = store.scalars(select(WaitingEntry)).one()

    page = alice.get(f"/places-proposees/{entry.id}")
    alice.submit(page, action=f"/places-proposees/{entry.id}", button="answer=no")

    assert live_state(store, house.younger.id, day) is None
    assert "n’est plus proposée" in alice.get(f"/places-proposees/{entry.id}").text


def test_an_offer_answered_too_late_says_so(
    app: Flask, alice: Visitor, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    day = fill_first_day(store, house)
    save(alice, month_of(alice, house.elder.id), [str(day.id)])
    save(alice, month_of(alice, house.younger.id), [], [str(day.id)])
    save(alice, month_of(alice, house.elder.id), [])
    entry = store.scalars(select(WaitingEntry)).one()
    page = alice.get(f"/places-proposees/{entry.id}")

    set_clock(NOON + timedelta(hours=25))
    page = alice.submit(page, action=f"/places-proposees/{entry.id}")

    assert "n’est plus proposée" in page.text


def test_a_day_that_is_not_for_the_child_says_why(alice: Visitor, store: Session, house: Household) -> None:
    study = house.activity(KIND)
    study.min_age_months = 12 * 18
    store.commit()

    page = month_of(alice, house.elder.id)

    assert "Trop jeune" in page.text
    assert not boxes(page, "days")


def test_another_family_finds_neither_the_month_nor_the_offer(
    app: Flask, store: Session, house: Household, alice: Visitor
) -> None:
    day = fill_first_day(store, house)
    save(alice, month_of(alice, house.elder.id), [str(day.id)])
    save(alice, month_of(alice, house.younger.id), [], [str(day.id)])
    save(alice, month_of(alice, house.elder.id), [])
    entry = store.scalars(select(WaitingEntry)).one()
    other = make_family(store, "Petit")
    make_pupil(store, house.setting, other, "Zoé", date(2019, 1, 1), Level.CE1)
    stranger = Visitor(app).sign_in(make_parent(app, store, other.id, "charlie@courriel.example"))

    month_of(stranger, house.elder.id, status=404)
    stranger.get(f"/places-proposees/{entry.id}", status=404)


def test_a_day_that_filled_up_meanwhile_is_named_and_the_rest_is_kept(
    alice: Visitor, store: Session, house: Household
) -> None:
    full, free = house.days(KIND, DECEMBER, 2)
    page = month_of(alice, house.elder.id)
    store.execute(update(ActivityDay).where(ActivityDay.id == full.id).values(places=0))
    store.commit()

    page = alice.submit(page, {"days": [str(full.id), str(free.id)]}, action="/reservations", status=422)

    assert "Il n’y a plus de place" in page.text
    assert live_state(store, house.elder.id, free) is ReservationState.RESERVED
    assert live_state(store, house.elder.id, full) is None


def test_the_month_takes_at_most_eight_statements(
    app: Flask, alice: Visitor, house: Household, store: Session
) -> None:
    month_of(alice, house.elder.id)

    with recorded_statements() as statements:
        month_of(alice, house.elder.id)

    assert len(statements) <= 8
