"""Direct debit in a real browser: a parent signs, the régie announces and sends, the parent reads what will be taken."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
IBAN = "FR76 3000 4000 0312 3456 7890 143"


def test_from_the_signature_to_the_banks_file(
    portal: Portal, context: BrowserContext, tmp_path: Path, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    sign_in(page, portal, parent_email("alice"), DEMO_PASSWORD)
    page.goto(f"{portal.url}/compte/prelevement")
    accessible.check(page)
    page.get_by_label("IBAN").fill(IBAN.replace("143", "144"))
    page.get_by_label("J’ai lu le mandat").check()
    page.get_by_role("button", name="Signer le mandat").click()
    expect(page.get_by_text("Cet IBAN n’est pas juste").first).to_be_visible()
    accessible.check(page)
    page.get_by_label("IBAN").fill(IBAN)
    page.get_by_role("button", name="Signer le mandat").click()
    expect(page.get_by_text("FR76 •••• 0143")).to_be_visible()
    accessible.check(page)

    office = context.browser.new_context(locale="fr-FR", accept_downloads=True)  # type: ignore[union-attr]
    desk = office.new_page()
    sign_in(desk, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)
    desk.goto(f"{portal.url}/admin/prelevements")
    accessible.check(desk)
    desk.get_by_role("button", name="Annoncer aux familles").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Remise D")
    accessible.check(desk)
    desk.get_by_role("button", name="Préparer le fichier de la banque").click()
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="Fichier pour la banque").click()
    waiting.value.save_as(tmp_path / "remise.xml")
    text = (tmp_path / "remise.xml").read_text()
    assert ElementTree.fromstring(text).tag.endswith("pain.008.001.08}Document")
    assert IBAN.replace(" ", "") in text
    desk.goto(f"{portal.url}/admin/statistiques")
    accessible.check(desk)
    desk.goto(f"{portal.url}/admin/comptes?preuve=1")
    expect(desk.get_by_text("au centime près")).to_be_visible()
    accessible.check(desk)
    office.close()

    page.goto(f"{portal.url}/compte/prelevement")
    expect(page.get_by_role("table")).to_contain_text("€")
    accessible.check(page)
    page.goto(f"{portal.url}/factures")
    expect(page.get_by_text("vous n’avez rien à faire").first).to_be_visible()
    accessible.check(page)
