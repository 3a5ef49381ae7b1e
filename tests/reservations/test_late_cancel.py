"""A day given up after its deadline: its price said first, its place for another, and nothing else given up so."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.activities import ActivityDay, ActivityKind
from models.reservations import Reservation, ReservationState
from models.town import Town
from tests.accounts.people import mails
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_family, make_household
from tests.support.page_checks import text_of
from tests.support.pages import Page, Visitor
from tests.support.queries import recorded_statements

KIND = ActivityKind.CANTEEN
DECEMBER = date(2026, 12, 1)
# Tuesday 1 December could be cancelled for nothing until Friday 27 November, 10:00.
TOO_LATE, IN_TIME = instant(date(2026, 11, 30), 9), instant(date(2026, 11, 27), 9)
OVER = instant(date(2026, 12, 1), 12)


@pytest.fixture
def house(store: Session) -> Household:
    made = make_household(store)
    made.book(made.elder, KIND, DECEMBER, 2)
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    return Visitor(app).sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


def first_day(house: Household) -> ActivityDay:
    return house.days(KIND, DECEMBER, 1)[0]


def link_to(page: Page, words: str) -> str:
    return next(href for text, href in page.links().items() if text.startswith(words))


def path_of(house: Household) -> str:
    return f"/enfants/{house.elder.id}/reservations/{first_day(house).id}/annuler"


def states(store: Session, house: Household) -> list[ReservationState]:
    store.expire_all()
    found = select(Reservation.state).where(Reservation.child_id == house.elder.id).order_by(Reservation.day)
    return list(store.scalars(found))


def test_the_price_is_said_before_and_the_place_is_free_again(
    alice: Visitor, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(TOO_LATE)
    month = alice.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")
    assert "Trop tard pour annuler sans payer" in month.text

    page = alice.get(link_to(month, "Annuler quand même Restauration"))
    assert "gratuite jusqu’au vendredi 27 novembre à 10 h" in page.text
    assert "facturée comme une absence : 3,06 €" in page.text
    assert "Si un autre enfant prend la place" not in page.text
    page = alice.submit(page, action="/annuler")

    assert "annulée hors délai" in text_of(page.root)
    assert states(store, house) == [ReservationState.LATE_CANCELLED, ReservationState.RESERVED]
    assert first_day(house).taken == 0
    assert "hors délai, facturée comme une absence" in mails(store, "reservations_saved")[0].text_body


def test_it_is_said_when_the_town_bills_nothing_for_a_place_taken_again(
    alice: Visitor, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    store.scalars(select(Town)).one().late_cancel_free_if_retaken = True
    store.commit()
    set_clock(TOO_LATE)

    assert "Si un autre enfant prend la place, vous ne paierez rien." in alice.get(path_of(house)).text


@pytest.mark.parametrize("now", [IN_TIME, OVER])
def test_a_day_in_time_or_begun_is_not_given_up_so(
    alice: Visitor, store: Session, house: Household, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    set_clock(TOO_LATE)
    page = alice.get(path_of(house))
    set_clock(now)

    assert alice.get(path_of(house)).path.endswith("/reservations")
    alice.submit(page, action="/annuler")

    assert states(store, house) == [ReservationState.RESERVED] * 2


def test_the_month_that_shows_one_costs_no_more_statements(
    alice: Visitor, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(TOO_LATE)
    path = f"/enfants/{house.elder.id}/reservations?m=2026-12"
    alice.get(path)

    with recorded_statements() as statements:
        assert "Trop tard pour annuler sans payer" in alice.get(path).text

    assert len(statements) <= 8


def test_another_family_s_day_is_not_found(
    app: Flask, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    other = make_family(store, "Petit")
    stranger = Visitor(app).sign_in(make_parent(app, store, other.id, "charlie@courriel.example"))
    set_clock(TOO_LATE)

    stranger.get(path_of(house), status=404)
