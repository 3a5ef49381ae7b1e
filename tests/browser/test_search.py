"""The search box and the shortcuts, by keyboard alone."""

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_family_is_found_and_opened_with_the_keyboard(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    sign_in(page, portal, "admin@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/")
    box = page.get_by_role("combobox", name="Rechercher une personne, un code, un numéro")

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("martn")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="suggestion")).to_be_attached()
    accessible.check(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Martin")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Famille Martin")

    # Typed in a field, the signs are signs; elsewhere "?" tells the shortcuts.
    page.keyboard.press("/")
    page.keyboard.type("a/?")
    expect(box).to_have_value("a/?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Raccourcis clavier")).to_be_visible()
    accessible.check(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type("hernandes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recherche")
    accessible.check(page)


def test_documents_are_looked_through_with_the_keyboard(portal: Portal, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, portal, "admin@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/pieces-a-verifier")
    page.get_by_role("link", name="Commencer").click()
    page.wait_for_url("**/pieces-a-verifier/*")  # with the script that listens to the keys
    first = page.url

    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)
    page.keyboard.press("r")
    expect(page.locator("[data-key=r] :focus")).to_be_visible()
