"""The roll-call on a tablet whose connection is cut: nothing is lost, and nothing is noted twice."""

import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from demo.people import DEMO_PASSWORD
from tests.browser.conftest import Accessible, Portal
from tests.browser.test_main_job import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


def database(portal: Portal) -> sqlite3.Connection:
    return sqlite3.connect(portal.env["DATABASE_URL"].removeprefix("sqlite:///"))


def a_day_with_children(portal: Portal) -> int:
    """Return the latest activity day, today or before, on which children are booked."""
    with database(portal) as connection:
        found = connection.execute(
            "SELECT id FROM activity_day WHERE taken > 1 AND day <= date('now') ORDER BY day DESC, id LIMIT 1"
        ).fetchone()
    return int(found[0])


def presence_of(portal: Portal, day_id: int, child_id: int) -> list[str]:
    with database(portal) as connection:
        rows = connection.execute(
            "SELECT presence FROM attendance WHERE activity_day_id = ? AND child_id = ?", (day_id, child_id)
        ).fetchall()
    return [row[0] for row in rows]


def eventually(page: Page, is_true: Callable[[], bool]) -> None:
    for _ in range(60):
        if is_true():
            return
        page.wait_for_timeout(100)
    pytest.fail("it never came true")


def test_marks_made_without_a_connection_arrive_once_when_it_is_back(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    day_id = a_day_with_children(portal)
    page = context.new_page()
    sign_in(page, portal, "animatrice@saint-preau.example", DEMO_PASSWORD)
    page.goto(f"{portal.url}/pointage")
    accessible.check(page)
    page.goto(f"{portal.url}/pointage/{day_id}")
    accessible.check(page)
    row = page.locator("[data-child]").first
    child_id = int(row.get_attribute("data-child") or 0)
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()  # from here on the worker keeps what is opened

    row.get_by_role("button", name="Absent").click()
    eventually(page, lambda: presence_of(portal, day_id, child_id) == ["absent"])

    context.set_offline(True)
    row.get_by_role("button", name="Présent").click()
    expect(page.get_by_text("Hors connexion : 1 pointage à envoyer.")).to_be_visible()
    assert presence_of(portal, day_id, child_id) == ["absent"]
    page.reload()  # the mark is kept by the browser: a page opened again shows it
    expect(row).to_have_attribute("data-presence", "present")

    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    eventually(page, lambda: presence_of(portal, day_id, child_id) == ["present"])
    expect(page.get_by_text("Tout est envoyé.")).to_be_visible()


def test_the_roll_call_fits_a_telephone(
    portal: Portal, context: BrowserContext, accessible: type[Accessible]
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, portal, "animatrice@saint-preau.example", DEMO_PASSWORD)

    page.goto(f"{portal.url}/pointage/{a_day_with_children(portal)}")

    accessible.check(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
