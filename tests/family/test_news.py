"""What the home tells of what others did since the last visit, and each child's week."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, system
from domain.custody.operations import attach_child, set_arrangement
from domain.custody.rules import CustodyPattern
from domain.dates import at
from domain.family.news import family_news, news_since
from domain.reservations.operations import Choice, reserve_days
from models.accounts import User
from models.activities import ActivityKind
from models.invoices import Invoice
from tests.invoicing.support import NOVEMBER, issue
from tests.payments.card import make_parent
from tests.support.households import ACTOR, AUGUST, Household, make_family, make_household
from tests.support.pages import Page, Visitor

MONDAY = at(date(2026, 11, 23), time(12))
SATURDAY = at(date(2026, 11, 28), time(12))
KIND = ActivityKind.CANTEEN


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    made.book(made.elder, KIND, NOVEMBER, 10)
    set_clock(MONDAY)
    store.commit()
    return made


@pytest.fixture
def account(app: Flask, store: Session, house: Household) -> User:
    return make_parent(app, store, house.family.id, "alice@courriel.example")


@pytest.fixture
def alice(account: User, visitor: Visitor) -> Visitor:
    return visitor.sign_in(account)


def book(store: Session, house: Household, actor: Actor, now: datetime) -> None:
    day = house.days(KIND, date(2026, 12, 1), 1)[0]
    choices = [Choice(day.id, None)]
    reserve_days(
        store, actor=actor, now=now, child_id=house.elder.id, family_id=house.family.id, choices=choices
    )
    store.commit()


def words(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("last_days_ago", "days"),
    [(None, 30), (60, 30), (12, 12), (1, 7)],
)
def test_news_reach_back_to_the_last_visit_a_week_at_least_and_a_month_at_most(
    last_days_ago: int | None, days: int
) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    last = None if last_days_ago is None else now - timedelta(days=last_days_ago)

    assert news_since(last, now) == now - timedelta(days=days)


def test_ones_own_acts_are_no_news(store: Session, house: Household) -> None:
    book(store, house, ACTOR, MONDAY)
    asked = {"family_id": house.family.id, "since": MONDAY, "actions": ["save_reservations"]}

    assert family_news(store, actor=ACTOR, **asked) == []
    (one,) = family_news(store, actor=system("other"), **asked)
    assert (one.child_id, one.booked, one.cancelled) == (house.elder.id, 1, 0)


def test_the_home_tells_what_the_office_booked(store: Session, house: Household, alice: Visitor) -> None:
    assert "Du nouveau" not in words(alice.get("/accueil"))
    book(store, house, ACTOR, MONDAY)

    page = alice.get("/accueil")

    assert "Réservations de Léo lundi 23 novembre, 1 journée réservée" in words(page)
    assert alice.get(page.links()["Réservations de Léo"]).title == "Réservations de Léo"


def test_an_invoice_is_paid_from_the_home_and_from_the_list(
    store: Session, alice: Visitor, house: Household
) -> None:
    issue(store)
    store.commit()
    invoice = store.scalars(select(Invoice)).one()
    for path in ("/accueil", "/factures"):
        page = alice.get(path)

        asked = alice.submit(page, {}, action=f"/factures/{invoice.id}/payer")

        assert asked.title == "Payer par carte"
    (link,) = [words for words in alice.get("/accueil").links() if words.startswith("Facture de novembre")]
    assert "30,60" in link


def test_a_week_end_shows_the_week_to_come(alice: Visitor, set_clock: Callable[[datetime], None]) -> None:
    assert "Cette semaine" in words(alice.get("/accueil"))

    set_clock(SATURDAY)
    page = alice.get("/accueil")

    assert "La semaine prochaine" in words(page)
    assert page.links()["Réserver pour Léo"].endswith("?m=2026-11#semaine-49")


def test_a_week_in_the_other_home_has_nothing_to_book(
    store: Session, house: Household, alice: Visitor
) -> None:
    moreau = make_family(store, "Moreau")
    signed = {"actor": ACTOR, "now": AUGUST, "child_id": house.elder.id}
    attach_child(store, family_id=moreau.id, valid_from=date(2026, 8, 24), **signed)
    set_arrangement(
        store,
        family_id=house.family.id,
        pattern=CustodyPattern.ODD_WEEKS,
        valid_from=date(2026, 8, 24),
        **signed,
    )
    store.commit()

    page = alice.get("/accueil")

    assert "Cette semaine, Léo est dans son autre foyer." in words(page)
    assert page.all("table") == []
