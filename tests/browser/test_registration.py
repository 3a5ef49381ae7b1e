"""An inscription in a real browser: asked by the parent, answered by the service, open to reservations."""

import re
import sqlite3

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]
CENTRE = "Accueil de loisirs du mercredi"


def unregister_leo(portal: Portal) -> None:
    """Take Léo Martin out of the leisure centre, which the demonstration's service has to agree to."""
    with sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///"), timeout=20) as database:
        database.execute(
            "UPDATE activity_registration SET state = 'ended'"
            " WHERE activity_id = (SELECT id FROM activity WHERE kind = 'wednesday_leisure')"
            " AND child_id = (SELECT MIN(id) FROM child WHERE given_name = 'Léo' AND family_name = 'Martin')"
        )


def test_an_inscription_is_asked_agreed_to_and_opens_the_month(
    portal: Portal, browser: Browser, context: BrowserContext, accessible: type[Accessible]
) -> None:
    unregister_leo(portal)
    page = context.new_page()
    sign_in(page, portal, "alice@saint-preau.example", DEMO_PASSWORD)
    page.get_by_role("link", name=re.compile("^Réserver pour Léo")).first.click()
    page.get_by_role("link", name="Inscriptions").click()
    accessible.check(page)

    page.get_by_label(CENTRE).check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Déjà donnée, valable")).to_be_visible()
    accessible.check(page)
    page.get_by_role("button", name="Inscrire Léo").click()
    expect(page.get_by_text("Cochez cette case pour accepter le règlement.").first).to_be_visible()
    accessible.check(page)
    page.get_by_label("J’ai lu et j’accepte").check()
    page.get_by_role("button", name="Inscrire Léo").click()
    expect(page.get_by_text("Le service vous répond par e-mail.")).to_be_visible()
    expect(page.locator("li", has_text=CENTRE)).to_contain_text("Demandé")
    accessible.check(page)

    the_service_agrees(portal, browser, accessible)

    page.reload()
    expect(page.locator("li", has_text=CENTRE)).to_contain_text("Validé")


def the_service_agrees(portal: Portal, browser: Browser, accessible: type[Accessible]) -> None:
    office = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    try:
        desk = office.new_page()
        sign_in(desk, portal, "agent@saint-preau.example", DEMO_PASSWORD)
        desk.goto(f"{portal.url}/admin/inscriptions")
        accessible.check(desk)
        desk.get_by_role("link", name="Léo Martin").first.click()
        accessible.check(desk)
        desk.get_by_role("button", name="Valider l’inscription").click()
        expect(desk.get_by_text("La réponse est enregistrée")).to_be_visible()
    finally:
        office.close()
