"""A reminder run in a real browser: the régisseur leaves one family alone, reminds the others, and a parent reads it."""

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_from_the_list_to_the_parents_page(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    desk = context.new_page()
    sign_in(desk, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)
    desk.goto(f"{portal.url}/admin/relances")
    accessible.check(desk)
    row = desk.get_by_role("row").filter(has_text="Moreau")
    expect(row).to_contain_text("1er")
    row.get_by_role("link", name="Laisser de côté").click()
    accessible.check(desk)
    desk.get_by_label("Motif").fill("Échéancier accordé")
    desk.get_by_role("button", name="Laisser de côté").click()
    expect(desk.get_by_text("Échéancier accordé").first).to_be_visible()
    accessible.check(desk)
    desk.get_by_role("button", name="Reprendre Moreau").click()

    desk.get_by_role("button", name="Relancer").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("Relances du")
    expect(desk.get_by_role("row").filter(has_text="Moreau")).to_contain_text("papier")
    accessible.check(desk)
    desk.goto(f"{portal.url}/admin/tresor")
    accessible.check(desk)

    family = context.browser.new_context(locale="fr-FR", accept_downloads=True)  # type: ignore[union-attr]
    page = family.new_page()
    sign_in(page, portal, parent_email("david"), DEMO_PASSWORD)
    page.goto(f"{portal.url}/factures")
    page.get_by_role("listitem").filter(has_text="relancée le").get_by_role("link").first.click()
    expect(page.get_by_text("Relancée le")).to_be_visible()
    accessible.check(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Lire le courrier").click()
    assert waiting.value.suggested_filename.startswith("relance-L")
    family.close()
