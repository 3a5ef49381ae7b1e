"""A child's month in a real browser: by keyboard alone, without script, refused days, and giving a day up late."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from pypdf import PdfReader

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]
ALICE = "alice@saint-preau.example"
DAYS = 4


@pytest.fixture
def without_script(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no script at all."""
    made = browser.new_context(locale="fr-FR", java_script_enabled=False)
    made.set_default_timeout(15_000)
    yield made
    made.close()


def database(portal: Portal) -> sqlite3.Connection:
    return sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///"), timeout=20)


def open_next_month(page: Page, portal: Portal) -> None:
    """Sign in as Alice, and open the coming month of her first child."""
    sign_in(page, portal, ALICE, DEMO_PASSWORD)
    page.get_by_role("link", name=re.compile("^Réserver pour")).first.click()
    page.locator("nav.pager a[rel=next]").click()
    page.wait_for_load_state()


def free_boxes(page: Page) -> Locator:
    return page.locator("input[name=days]:not(:checked)")


def values(boxes: Locator, count: int) -> list[str]:
    return [boxes.nth(place).get_attribute("value") or "" for place in range(count)]


def box(page: Page, value: str) -> Locator:
    return page.locator(f"input[name=days][value='{value}']")


def column_with_free_days(page: Page) -> Locator:
    """Return the boxes of the first activity that has enough free days under one another."""
    for place in range(page.locator("thead th").count() - 1):
        boxes = page.locator(f"td[data-column='{place}'] input[name=days]:not(:checked)")
        if boxes.count() >= DAYS:
            return boxes
    pytest.fail("Alice's child has no month to book")


def test_a_month_prints_as_one_page_with_what_is_booked(portal: Portal, context: BrowserContext) -> None:
    page = context.new_page()
    open_next_month(page, portal)

    paper = PdfReader(BytesIO(page.pdf(format="A4", margin=dict.fromkeys(("top", "bottom"), "12mm"))))

    assert len(paper.pages) == 1
    words = paper.pages[0].extract_text()
    assert "Réservations de" in words
    assert "Enregistrer" not in words


def test_a_month_is_booked_and_cancelled_by_keyboard_alone(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    open_next_month(page, portal)
    accessible.check(page)
    chosen = values(column_with_free_days(page), DAYS)
    total = page.locator("[data-grid-total]").inner_text()

    toggle(page, chosen)
    expect(page.get_by_text(f"{DAYS} changements à enregistrer")).to_be_visible()
    expect(page.locator("[data-grid-total]")).not_to_have_text(total)
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est enregistré")).to_be_visible()
    for value in chosen:
        expect(box(page, value)).to_be_checked()
    accessible.check(page)

    toggle(page, chosen)
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est enregistré")).to_be_visible()
    for value in chosen:
        expect(box(page, value)).not_to_be_checked()
    expect(page.locator("[data-grid-total]")).to_have_text(total)


def toggle(page: Page, wanted: list[str]) -> None:
    """Go down the column with the arrows, and press the space bar on each box that is wanted."""
    box(page, wanted[0]).focus()
    for value in wanted:
        for _ in range(31):
            if page.evaluate("document.activeElement.value") == value:
                break
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")


def test_a_month_is_booked_and_cancelled_without_script(
    portal: Portal, without_script: BrowserContext
) -> None:
    page = without_script.new_page()
    open_next_month(page, portal)
    free = values(free_boxes(page), free_boxes(page).count())

    page.locator("button[name=fill]").first.click()
    ticked = [value for value in free if box(page, value).is_checked()]
    assert ticked, "the server ticks the whole column"
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()

    for value in ticked:
        expect(box(page, value)).to_be_checked()
        box(page, value).uncheck()
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()
    for value in ticked:
        expect(box(page, value)).not_to_be_checked()


def test_a_day_that_was_taken_meanwhile_is_named_and_the_others_are_kept(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    open_next_month(page, portal)
    lost, kept = values(column_with_free_days(page), 2)
    box(page, lost).check()
    box(page, kept).check()

    with no_more_places(portal, lost):
        page.get_by_role("button", name="Enregistrer", exact=True).last.click()
        expect(page.get_by_text("Ces journées n’ont pas été enregistrées")).to_be_visible()
        expect(page.locator(".notice li")).to_have_count(1)
        expect(page.locator(".notice li")).to_contain_text("Il n’y a plus de place ce jour-là.")
        expect(box(page, kept)).to_be_checked()
        accessible.check(page)

    box(page, kept).uncheck()
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()


@contextmanager
def no_more_places(portal: Portal, value: str) -> Iterator[None]:
    """Let a day be full, as if others had been quicker; then give it its places back."""
    day_id = int(value.partition(".")[0])
    with database(portal) as connection:
        places = connection.execute("SELECT places FROM activity_day WHERE id = ?", (day_id,)).fetchone()[0]
        connection.execute("UPDATE activity_day SET places = taken WHERE id = ?", (day_id,))
    yield
    with database(portal) as connection:
        connection.execute("UPDATE activity_day SET places = ? WHERE id = ?", (places, day_id))


def test_a_day_is_given_up_late_once_its_price_is_known(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    open_next_month(page, portal)
    value = values(column_with_free_days(page), 1)[0]
    box(page, value).check()
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("C’est enregistré")).to_be_visible()

    with deadlines_two_months_before(portal):
        page.reload()
        expect(page.get_by_text("Trop tard pour annuler sans payer")).to_be_visible()
        accessible.check(page)
        page.locator(f"a[href*='/reservations/{value.partition('.')[0]}/annuler']").click()
        expect(page.get_by_text("la journée vous sera facturée comme une absence")).to_be_visible()
        accessible.check(page)
        page.get_by_role("button", name="Annuler hors délai").click()
        expect(page.get_by_text("La journée est annulée hors délai.")).to_be_visible()


@contextmanager
def deadlines_two_months_before(portal: Portal) -> Iterator[None]:
    """Let every cancellation of the coming month be late, whatever today is; then put the rules back."""
    with database(portal) as connection:
        rules = connection.execute(
            "SELECT kind, base, count, weekday, at_minutes, id FROM notice_rule"
        ).fetchall()
        connection.execute(
            "UPDATE notice_rule SET kind = 'days_before', base = 'calendar', count = 70, weekday = NULL"
        )
        connection.execute("UPDATE town SET revision = revision + 1")
    yield
    with database(portal) as connection:
        connection.executemany(
            "UPDATE notice_rule SET kind = ?, base = ?, count = ?, weekday = ?, at_minutes = ? WHERE id = ?",
            rules,
        )
        connection.execute("UPDATE town SET revision = revision + 1")
