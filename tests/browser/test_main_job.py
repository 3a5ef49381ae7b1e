"""The main job in a real browser: from the letter printed at the desk to the invoice paid by card."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]
PASSWORD = "Un-Grand-Tilleul-1909"
EMAIL = "parent.nouveau@courriel.example"


def sign_in(page: Page, portal: Portal, who: str, password: str) -> None:
    page.goto(f"{portal.url}/connexion")
    page.get_by_label("Code famille ou adresse e-mail").fill(who)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.locator("main").get_by_role("button", name="Me connecter").click()


def a_guardian_without_account(portal: Portal) -> tuple[int, int]:
    """Return an adult of a generated family whose child is booked, and that family."""
    path = portal.env["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        found = database.execute(
            "SELECT guardian.id, guardian.family_id FROM guardian"
            " JOIN child_family ON child_family.family_id = guardian.family_id"
            " JOIN activity_registration ON activity_registration.child_id = child_family.child_id"
            " WHERE guardian.user_id IS NULL AND guardian.rank = 1 LIMIT 1"
        ).fetchone()
    return int(found[0]), int(found[1])


def print_letter(page: Page, portal: Portal, guardian_id: int, folder: Path) -> tuple[str, str]:
    """Print the letter at the desk; return the code famille and the secret that are on it."""
    page.goto(f"{portal.url}/admin/courriers/{guardian_id}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="télécharger la lettre").click()
    path = folder / "lettre.pdf"
    waiting.value.save_as(path)
    text = "\n".join(sheet.extract_text() for sheet in PdfReader(path).pages)
    code = re.search(r"(\d{4}[\s\u00a0\u202f]\d{4})\D", text)
    secret = re.search(r"\b([A-Z0-9]{5}-[A-Z0-9]{5})", text)
    assert code and secret, text
    return code[1], secret[1]


def newest_mail(page: Page, portal: Portal, recipient: str) -> None:
    page.goto(f"{portal.url}/dev/courriels?q={recipient}")
    page.locator("table tbody tr").first.get_by_role("link").click()


def test_from_the_letter_to_a_paid_invoice(
    portal: Portal, context: BrowserContext, tmp_path: Path, accessible: type[Accessible]
) -> None:
    desk = context.new_page()
    guardian_id, family_id = a_guardian_without_account(portal)

    sign_in(desk, portal, "agent@saint-preau.example", DEMO_PASSWORD)
    code, secret = print_letter(desk, portal, guardian_id, tmp_path)
    context.clear_cookies()

    page = context.new_page()
    activate(page, portal, code, secret, accessible)
    reserve(page, portal, accessible)
    context.clear_cookies()
    issue_the_month(desk, portal)
    context.clear_cookies()
    sign_in(page, portal, EMAIL, PASSWORD)
    pay(page, portal, accessible)
    the_regisseur_sees_the_payment(context, portal, family_id)


def activate(page: Page, portal: Portal, code: str, secret: str, accessible: type[Accessible]) -> None:
    page.goto(portal.url)
    accessible.check(page)
    page.goto(f"{portal.url}/activer")
    accessible.check(page)
    page.get_by_label("Code famille").fill(code)
    page.get_by_label("Code secret").fill(secret)
    page.get_by_role("button", name="Continuer").click()
    accessible.check(page)
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password_again").fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    accessible.check(page)
    newest_mail(page, portal, EMAIL)
    page.locator(".mail-text a[href*='/activer/confirmer/']").click()
    page.goto(f"{portal.url}/connexion")
    accessible.check(page)
    sign_in(page, portal, code, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    accessible.check(page)


def reserve(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    """Book a canteen day of next month, see it booked, cancel it, and book it again."""
    page.get_by_role("link", name=re.compile("^Réserver pour")).first.click()
    page.locator("nav.pager a[rel=next]").click()
    accessible.check(page)
    # A day of which nothing is booked: two ways to attend a Wednesday exclude each other.
    box = page.locator("tr:not(:has(input:checked)) input[name=days]").first
    name = box.get_attribute("value")
    same = page.locator(f"input[name=days][value='{name}']")
    for wanted in (True, False, True):
        same.set_checked(wanted)
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
        expect(page.get_by_text("C’est enregistré")).to_be_visible()
        expect(same).to_be_checked(checked=wanted)
    page.goto(f"{portal.url}/famille")
    accessible.check(page)
    page.goto(f"{portal.url}/compte")
    accessible.check(page)


def issue_the_month(page: Page, portal: Portal) -> None:
    """The régisseur previews this month, issues it, and waits for the worker."""
    sign_in(page, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/")
    page.get_by_role("link", name="Facturation du mois").first.click()
    page.get_by_label("Mois", exact=True).select_option(index=0)
    page.get_by_role("button", name="Préparer l’aperçu").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name=re.compile("Émettre")).first.click()
    expect(page.get_by_text(re.compile("factures? émises?", re.IGNORECASE)).first).to_be_visible(
        timeout=60_000
    )


def pay(page: Page, portal: Portal, accessible: type[Accessible]) -> None:
    page.goto(f"{portal.url}/factures")
    accessible.check(page)
    page.locator("a.whole").first.click()
    accessible.check(page)
    page.get_by_role("button", name=re.compile("^Payer")).first.click()
    if "/banque-essai" not in page.url:
        accessible.check(page)
        page.get_by_role("button", name=re.compile("Continuer")).click()
    page.get_by_role("button", name="Payer", exact=True).click()
    expect(page.locator("main")).to_contain_text(re.compile("payé|reçu", re.IGNORECASE))
    accessible.check(page)
    page.goto(f"{portal.url}/factures")
    expect(page.locator("main")).to_contain_text("Payée")


def the_regisseur_sees_the_payment(context: BrowserContext, portal: Portal, family_id: int) -> None:
    context.clear_cookies()
    page = context.new_page()
    sign_in(page, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/payment/")
    expect(page.locator("table").first).to_contain_text(re.compile("Carte en ligne|card_online"))
