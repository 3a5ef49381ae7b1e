"""A parent sees late pick-ups coming, and reads on the invoice when they were."""

from collections.abc import Callable
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.dates import at
from models.activities import ActivityKind
from models.attendance import Presence
from models.invoices import Invoice
from tests.invoicing.support import NOVEMBER, issue
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, make_household
from tests.support.pages import Visitor

EVENING = ActivityKind.EVENING_CHILDCARE


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    """Léo was picked up eight minutes after the closing, on 2 November; it is the 28th."""
    set_clock(at(date(2026, 11, 28), time(9)))
    made = make_household(store)
    made.book(made.elder, EVENING, NOVEMBER, 10)
    day = made.days(EVENING, NOVEMBER, 1)[0]
    made.call(made.elder, day, Presence.PRESENT).left_at = at(day.day, time(18, 38))
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    return Visitor(app).sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_month_in_progress_tells_late_pick_ups(alice: Visitor) -> None:
    page = alice.get("/factures")

    assert "1 retard, 10,00 €" in plain(page.text)


def test_the_registration_says_from_when_a_late_pick_up_is_billed(alice: Visitor, house: Household) -> None:
    page = alice.get(f"/enfants/{house.younger.id}/inscriptions")

    assert "un départ à partir de 18 h 35 est facturé en plus" in plain(page.text)


def test_the_invoice_says_when_the_child_left(alice: Visitor, store: Session, house: Household) -> None:
    issue(store)
    store.commit()
    number = store.scalars(select(Invoice.id)).one()

    page = alice.get(f"/factures/{number}")

    assert "Retard : garderie du soir" in plain(page.text)
    assert "2 nov. : départ à 18 h 38, fermeture à 18 h 30" in plain(page.text)
