"""Shortcuts of one key, turned off in their own window and on again by its link (WCAG 2.1.4)."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, expect
from sqlalchemy.orm import Session

from domain.actor import Role
from tests.browser.conftest import Accessible
from tests.pages.look import served_app
from tests.support.pages import Visitor
from tests.support.people import make_staff

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with served_app(app) as address:
        yield address


def test_an_agent_turns_the_keys_off_and_finds_the_switch_again(
    app: Flask, store: Session, url: str, context: BrowserContext, accessible: type[Accessible]
) -> None:
    agent = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    cookie = Visitor(app).sign_in(agent).client.get_cookie("session")
    context.add_cookies([{"name": "session", "value": cookie.value, "url": url}])
    page = context.new_page()
    page.goto(f"{url}/admin/absences")
    window = page.get_by_role("dialog", name="Raccourcis clavier")
    search = page.locator("#recherche")

    page.keyboard.press("?")
    accessible.check(page)
    window.get_by_role("button", name="Couper les raccourcis").press("Enter")
    expect(page.get_by_text("Les raccourcis d’une touche sont coupés.", exact=True)).to_be_visible()

    page.wait_for_load_state()
    page.keyboard.press("?")
    page.keyboard.press("/")
    expect(window).to_be_hidden()
    expect(search).not_to_be_focused()
    expect(search).not_to_have_attribute("aria-keyshortcuts", "/")

    page.set_viewport_size({"width": 320, "height": 600})  # a desk that zooms at 400 %
    page.get_by_role("link", name="Raccourcis").press("Enter")
    accessible.check(page)
    window.get_by_role("button", name="Activer les raccourcis").press("Enter")
    expect(page.get_by_text("Les raccourcis d’une touche sont activés.", exact=True).first).to_be_visible()
    page.wait_for_load_state()  # the keys listen once the page has come whole
    page.keyboard.press("/")
    expect(search).to_be_focused()
