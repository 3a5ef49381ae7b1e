"""The site map: a second way to every page, drawn from the menus, which leaves none out (RGAA 12.1)."""

from collections.abc import Iterator

import pytest

from domain.actor import Role
from tests.pages.found import as_reader, open_pages, standing_world
from tests.support.pages import Page
from tests.support.world import World
from views.languages import STAFF_PATHS

MAP = "/plan-du-site"
# Pages that no map names: steps of something begun elsewhere, and things of which a family has many.
STEPS = (
    "parent.declaration", "parent.school_", "parent.registration_", "security.two_factor", "security.mf_", "security.tf_",
)  # fmt: skip
INSIDE = {
    "activation.choose", "activation.sent", "signup.sent", "languages.choose", "time_limits.stay",
    "parent.account_email_confirm", "parent.address_withdraw", "parent.contest", "parent.direct_debit_stop",
    "parent.document_new", "parent.invite", "parent.invoice", "parent.late_cancel", "parent.offer",
    "parent.payment_return", "parent.wish", "invitation.accept", "security.verify",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with standing_world(tmp_path_factory.mktemp("map")) as built:
        yield built


def map_of(world: World, reader: str) -> Page:
    return as_reader(world, reader).get(MAP)


def addresses(page: Page) -> list[str]:
    return [link.get("href", "") for link in page.all("main")[0].iter("a")]


@pytest.mark.parametrize("reader", ["", "owner", Role.ADMINISTRATOR, Role.ACTIVITY_LEADER])
def test_every_link_of_the_map_opens_for_its_reader(world: World, reader: str) -> None:
    client = as_reader(world, reader).client

    answers = {one: client.get(one, follow_redirects=True) for one in addresses(map_of(world, reader))}

    # One that has nothing to ask leads on: a move that waits for its answer, the only site of a leader.
    wrong = {one: answer.status_code for one, answer in answers.items() if answer.status_code != 200}
    assert wrong == {}
    assert [one for one, answer in answers.items() if "/connexion" in answer.request.path and reader] == []
    assert len(answers) > 15


def test_a_familys_map_shows_each_childs_pages_and_a_visitors_does_not(world: World) -> None:
    mine, anybodys = map_of(world, "owner"), map_of(world, "")

    assert f"/enfants/{world.ids['child']}/absences" in addresses(mine)
    assert "/connexion" not in addresses(mine)
    assert "/connexion" in addresses(anybodys)
    assert not [one for one in addresses(anybodys) if one.startswith(("/enfants", "/compte", "/famille"))]


def test_no_page_of_the_citizens_is_left_out(world: World) -> None:
    named = {one.partition("?")[0] for reader in ("", "owner") for one in addresses(map_of(world, reader))}

    missing = [
        path
        for rule, path, reader in open_pages(world)
        if path.partition("?")[0] not in named
        and not path.startswith(STAFF_PATHS)
        and not rule.endpoint.startswith(STEPS)
        and rule.endpoint not in INSIDE
        and is_page(world, path, reader)
    ]

    assert missing == []


def is_page(world: World, path: str, reader: str) -> bool:
    """Whether an address answers its reader with a page, and not with a file or with another address."""
    with as_reader(world, reader).client.get(path) as answer:
        return answer.status_code == 200 and answer.mimetype == "text/html"


def test_the_map_is_at_the_foot_of_the_page_in_both_languages(world: World) -> None:
    french, english = as_reader(world, ""), as_reader(world, "")
    english.client.set_cookie("langue", "en")

    assert french.get("/mentions-legales").links()["Plan du site"] == MAP
    assert english.get("/mentions-legales").links()["Site map"] == MAP
