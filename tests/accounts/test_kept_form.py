"""Typed text outlives the session: it comes back on the page, and is sent again after signing in."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User
from models.demarches import Demarche
from models.town import Town
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_household
from tests.support.pages import Page, Visitor, form_values

FORM, MANDATE = "/compte/donnees/droits", "/compte/prelevement"
OURS = {"Origin": "http://localhost"}
MESSAGE = "Corrigez le prénom de Jade, qui s’écrit avec un e à la fin."


@pytest.fixture
def house(store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    store.commit()
    set_clock(instant(date(2026, 11, 23), 11))
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_parent(app, store, house.family.id, "alice@foyer.example")
    store.commit()
    return Visitor(app).sign_in(user)


def late(visitor: Visitor, *, headers: dict[str, str]) -> Page:
    """Fill the form in, lose the session, then send it."""
    values = form_values(visitor.get(FORM).form()) | {"right": "rectification", "message": MESSAGE}
    visitor.client.delete_cookie("session")
    return visitor._read(visitor.client.post(FORM, data=values, headers=headers), 400)


def test_what_was_typed_is_kept_and_sent_again_once_signed_in(
    app: Flask, store: Session, house: Household, alice: Visitor
) -> None:
    page = late(alice, headers=OURS)
    assert page.title == "Votre session était terminée"
    assert MESSAGE in page.text

    alice.sign_in(store.scalars(select(User)).one())
    alice.submit(page)

    assert store.scalars(select(Demarche)).one().answers["message"] == MESSAGE


def test_another_sites_form_is_not_kept(alice: Visitor, store: Session) -> None:
    page = late(alice, headers={"Origin": "https://ailleurs.example"})

    assert MESSAGE not in page.text
    assert store.scalars(select(Demarche)).all() == []


def test_secrets_are_never_written_back(app: Flask, alice: Visitor) -> None:
    alice.client.delete_cookie("session")
    sent = {"email": "nouvelle@foyer.example", "password": "Un-Grand-Secret-1909"}

    answer = alice.client.post("/compte/email", data=sent, headers=OURS)

    assert answer.status_code == 400
    assert "nouvelle@foyer.example" in answer.text
    assert "Un-Grand-Secret-1909" not in answer.text


def test_a_form_about_money_waits_for_the_password_with_what_was_typed(
    alice: Visitor, store: Session, house: Household
) -> None:
    """The password is good for half an hour; somebody may need longer to find the bank's papers."""
    town = store.scalars(select(Town)).one()
    town.sepa_creditor_id, town.sepa_iban = "FR72ZZZ123456", "FR1420041010050500013M02606"
    store.commit()
    values = form_values(alice.get(MANDATE).form()) | {
        "holder": "Alice Foyer",
        "iban": "FR1420041010050500013M02606",
    }
    with alice.client.session_transaction() as cookies:
        cookies["fs_paa"] -= 3600
        cookies.pop("fs_gexp", None)

    page = alice._read(alice.client.post(MANDATE, data=values, headers=OURS), 401)

    assert page.title == "Confirmez votre mot de passe"
    assert "coordonnées bancaires ne sont pas gardés" in page.text
    kept = form_values(page.form("prelevement"))
    assert kept["holder"] == ["Alice Foyer"]
    assert "iban" not in kept
