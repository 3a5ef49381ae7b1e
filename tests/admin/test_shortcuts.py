"""Shortcuts of one key: turned off for an account, wherever it signs in (WCAG 2.1.4)."""

from collections.abc import Callable

from tests.support.pages import Page, Visitor

Staff = Callable[[str], Visitor]


def are_on(page: Page) -> bool:
    """Whether the page's scripts listen to single keys."""
    return page.all("body")[0].get("data-no-shortcuts") is None


def test_an_agent_turns_the_shortcuts_off_and_on_again(staff: Staff) -> None:
    agent = staff("school_agent")
    page = agent.get("/admin/raccourcis")
    assert are_on(page)

    page = agent.submit(page)

    assert "Les raccourcis d’une touche sont coupés" in page.text
    assert not are_on(agent.get("/admin/"))
    assert are_on(agent.submit(page))


def test_the_window_of_the_shortcuts_has_the_switch_and_leads_back_to_the_page(staff: Staff) -> None:
    agent = staff("school_agent")
    page = agent.get("/admin/absences")

    page = agent.submit(page, action="/admin/raccourcis")

    assert page.path == "/admin/absences"
    assert not are_on(page)


def test_the_choice_is_one_accounts_own(staff: Staff) -> None:
    agent, leader = staff("school_agent"), staff("activity_leader")

    leader.submit(leader.get("/admin/raccourcis"))

    assert not are_on(leader.get("/admin/raccourcis"))
    assert are_on(agent.get("/admin/raccourcis"))


def test_the_switch_leads_to_no_other_site(staff: Staff) -> None:
    agent = staff("school_agent")
    page = agent.get("/admin/absences")

    answer = agent.post(page, {"page": "https://ailleurs.example/"}, action="/admin/raccourcis")

    assert answer.location == "/admin/raccourcis"
