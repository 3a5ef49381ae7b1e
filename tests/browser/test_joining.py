"""A new family comes in on its own: from the account to the acknowledgement, then in with its code famille."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import newest_mail, sign_in
from tests.documents.papers import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]
PASSWORD = "Un-Grand-Tilleul-1909"
EMAIL = "ines.odwyer@courriel.example"
NEXT = "Enregistrer et continuer"


def test_from_a_new_account_to_the_code_famille(
    portal: Portal, context: BrowserContext, tmp_path: Path, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    open_account(page, portal, EMAIL, accessible)
    declare_parents(page, portal, accessible)
    declare_child(page, portal, accessible)
    name_granny(page, portal, accessible)
    give_documents(page, portal, tmp_path, accessible)
    number = send(page, portal, accessible)
    context.clear_cookies()

    staff_ask_for_more(context.new_page(), portal, number, accessible)
    context.clear_cookies()
    complete(page, portal, accessible)
    assert send(page, portal, accessible) == number
    context.clear_cookies()

    staff_validate(context.new_page(), portal, number, accessible)
    context.clear_cookies()
    come_in_with_the_code(page, portal, accessible)


def open_account(page: Page, portal: Portal, email: str, accessible: type[Accessible]) -> None:
    page.goto(portal.url)
    page.get_by_role("link", name="Créer un compte").click()
    accessible.check(page)
    page.get_by_label("Prénom").fill("Inès")
    page.get_by_label("Nom de famille").fill("O’Dwyer-Lefèvre")
    page.get_by_label("Téléphone").fill("06 98 76 54 32")
    page.get_by_label("Votre adresse e-mail").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ouvrez l’e-mail")
    accessible.check(page)
    newest_mail(page, portal, email)
    page.locator(".mail-text a[href*='/confirmation/']").click()
    page.goto(f"{portal.url}/connexion")
    sign_in(page, portal, email, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Déclarer mon entourage")
    accessible.check(page)


def declare_parents(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    page.get_by_role("link", name="Mes coordonnées et mon adresse").click()
    accessible.check(page)
    page.get_by_label("Numéro et rue").fill("3 rue de l’Église")
    page.get_by_label("Code postal").fill("45110")
    page.get_by_label("Commune").fill("Saint-Préau")
    page.get_by_role("button", name=NEXT).click()
    page.get_by_role("link", name="L’autre parent").click()
    page.get_by_role("button", name=NEXT).click()
    expect(page.locator(".error-summary")).to_be_visible()
    accessible.check(page)
    page.get_by_label("Il n’y a pas d’autre parent à déclarer").check()
    page.get_by_role("button", name=NEXT).click()


def declare_child(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    page.get_by_role("link", name="Mes enfants").click()
    accessible.check(page)
    page.get_by_label("Prénom").fill("Zoé")
    page.get_by_label("Date de naissance").fill("2020-02-29")
    page.get_by_label("Sexe à l’état civil").select_option("F")
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoé")
    expect(page.get_by_label("Classe cette année scolaire")).to_have_value("CP")
    accessible.check(page)
    page.get_by_label("Allergies").fill("Arachide")
    page.get_by_role("button", name=NEXT).click()


def name_granny(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    page.get_by_role("link", name="Personnes de confiance").click()
    accessible.check(page)
    page.get_by_role("link", name="Ajouter une personne").click()
    accessible.check(page)
    page.get_by_label("Prénom et nom").fill("Maïté d’Arc")
    page.get_by_label("Téléphone").fill("02 38 00 00 01")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("button", name="La liste est complète").click()


def give_documents(page: Page, portal: Portal, folder: Path, accessible: type[Accessible]) -> None:
    """Give whatever the answers call for, with a photo."""
    photo = folder / "photo.png"
    photo.write_bytes(picture(size=(600, 400)))
    page.get_by_role("link", name="Pièces justificatives").click()
    accessible.check(page)
    adding = page.locator("main").get_by_role("link", name=re.compile("^Ajouter"))
    for _ in range(adding.count()):
        adding.first.click()
        page.locator("input[type=file]").set_input_files(photo)
        day = page.get_by_label("Date écrite sur le document")
        if day.count():
            day.fill("2026-11-02")
        page.get_by_role("button", name="Transmettre").click()
    expect(adding).to_have_count(0)
    page.get_by_role("link", name="Revenir aux étapes").click()


def send(page: Page, portal: Portal, accessible: type[Accessible]) -> str:
    """Check the answers and send them; return the number of the acknowledgement."""
    page.get_by_role("link", name="Vérifier et envoyer").click()
    accessible.check(page)
    expect(page.locator("main")).to_contain_text("29 février 2020")
    page.get_by_role("button", name="Envoyer ma déclaration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre déclaration est transmise")
    accessible.check(page)
    answer = page.context.request.get(f"{portal.url}/declaration/accuse-de-reception")
    assert answer.headers["content-type"] == "application/pdf"
    number = re.search(r"D\d{4}-\d{6}", page.locator(".page-head").inner_text())
    assert number
    newest_mail(page, portal, EMAIL)
    expect(page.locator("main")).to_contain_text(number[0])
    return number[0]


def open_as_staff(page: Page, portal: Portal, number: str) -> None:
    sign_in(page, portal, "agent@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/declarations")
    page.get_by_role("link", name=re.compile("O’Dwyer-Lefèvre|" + number)).first.click()


def staff_ask_for_more(page: Page, portal: Portal, number: str, accessible: type[Accessible]) -> None:
    open_as_staff(page, portal, number)
    accessible.check(page)
    page.get_by_text("Demander un complément…").click()
    page.locator("form[action$='/completer'] textarea").fill("Le numéro de la rue manque.")
    page.get_by_role("button", name="Demander le complément").click()
    expect(page.get_by_text("Le complément est demandé à la famille.")).to_be_visible()
    page.close()


def complete(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    """Read why, correct it, and come back to the tasks."""
    sign_in(page, portal, EMAIL, PASSWORD)
    expect(page.get_by_text("Le numéro de la rue manque.")).to_be_visible()
    accessible.check(page)
    page.get_by_role("link", name="Mes coordonnées et mon adresse").click()
    page.get_by_label("Numéro et rue").fill("3 bis rue de l’Église")
    page.get_by_role("button", name=NEXT).click()


def staff_validate(page: Page, portal: Portal, number: str, accessible: type[Accessible]) -> None:
    """Accept each document, then the declaration."""
    open_as_staff(page, portal, number)
    accept = page.get_by_role("button", name="Accepter la pièce")
    for left in range(accept.count(), 0, -1):
        expect(accept).to_have_count(left)
        accept.first.click()
    expect(accept).to_have_count(0)
    page.get_by_role("button", name="Valider le dossier").click()
    expect(page.locator("main")).to_contain_text("Le dossier est validé")


def come_in_with_the_code(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    newest_mail(page, portal, EMAIL)
    code = re.search(r"\d{4}[\s\u00a0\u202f]\d{4}", page.locator("main").inner_text())
    assert code
    sign_in(page, portal, code[0], PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Bonjour Inès")
    expect(page.locator("main")).to_contain_text("Zoé")
    accessible.check(page)


def test_a_refused_declaration_says_why_and_may_be_corrected(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    reason = "La famille habite une autre commune : adressez-vous à sa mairie."
    page = context.new_page()
    sign_in(page, portal, "agent@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/declarations")
    page.get_by_role("link", name=re.compile("Roche")).first.click()
    page.get_by_text("Refuser la déclaration…").click()
    page.locator("form[action$='/refuser'] textarea").last.fill(reason)
    page.get_by_role("button", name="Refuser la déclaration").click()
    expect(page.locator("main")).to_contain_text("refusée")
    context.clear_cookies()

    newest_mail(page, portal, parent_email("hugo"))
    expect(page.locator("main")).to_contain_text(reason)
    sign_in(page, portal, parent_email("hugo"), DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre déclaration n’a pas été acceptée")
    expect(page.locator("main")).to_contain_text(reason)
    accessible.check(page)
    page.get_by_role("button", name="Corriger ma déclaration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Déclarer mon entourage")


def test_the_account_and_the_tasks_work_without_javascript_on_a_small_screen(
    portal: Portal, browser: Browser
) -> None:
    context = browser.new_context(
        locale="fr-FR", viewport={"width": 320, "height": 700}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{portal.url}/creer-un-compte")
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.locator(".error-summary")).to_be_visible()
    for label, value in {"Nom de famille": "Sukarno", "Votre adresse e-mail": "su@courriel.example"}.items():
        page.get_by_label(label).fill(value)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ouvrez l’e-mail")
    newest_mail(page, portal, "su@courriel.example")
    page.goto(page.locator(".mail-text a[href*='/confirmation/']").get_attribute("href") or "")
    sign_in(page, portal, "su@courriel.example", PASSWORD)
    page.get_by_role("link", name="Mes coordonnées et mon adresse").click()
    page.get_by_label("Téléphone principal").fill("0612345678")
    page.get_by_label("Numéro et rue").fill("1 rue Basse")
    page.get_by_label("Code postal").fill("45110")
    page.get_by_label("Commune").fill("Saint-Préau")
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_text("1 sur 5 terminées")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
