"""Two separated parents in real browsers: one child, two files, and nothing of one in front of the other."""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]
LINKED = re.compile(r"^/(?!deconnexion|dev/|banque)")


@dataclass
class Parent:
    """One of the two, in a browser of its own, and what only its own pages may say."""

    page: Page
    guardian_id: int
    invoice_id: int
    secrets: list[str]


def facts_of(portal: Portal, name: str) -> tuple[int, int, list[str]]:
    """Return the adult, one of its invoices, and its address, e-mail, quotient and invoice numbers."""
    with closing(sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///"))) as database:
        guardian_id, family_id, line1, cents = database.execute(
            "SELECT guardian.id, guardian.family_id, family_address.line1, quotient_familial.value_cents"
            " FROM guardian JOIN family_address ON family_address.family_id = guardian.family_id"
            " JOIN quotient_familial ON quotient_familial.family_id = guardian.family_id"
            " WHERE guardian.email = ?",
            (parent_email(name),),
        ).fetchone()
        invoices = database.execute(
            "SELECT id, number FROM invoice WHERE family_id = ?", (family_id,)
        ).fetchall()
    quotient = f"{cents // 100 // 1000 or ''}\u202f{cents // 100 % 1000:03}".strip("\u202f")
    return (
        guardian_id,
        invoices[0][0],
        [line1, parent_email(name), f"{quotient},00", *(row[1] for row in invoices)],
    )


def shared_child(portal: Portal) -> tuple[int, str]:
    """Return the child of two homes: its number and given name."""
    with closing(sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///"))) as database:
        found = database.execute(
            "SELECT child.id, child.given_name FROM child"
            " JOIN custody_arrangement ON custody_arrangement.child_id = child.id"
        ).fetchone()
    return int(found[0]), str(found[1])


def at_home(browser: Browser, portal: Portal, name: str) -> Parent:
    """Sign a parent in, in a profile of its own."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, portal, parent_email(name), DEMO_PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    return Parent(page, *facts_of(portal, name))


def every_page(parent: Parent, portal: Portal) -> dict[str, str]:
    """Return the source of each page that the parent reaches by links, two links away from its home."""
    seen: dict[str, str] = {}
    waiting = ["/accueil"]
    for _step in range(3):
        found: list[str] = []
        for path in waiting:
            if path in seen:
                continue
            answer = parent.page.request.get(portal.url + path)
            if "html" not in answer.headers["content-type"]:
                continue
            seen[path] = answer.text()
            found += re.findall(r'href="(/[^"#]*)', seen[path])
        waiting = sorted({link.replace("&amp;", "&") for link in found if LINKED.match(link)})
    return seen


def own_days(parent: Parent, portal: Portal, child_id: int, accessible: type[Accessible]) -> set[str]:
    """Return the boxes of the child's January: the days that this parent may book."""
    page = parent.page
    page.goto(f"{portal.url}/enfants/{child_id}/reservations?m=2027-01")
    accessible.check(page)
    expect(page.get_by_text("Pas votre jour de garde").first).to_be_visible()
    boxes = page.locator("input[name=days]")
    return {boxes.nth(place).get_attribute("value") or "" for place in range(boxes.count())}


def test_two_separated_parents(browser: Browser, portal: Portal, accessible: type[Accessible]) -> None:
    child_id, child_name = shared_child(portal)
    chloe, david = at_home(browser, portal, "chloe"), at_home(browser, portal, "david")

    neither_sees_the_other(chloe, david, portal)
    neither_sees_the_other(david, chloe, portal)

    hers, his = (own_days(one, portal, child_id, accessible) for one in (chloe, david))
    assert hers
    assert his
    assert not hers & his

    free = chloe.page.locator("input[name=days]:not(:checked)").first.get_attribute("value")
    chloe.page.locator(f"input[name=days][value='{free}']").check()
    chloe.page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(chloe.page.get_by_text("C’est enregistré")).to_be_visible()
    assert own_days(david, portal, child_id, accessible) == his

    withdraw_authority(browser, portal, child_id, david.guardian_id, accessible)
    answer = david.page.reload()
    assert answer is not None
    assert answer.status == 404
    david.page.goto(f"{portal.url}/accueil")
    expect(david.page.locator("main")).not_to_contain_text(child_name)
    chloe.page.goto(f"{portal.url}/accueil")
    expect(chloe.page.locator("main")).to_contain_text(child_name)
    for one in (chloe, david):
        one.page.context.close()


def neither_sees_the_other(me: Parent, other: Parent, portal: Portal) -> None:
    pages = every_page(me, portal)
    assert any(me.secrets[0] in source for source in pages.values())
    assert any(me.secrets[-1] in source for source in pages.values())
    leaks = [
        f"{path}: {secret}" for path, text in pages.items() for secret in other.secrets if secret in text
    ]
    assert not leaks, "\n".join(leaks)
    assert me.page.request.get(f"{portal.url}/factures/{other.invoice_id}").status == 404


def withdraw_authority(
    browser: Browser, portal: Portal, child_id: int, guardian_id: int, accessible: type[Accessible]
) -> None:
    """The school agent withdraws all that an adult may do for the child, from today."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, portal, "agent@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/enfants/{child_id}/garde")
    accessible.check(page)
    page.goto(f"{portal.url}/admin/enfants/{child_id}/adultes/{guardian_id}")
    accessible.check(page)
    for box in page.locator("main input[type=checkbox]").all():
        box.uncheck()
    page.get_by_role("button", name="Enregistrer ces droits").click()
    expect(page.get_by_text("sans : autorité parentale").first).to_be_visible()
    context.close()
