"""The simulator in a real browser: a grid is copied, mended after a mistake, tried, and its result is read."""

import pytest
from playwright.sync_api import BrowserContext, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_next_year_s_prices_are_prepared_and_tried(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    sign_in(page, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)

    page.goto(f"{portal.url}/admin/tarifs")
    accessible.check(page)
    page.locator("main").get_by_role("link", name="Étude surveillée").click()
    accessible.check(page)
    page.get_by_role("link", name="Copier à une nouvelle date").first.click()
    page.get_by_label("Nom de travail").fill("Hypothèse du navigateur")
    page.get_by_role("button", name="Préparer la version").click()
    accessible.check(page)

    page.get_by_label("À partir du quotient").nth(1).fill("0")
    page.get_by_role("button", name="Enregistrer la grille").click()
    expect(page.get_by_role("link", name="Une autre tranche commence déjà")).to_be_visible()
    accessible.check(page)
    page.get_by_label("À partir du quotient").nth(1).fill("500")
    page.get_by_role("button", name="Enregistrer la grille").click()
    expect(page.get_by_text("La grille est enregistrée et complète")).to_be_visible()
    accessible.check(page)

    page.get_by_role("link", name="Simuler", exact=True).click()
    accessible.check(page)
    page.get_by_role("button", name="Lancer la simulation").click()
    # The worker answers, and the page's own script shows the result when it is there.
    expect(page.get_by_role("heading", name="Avant et après, par quotient")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("img", name="Montant facturé et montant simulé")).to_be_visible()
    accessible.check(page)
