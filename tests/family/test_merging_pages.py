"""The pages that bring together what was entered twice."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.merging.rows import naming_columns, table_of
from models.accounts import User
from models.custody import CustodyArrangement, CustodyPattern
from models.family import Child, Family, Guardian
from tests.accounts.people import Home, make_family, make_user
from tests.documents.papers import make_child
from tests.family.declared import NOW
from tests.support.pages import Visitor
from views.admin.merge_words import TABLES

ROOT = "/admin/reunir"


@pytest.fixture
def twin(store: Session, home: Home, alice: User, leo: Child) -> Home:
    """The same home, entered again with the same child and e-mail."""
    again = make_family(store, 7, "Martin", "Alice", email="alice@example.com")
    make_child(store, again.family)
    for child in (leo, *store.query(Child)):
        child.search_text = "martin leo"
    home.family.search_text = again.family.search_text = "martin alice"
    store.commit()
    return again


def path(home: Home, twin: Home) -> str:
    return f"{ROOT}/family/{home.family.id}/{twin.family.id}"


def test_what_looks_entered_twice_is_listed(agent: Visitor, twin: Home) -> None:
    page = agent.get(ROOT)

    assert "Même nom et même naissance" in page.text
    assert "Même e-mail" in page.text


def test_a_file_is_looked_for_and_found(agent: Visitor, home: Home, twin: Home) -> None:
    page = agent.get(f"/admin/family/details/?id={home.family.id}")
    page = agent.get(next(href for href in page.links().values() if href.startswith(f"{ROOT}/family")))
    assert path(home, twin) in page.links().values()

    assert "Aucune fiche ne correspond" in agent.submit(page, {"q": "Zidane"}).text
    assert path(home, twin) in agent.submit(page, {"q": "alice"}).links().values()


def test_the_preview_says_what_moves_and_the_button_does_it(
    agent: Visitor, store: Session, home: Home, twin: Home
) -> None:
    address, lost_id = path(home, twin), twin.family.id
    page = agent.get(address)
    assert "Léo Martin et Léo Martin" in page.text
    assert "Adresses : 1" in page.text

    done = agent.submit(page)

    assert done.path == "/admin/family/details/"
    assert "rien n’est perdu" in done.text
    store.expire_all()
    assert store.get(Family, lost_id) is None
    assert "réuni à celui-ci" in store.get_one(Family, home.family.id).notes
    assert agent.client.get(address).status_code == 404


def test_the_other_file_may_be_the_one_to_keep(agent: Visitor, home: Home, twin: Home) -> None:
    assert agent.get(path(home, twin)).links()["Garder l’autre fiche"] == path(twin, home)


def test_an_impossible_case_is_said_in_words(
    agent: Visitor, store: Session, home: Home, leo: Child, twin: Home
) -> None:
    store.add(
        CustodyArrangement(
            child_id=leo.id, family_id=home.family.id, other_family_id=twin.family.id,
            pattern=CustodyPattern.ODD_WEEKS, valid_from=NOW.date(),
        )
    )  # fmt: skip
    store.commit()

    page = agent.get(path(home, twin))

    assert "se partagent la garde d’un enfant" in page.text
    assert page.all("main")[0].findall(".//form[@method='post']") == []


def test_two_homes_of_one_child_get_one_child(
    agent: Visitor, store: Session, leo: Child, charlie: User
) -> None:
    other = store.query(Family).filter(Family.name == "Durand").one()
    double = make_child(store, other, "Léo").id
    store.commit()

    page = agent.get(f"{ROOT}/child/{leo.id}")
    page = agent.get(page.links()["Comparer Léo Durand"])
    agent.submit(page)

    store.expire_all()
    assert store.get(Child, double) is None


@pytest.mark.parametrize("role", ["regisseur", "activity_leader"])
def test_other_roles_do_not_merge(app: Flask, store: Session, home: Home, twin: Home, role: str) -> None:
    user = make_user(store, f"{role}@example.com", role=role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    for address in (ROOT, f"{ROOT}/family/{home.family.id}", path(home, twin)):
        assert visitor.client.get(address).status_code == 403


def test_all_that_may_move_has_its_words() -> None:
    moved = {
        column.table.name for model in (Family, Guardian, Child) for column in naming_columns(table_of(model))
    }

    assert moved - set(TABLES) == set()
    assert set(TABLES) - moved == set()
