"""The search box: what each role is shown, with a script and without one."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.accounts.people import Home
from tests.search.files import bill, pupil
from tests.support.pages import Visitor
from tests.support.queries import recorded_statements

Staff = Callable[[str], Visitor]


@pytest.fixture
def martin(store: Session, home: Home) -> Home:
    """Alice Martin's family, with Léo and an invoice."""
    pupil(store, home.family, "Martin", "Léo", date(2019, 3, 14))
    home.guardian.phone = "+33612345678"
    bill(store, home.family)
    return home


def test_every_page_of_the_back_office_has_the_box(staff: Staff, martin: Home) -> None:
    agent = staff("school_agent")

    found = agent.submit(agent.get("/admin/invoice/"), {"q": "alice martn"}, action="/admin/recherche")

    assert found.title == "Recherche : alice martn"
    assert "Alice Martin" in found.links()
    assert "06 12 34 56 78" in found.text
    assert f"Famille Martin ({martin.family.code[:4]} {martin.family.code[4:]})" in found.text


def test_an_agent_finds_the_family_with_what_tells_it_from_others(staff: Staff, martin: Home) -> None:
    page = staff("school_agent").get("/admin/recherche?q=martin+leo")

    assert page.links()["Martin"] == f"/admin/family/details/?id={martin.family.id}"
    assert "12 rue des Écoles, 45110 Saint-Préau · Léo" in page.text
    assert "né(e) le 14/03/2019" in page.text


def test_an_activity_leader_finds_children_and_nothing_of_their_homes(staff: Staff, martin: Home) -> None:
    leader = staff("activity_leader")

    page = leader.get("/admin/recherche?q=martin")
    told = leader.client.get("/admin/recherche/suggestions?q=martin").json

    assert "Léo Martin" in page.links()
    for secret in ("rue des Écoles", "06 12", "Famille", martin.family.code, "Alice"):
        assert secret not in page.text
        assert secret not in str(told)
    assert leader.get("/admin/recherche?q=F2026-000123").text.startswith(
        "Recherche : F2026-000123 Aucun résultat"
    )


@pytest.mark.parametrize(
    ("role", "text", "is_found"),
    [
        ("school_agent", "F2026-000123", True),
        ("school_agent", "P2026-000007", False),
        ("regisseur", "P2026-000007", True),
        ("regisseur", "45999-2026-000001", True),
        ("school_agent", "45999-2026-000001", False),
    ],
)
def test_money_is_found_by_who_may_open_it(
    staff: Staff, martin: Home, role: str, text: str, is_found: bool
) -> None:
    page = staff(role).get(f"/admin/recherche?q={text}")

    assert (text in page.links()) == is_found


def test_every_thing_found_opens(staff: Staff, martin: Home) -> None:
    admin = staff("administrator")

    for text in ("martin", "F2026-000123", "P2026-000007", "SP-TRY-1", "45999-2026-000001"):
        told = admin.client.get("/admin/recherche/suggestions", query_string={"q": text}).json
        assert told, text
        for row in told:
            assert admin.client.get(row["href"]).status_code == 200, row


def test_an_empty_search_says_what_may_be_typed(staff: Staff, martin: Home) -> None:
    page = staff("school_agent").get("/admin/recherche")

    assert page.title == "Rechercher"
    assert "une date de naissance" in page.text


def test_a_parent_and_a_stranger_search_nothing(staff: Staff, app: Flask, martin: Home) -> None:
    parent = staff("parent")

    for path in ("/admin/recherche?q=martin", "/admin/recherche/suggestions?q=martin", "/admin/raccourcis"):
        assert parent.client.get(path).status_code == 403
        assert Visitor(app).client.get(path).status_code == 302


def test_the_page_of_results_costs_few_statements(staff: Staff, martin: Home) -> None:
    agent = staff("school_agent")

    with recorded_statements() as statements:
        agent.get("/admin/recherche?q=martin")

    assert len(statements) <= 24, statements


def test_the_shortcuts_are_told_on_a_page(staff: Staff, martin: Home) -> None:
    page = staff("activity_leader").get("/admin/raccourcis")

    assert "Aller au champ de recherche" in page.text
