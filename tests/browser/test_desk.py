"""The desk in a real browser: a cheque taken for a family, the drawer counted, the slip handed over."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def a_family_that_owes(portal: Portal) -> str:
    """Return the code famille of a family with something to pay."""
    with sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        found = database.execute(
            "SELECT family.code FROM family JOIN invoice ON invoice.family_id = family.id"
            " WHERE invoice.kind = 'invoice' AND invoice.state = 'issued' AND invoice.total_cents > 0 LIMIT 1"
        ).fetchone()
    return str(found[0])


def text_of(page: Page, button: str, path: Path) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=button).first.click()
    waiting.value.save_as(path)
    return "\n".join(sheet.extract_text() for sheet in PdfReader(path).pages)


def test_a_day_at_the_desk(
    portal: Portal, context: BrowserContext, tmp_path: Path, accessible: type[Accessible]
) -> None:
    code = a_family_that_owes(portal)
    page = context.new_page()
    sign_in(page, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)

    page.goto(f"{portal.url}/admin/guichet")
    accessible.check(page)
    page.get_by_label("Fond de caisse").fill("50")
    page.get_by_role("button", name="Ouvrir ma caisse").click()

    page.get_by_label("Famille, responsable, enfant ou code famille").fill(code)
    page.locator("main").get_by_role("button", name="Chercher").click()
    accessible.check(page)
    page.get_by_role("link", name="Encaisser").last.click()
    accessible.check(page)
    page.get_by_label("Chèque", exact=True).check()
    page.get_by_role("button", name="Encaisser").click()
    expect(page.get_by_text("Écrivez le numéro du chèque.").first).to_be_visible()
    page.get_by_label("Numéro du chèque").fill("0001234")
    page.get_by_role("button", name="Encaisser").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quittance n° P")
    accessible.check(page)
    assert "0001234" in text_of(page, "Imprimer la quittance", tmp_path / "quittance.pdf")

    page.goto(f"{portal.url}/admin/guichet/cloture")
    accessible.check(page)
    page.get_by_label("50,00").first.fill("1")
    page.get_by_role("button", name="Clore la caisse").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Caisse close")
    accessible.check(page)
    assert "0001234" in text_of(page, "Bordereau PDF", tmp_path / "bordereau.pdf")
