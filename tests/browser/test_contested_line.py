"""A contested line in a real browser: the parent reads why and contests, staff answer, the parent reads the answer."""

import re
import sqlite3

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]


def an_invoice_of(portal: Portal, parent: str) -> int:
    """Return the latest invoice of a parent's family, still to be paid, that has two lines made of days."""
    with sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///")) as database:
        found = database.execute(
            "SELECT invoice.id FROM invoice JOIN invoice_line ON invoice_line.invoice_id = invoice.id"
            " JOIN guardian ON guardian.family_id = invoice.family_id"
            ' JOIN "user" ON "user".id = guardian.user_id'
            " WHERE \"user\".email = ? AND invoice.kind = 'invoice' AND invoice.state = 'issued'"
            " AND invoice_line.kind = 'service' GROUP BY invoice.id HAVING count(*) > 1"
            " ORDER BY invoice.id DESC LIMIT 1",
            (parent,),
        ).fetchone()
    return int(found[0])


def line(page: Page, place: int) -> Locator:
    return page.locator(".receipt-lines details").nth(place)


def contest(page: Page, place: int, message: str, accessible: type[Accessible]) -> None:
    """Open a line with the keyboard, read why it costs what it costs, and contest it."""
    line(page, place).locator("summary").press("Enter")
    expect(line(page, place)).to_contain_text(re.compile(r"\d+ .+ ×.+€\s: .+, tarif du"))
    accessible.check(page)
    line(page, place).get_by_role("link", name=re.compile("^Contester cette ligne")).click()
    accessible.check(page)
    page.get_by_role("button", name="Transmettre au service").click()
    expect(page.get_by_text("Écrivez ce qui vous surprend dans cette ligne.").first).to_be_visible()
    page.get_by_label("Ce qui vous surprend").fill(message)
    page.get_by_role("button", name="Transmettre au service").click()
    expect(page.get_by_text("Votre contestation est transmise.")).to_be_visible()
    expect(line(page, place)).to_contain_text("Contestée")
    accessible.check(page)


def open_case(page: Page, portal: Portal, message: str) -> None:
    """Go from the home to the first case of Alice's family that waits; it says this."""
    page.goto(f"{portal.url}/admin/")
    page.get_by_role("link", name="Lignes contestées").first.click()
    page.locator("table.rows tbody tr", has_text="Martin").first.get_by_role("link").first.click()
    expect(page.get_by_text(message)).to_be_visible()


def test_one_line_is_explained_and_another_corrected(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    address = f"{portal.url}/factures/{an_invoice_of(portal, 'alice@saint-preau.example')}"
    absent, dear = "Nous avions prévenu de cette absence.", "Pourquoi ce prix ?"
    page = context.new_page()
    sign_in(page, portal, "alice@saint-preau.example", DEMO_PASSWORD)
    page.goto(address)
    contest(page, 1, dear, accessible)
    contest(page, 0, absent, accessible)
    context.clear_cookies()

    sign_in(page, portal, "regisseur@saint-preau.example", DEMO_PASSWORD)
    open_case(page, portal, dear)
    accessible.check(page)
    page.get_by_label("Motif du refus").fill("C’est le prix de votre quotient familial.")
    page.get_by_role("button", name="Refuser").click()
    open_case(page, portal, absent)
    page.get_by_role("link", name="Accepter et faire l’avoir").click()
    accessible.check(page)
    page.get_by_label(re.compile("^Motif")).fill("Absence signalée à temps.")
    page.get_by_role("button", name="Émettre l’avoir").click()
    expect(page.get_by_text(re.compile(r"A\d{4}-\d{6}")).first).to_be_visible()
    context.clear_cookies()

    sign_in(page, portal, "alice@saint-preau.example", DEMO_PASSWORD)
    page.goto(address)
    for place, answer in (
        (0, "Le service vous a donné raison"),
        (1, "C’est le prix de votre quotient familial."),
    ):
        line(page, place).locator("summary").click()
        expect(line(page, place)).to_contain_text(answer)
    expect(page.locator("main")).to_contain_text("Remplacée par la facture")
    accessible.check(page)
    page.get_by_role("link", name=re.compile(r"^F\d{4}-\d{6}$")).first.click()
    expect(page.get_by_role("button", name="Payer par carte")).to_be_visible()
    accessible.check(page)
