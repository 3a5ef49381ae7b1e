"""The thread of a family's file: names, for whom, and nothing of another family."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor, Role, system
from domain.family.timeline import Doer, family_timeline
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_family, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.queries import recorded_statements

SYSTEM = system("test")
NOW = instant(date(2026, 11, 23))


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    set_clock(NOW)
    return make_household(store)


def note(store: Session, actor: Actor, family_id: int, action: str, child_id: int | None = None) -> None:
    audit.record(
        store,
        actor=actor,
        now=NOW,
        action=action,
        subject_kind="child" if child_id else "family",
        subject_id=child_id or family_id,
        family_id=family_id,
        after={"booked": [{"day": "2026-12-01"}, {"day": "2026-12-03"}]} if child_id else None,
    )
    store.flush()


def test_each_act_names_who_did_it_and_for_whom(app: Flask, store: Session, house: Household) -> None:
    family_id = house.family.id
    parent = make_parent(app, store, family_id, "alice@courriel.example")
    agent = make_staff(store, "samira@mairie.example", Role.SCHOOL_AGENT)
    at_desk = Actor(f"user:{agent.id} for family:{family_id}", agent.id, on_behalf_of_family_id=family_id)
    staff = Actor(f"user:{agent.id}", agent.id, frozenset({Role.SCHOOL_AGENT}))
    note(store, SYSTEM, family_id, "create_family")
    note(store, Actor(f"user:{parent.id}", parent.id), family_id, "phones_changed")
    note(store, staff, family_id, "update_family")
    note(store, at_desk, family_id, "save_reservations", house.elder.id)
    note(store, Actor("anonymous", 0), family_id, "activation_wrong_secret")

    with recorded_statements() as statements:
        acts = family_timeline(store, family_id=family_id, limit=5)

    assert [(one.doer, one.name, one.is_for_family) for one in acts] == [
        (Doer.VISITOR, "", False),
        (Doer.STAFF, agent.display_name, True),
        (Doer.STAFF, agent.display_name, False),
        (Doer.PARENT, parent.display_name, False),
        (Doer.PROGRAM, "", False),
    ]
    assert (acts[1].about, acts[1].booked) == (house.elder.full_name, 2)
    assert len(statements) <= 5


def test_another_familys_acts_are_left_out_and_pages_follow(store: Session, house: Household) -> None:
    other = make_family(store, "Roux")
    for _time in range(3):
        note(store, SYSTEM, other.id, "update_family")
    newest = family_timeline(store, family_id=other.id, limit=2)

    older = family_timeline(store, family_id=other.id, limit=9, before_id=newest[-1].id)

    assert [one.action for one in newest] == ["update_family", "update_family"]
    assert [one.action for one in older][:1] == ["update_family"]
    assert not {one.id for one in older} & {one.id for one in newest}


def test_staff_read_the_thread_page_after_page(app: Flask, store: Session, house: Household) -> None:
    agent = make_staff(store, "samira@mairie.example", Role.SCHOOL_AGENT)
    for number in range(51):
        note(store, Actor(f"user:{agent.id}", agent.id, frozenset({Role.SCHOOL_AGENT})), house.family.id,
             "create_family" if number == 0 else "update_family")  # fmt: skip
    store.commit()
    visitor = Visitor(app).sign_in(agent)

    page = visitor.get(f"/admin/familles/{house.family.id}/fil")
    older = visitor.get(page.links()["Actes plus anciens"])

    assert "par Samira, agent" in page.text
    assert "Dossier ouvert" not in page.text
    assert "Dossier ouvert" in older.text
    assert "Tout le fil du dossier" in visitor.get(f"/admin/family/details/?id={house.family.id}").text


def test_a_parent_and_an_unknown_family_find_no_thread(app: Flask, store: Session, house: Household) -> None:
    parent = make_parent(app, store, house.family.id, "alice@courriel.example")
    agent = make_staff(store, "samira@mairie.example", Role.SCHOOL_AGENT)
    store.commit()

    assert (
        Visitor(app).sign_in(parent).client.get(f"/admin/familles/{house.family.id}/fil").status_code == 403
    )
    assert Visitor(app).sign_in(agent).client.get("/admin/familles/99999/fil").status_code == 404
