"""A derogation in a real browser: a parent asks for another school, staff grant it, and the family reads so."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from demo.people import DEMO_PASSWORD, parent_email
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import newest_mail, sign_in
from tests.documents.papers import pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(200)]
NARROW = {"width": 320, "height": 800}


def test_a_derogation_from_the_home_to_the_answer(
    portal: Portal, context: BrowserContext, tmp_path: Path, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    page.set_viewport_size(NARROW)
    sign_in(page, portal, parent_email("charlie"), DEMO_PASSWORD)
    page.get_by_role("link", name="Inscription scolaire").first.click()

    number = ask_for_another_school(page, tmp_path, accessible)
    context.clear_cookies()
    grant(context.new_page(), portal, number, accessible)
    context.clear_cookies()

    newest_mail(page, portal, parent_email("charlie"))
    expect(page.locator("main")).to_contain_text("Rose")
    sign_in(page, portal, parent_email("charlie"), DEMO_PASSWORD)
    page.goto(f"{portal.url}/inscription-scolaire")
    expect(page.locator("main")).to_contain_text("Rose")
    accessible.check(page)


def ask_for_another_school(page: Page, folder: Path, accessible: type[Accessible]) -> str:
    """Choose another school, give the child's identity, swear the address, send; return the number."""
    accessible.check(page)
    page.get_by_label(re.compile("Une autre école")).check()
    page.get_by_role("button", name="Continuer").click()
    accessible.check(page)  # what is missing is said beside its field
    sector = page.locator("dl.facts").first.inner_text()
    schools = page.get_by_label("École demandée")
    names = schools.locator("option").all_inner_texts()
    schools.select_option(label=next(name for name in names[1:] if name not in sector))
    page.get_by_label("Motif").select_option(index=1)
    page.get_by_role("button", name="Continuer").click()
    accessible.check(page)
    page.get_by_role("link", name=re.compile("Livret de famille")).click()
    accessible.check(page)
    paper = folder / "livret.pdf"
    paper.write_bytes(pdf())
    page.locator("input[type=file]").set_input_files(paper)
    page.get_by_role("button", name="Transmettre").click()
    page.get_by_label(re.compile("J’atteste sur l’honneur")).check()
    page.get_by_role("button", name="Continuer").click()
    accessible.check(page)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page.locator("main")).to_contain_text("Demande D")
    accessible.check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    found = re.search(r"D\d{4}-\d{6}", page.locator("main").inner_text())
    assert found is not None
    return found[0]


def grant(page: Page, portal: Portal, number: str, accessible: type[Accessible]) -> None:
    sign_in(page, portal, "agent@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/admin/inscriptions-scolaires")
    accessible.check(page)
    page.get_by_role("link", name=re.compile("^Rose")).click()
    expect(page.locator("main")).to_contain_text(number)
    accessible.check(page)
    page.get_by_role("button", name="Accorder la dérogation").click()
    expect(page.get_by_role("row", name=re.compile("^Rose.*Accepté"))).to_be_visible()
