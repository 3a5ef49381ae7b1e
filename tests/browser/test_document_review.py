"""The service's review of documents with a keyboard: to the next, back, accepted, refused with a reason."""

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_documents_are_decided_with_the_keyboard(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    sign_in(page, portal, "admin@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/pieces-a-verifier")
    accessible.check(page)
    page.get_by_role("link", name="Commencer").click()
    expect(page.get_by_role("heading", level=2, name="Accepter")).to_be_visible()
    accessible.check(page)
    first = page.url

    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.keyboard.press("k")
    expect(page).to_have_url(first)

    # In a field the letters are letters.
    page.get_by_label("Précision").fill("")
    page.keyboard.type("jkar")
    expect(page.get_by_label("Précision")).to_have_value("jkar")
    expect(page).to_have_url(first)
    page.get_by_label("Précision").fill("")

    page.get_by_role("heading", level=1).click()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    expect(page.get_by_text("est accepté.")).to_be_visible()
    second = page.url
    assert second != first

    page.keyboard.press("r")
    page.keyboard.press("j")  # on a radio button letters choose, they do not move on
    expect(page).to_have_url(second)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Refuser la pièce").click()
    expect(page.get_by_text("est refusé.")).to_be_visible()
    page.goto(second)
    expect(page.get_by_text("Le document est illisible ou flou")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/admin/declarations", "/admin/reunir", "/admin/reunir/family/1", "/admin/reunir/child/1"]
)
def test_the_services_lists_are_accessible(
    portal: Portal, context: BrowserContext, accessible: type[Accessible], path: str
) -> None:
    page = context.new_page()
    sign_in(page, portal, "admin@saint-preau.example", DEMO_PASSWORD)

    page.goto(portal.url + path)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    accessible.check(page)


def test_a_declaration_is_given_back_to_be_completed(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    sign_in(page, portal, "admin@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/declarations")
    page.get_by_role("link", name="Commencer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Déclaration de la famille")
    accessible.check(page)

    page.get_by_text("Demander un complément…").click()
    page.get_by_role("button", name="Demander le complément").click()
    expect(page.get_by_text("Écrivez ce que la famille doit compléter.").first).to_be_visible()
    accessible.check(page)
    page.get_by_label("Ce qui est à compléter").fill("Le bail est coupé en bas.")
    page.get_by_role("button", name="Demander le complément").click()

    expect(page.get_by_text("Le complément est demandé à la famille.")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="Complément demandé")).to_be_visible()
