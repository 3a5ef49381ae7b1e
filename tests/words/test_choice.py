"""A person chooses a language once: the browser and the account remember, and nobody else is concerned."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.accounts import User
from tests.payments.card import make_parent
from tests.support.households import Household, make_family
from tests.support.pages import Page, Visitor
from views.languages import COOKIE, ENGLISH, FRENCH

PASSWORD = "Un-Mot-De-Passe-2026"


def switch(page: Page) -> tuple[str, str, str]:
    """Return the address, the language and the word of the page's link to the other language."""
    (link,) = (link for link in page.all("a") if link.get("hreflang"))
    assert link.get("lang") == link.get("hreflang")
    return link.get("href", ""), link.get("hreflang", ""), (link.text or "").strip()


def test_a_first_visit_is_french_whatever_the_browser_prefers(app: Flask, house: Household):
    client = app.test_client()

    with client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}) as answer:
        assert '<html lang="fr">' in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_link_of_each_page_changes_the_language_and_stays_on_the_page(app: Flask, house: Household):
    visitor = Visitor(app)
    address, language, word = switch(visitor.get("/aide?vers=ici"))

    english = visitor.get(address)

    assert (language, word) == (ENGLISH, "English")
    assert english.path == "/aide"
    assert english.root.get("lang") == ENGLISH
    assert english.title == "Help"
    assert visitor.get("/accessibilite").title == "Accessibility statement"
    back, language, word = switch(english)
    assert (language, word) == (FRENCH, "Français")
    assert visitor.get(back).root.get("lang") == FRENCH


def test_the_choice_is_kept_for_a_year_away_from_scripts(app: Flask, house: Household):
    client = app.test_client()

    client.get("/langue/en").close()

    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.value, cookie.http_only, cookie.same_site) == (ENGLISH, True, "Lax")
    assert cookie.max_age == 365 * 24 * 3600


@pytest.mark.parametrize("page", ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs.example"])
def test_the_choice_leads_nowhere_else(app: Flask, house: Household, page: str):
    with app.test_client().get("/langue/en", query_string={"page": page}) as answer:
        assert answer.location == "/"


def test_a_language_that_nobody_speaks_is_not_found(app: Flask, house: Household):
    visitor = Visitor(app)

    visitor.get("/langue/xx", status=404)

    assert visitor.get("/").root.get("lang") == FRENCH


def test_the_account_remembers_in_every_browser(app: Flask, store: Session, account: User, alice: Visitor):
    alice.get("/langue/en")

    elsewhere = Visitor(app).sign_in(account).get("/accueil")

    assert elsewhere.title.startswith("Hello ")
    store.expire_all()
    assert store.get_one(User, account.id).language == ENGLISH


def test_an_account_that_never_chose_learns_it_when_signing_in(app: Flask, store: Session, account: User):
    visitor = Visitor(app)
    visitor.get("/langue/en")

    form = visitor.get("/connexion")
    visitor.submit(form, {"email": account.email, "password": PASSWORD})

    store.expire_all()
    assert store.get_one(User, account.id).language == ENGLISH


def test_a_browser_of_another_language_does_not_change_an_account(
    app: Flask, store: Session, account: User, alice: Visitor
):
    alice.get("/langue/fr")
    visitor = Visitor(app)
    visitor.get("/langue/en")

    form = visitor.get("/connexion")
    home = visitor.submit(form, {"email": account.email, "password": PASSWORD})

    assert home.root.get("lang") == FRENCH
    store.expire_all()
    assert store.get_one(User, account.id).language == FRENCH


def test_another_parent_keeps_theirs(app: Flask, store: Session, house: Household, alice: Visitor):
    other = make_family(store, "Petit")
    chloe = Visitor(app).sign_in(make_parent(app, store, other.id, "chloe@courriel.example"))
    alice.get("/langue/en")

    assert alice.get("/factures").title == "Invoices"
    assert chloe.get("/factures").title == "Factures"


def test_the_months_cells_are_kept_by_language(house: Household, alice: Visitor):
    path = f"/enfants/{house.elder.id}/reservations?m=2026-12"
    french = alice.get(path)
    alice.get("/langue/en")

    english = alice.get(path)

    assert "jusqu’au " in french.text
    assert "until " in english.text
    assert "jusqu’au" not in english.response.text


def test_the_link_of_a_mail_opens_in_its_language_on_any_browser(app: Flask, house: Household):
    visitor = Visitor(app)

    page = visitor.get("/activer?langue=en")

    assert page.root.get("lang") == ENGLISH
    assert visitor.get("/aide").root.get("lang") == ENGLISH


def test_staff_read_french_whatever_they_chose(app: Flask, store: Session, account: User, alice: Visitor):
    alice.client.set_cookie(COOKIE, ENGLISH)

    page = alice.get("/admin/", status=403)

    assert page.root.get("lang") == FRENCH
