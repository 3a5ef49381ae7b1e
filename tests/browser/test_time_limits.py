"""The warning before a session closes, by keyboard and in two tabs: hours pass on the page's clock and the server's."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import Accessible
from tests.pages.look import served_app
from tests.payments.card import make_parent
from tests.support.households import make_household
from tests.support.pages import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
FORM = "/compte/donnees/droits"
MESSAGE = "Corrigez le prénom de Jade."
Pass = Callable[[int], None]


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with served_app(app) as address:
        yield address


@pytest.fixture
def alice(app: Flask, store: Session, url: str, context: BrowserContext) -> BrowserContext:
    user = make_parent(app, store, make_household(store).family.id, "alice@foyer.example")
    store.commit()
    cookie = Visitor(app).sign_in(user).client.get_cookie("session")
    context.add_cookies([{"name": "session", "value": cookie.value, "url": url}])
    context.clock.install()
    return context


@pytest.fixture
def minutes_pass(alice: BrowserContext, monkeypatch: pytest.MonkeyPatch) -> Pass:
    real, passed = TimestampSigner.get_timestamp, [0]
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: real(signer) + passed[0])

    def wait(minutes: int) -> None:
        passed[0] += minutes * 60
        alice.clock.fast_forward(minutes * 60_000)

    return wait


def typing_in(alice: BrowserContext, url: str) -> Page:
    page = alice.new_page()
    page.goto(url + FORM)
    page.locator("textarea").fill(MESSAGE)
    return page


def test_who_stays_keeps_the_session_the_text_and_the_place(
    alice: BrowserContext, url: str, minutes_pass: Pass, accessible: type[Accessible]
) -> None:
    page = typing_in(alice, url)
    minutes_pass(234)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    minutes_pass(2)

    warning = page.get_by_role("alertdialog", name="Êtes-vous toujours là ?")
    expect(warning).to_contain_text("Votre session se ferme dans 4 minutes.")
    expect(page.get_by_role("button", name="Rester connecté")).to_be_focused()
    accessible.check(page)
    minutes_pass(1)
    expect(warning).to_contain_text("dans 3 minutes")

    page.keyboard.press("Enter")

    expect(warning).to_be_hidden()
    expect(page.locator("textarea")).to_be_focused()
    expect(page.locator("textarea")).to_have_value(MESSAGE)
    minutes_pass(200)
    assert page.request.get(f"{url}/session/reste").json()["seconds"] > 0
    expect(warning).to_be_hidden()


def test_a_page_opened_in_another_tab_takes_the_warning_away(
    alice: BrowserContext, url: str, minutes_pass: Pass
) -> None:
    page = typing_in(alice, url)
    minutes_pass(237)
    expect(page.get_by_role("alertdialog")).to_be_visible()

    other = alice.new_page()
    other.goto(f"{url}/session")
    expect(other.get_by_role("heading", level=1)).to_have_text("Vous restez connecté")

    expect(page.get_by_role("alertdialog")).to_be_hidden()
    expect(page.locator("textarea")).to_have_value(MESSAGE)


def test_once_closed_the_page_says_so_and_keeps_the_text(
    alice: BrowserContext, url: str, minutes_pass: Pass, accessible: type[Accessible]
) -> None:
    page = typing_in(alice, url)
    minutes_pass(237)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    minutes_pass(5)

    closed = page.get_by_role("alertdialog", name="Votre session est fermée")
    expect(closed).to_contain_text("connectez-vous dans un autre onglet")
    expect(page.get_by_role("link", name="Me connecter (nouvel onglet)")).to_be_focused()
    accessible.check(page)
    page.keyboard.press("Escape")
    expect(closed).to_be_hidden()
    expect(page.locator("textarea")).to_have_value(MESSAGE)
