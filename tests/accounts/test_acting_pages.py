"""An agent at the desk does what the parent would, under a banner, signed for both; never the parent's secrets."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.family import Family, FamilyState, Guardian
from models.reservations import Reservation
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

NOW = instant(date(2026, 11, 23))
DECEMBER = date(2026, 12, 1)


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    made.book(made.elder, ActivityKind.CANTEEN, date(2026, 11, 1), 1)
    make_parent(app, store, made.family.id, "alice@courriel.example")
    set_clock(NOW)
    store.commit()
    return made


@pytest.fixture
def agent(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def act_for(agent: Visitor, family: Family) -> Page:
    page = agent.get(f"/admin/family/details/?id={family.id}")
    return agent.submit(page, action="/agir")


def banner(page: Page) -> str:
    return " ".join("".join(one.itertext()) for one in page.all("aside"))


def test_the_agent_books_as_the_parent_and_it_is_signed_for_both(
    store: Session, house: Household, agent: Visitor
) -> None:
    page = act_for(agent, house.family)
    assert page.path == "/accueil"
    assert "Vous agissez pour la famille Martin" in banner(page)

    month = agent.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")
    day = house.days(ActivityKind.CANTEEN, DECEMBER, 6)[-1]
    box = next(
        one.get("value")
        for one in month.all("input", name="days")
        if (one.get("value") or "").startswith(f"{day.id}")
    )
    agent.submit(month, {"days": [box]}, action="/reservations")

    store.expire_all()
    booked = store.scalars(select(Reservation).where(Reservation.activity_day_id == day.id)).one()
    assert booked.family_id == house.family.id
    entry = store.scalars(select(AuditEntry).where(AuditEntry.action == "save_reservations")).all()[-1]
    assert entry.by.endswith(f" for family:{house.family.id}")
    assert entry.by.startswith("user:")
    assert entry.on_behalf


def test_the_end_is_noted_and_closes_the_parents_pages(
    store: Session, house: Household, agent: Visitor
) -> None:
    page = act_for(agent, house.family)

    back = agent.submit(page, action="/agir/terminer")

    assert back.path == "/admin/family/details/"
    assert agent.client.get("/accueil").status_code == 404
    actions = store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.endswith("_acting")] == ["start_acting", "end_acting"]
    assert "Agent au guichet" in back.text


def test_the_parents_secrets_and_purse_stay_closed(store: Session, house: Household, agent: Visitor) -> None:
    act_for(agent, house.family)

    account = agent.get("/compte")

    assert "alice@courriel.example" in account.text
    assert "agent@mairie.example" not in account.text
    assert not {"/compte/email", "/compte/mot-de-passe", "/compte/agenda"} & set(account.links().values())
    for path in ("/compte/email", "/compte/agenda"):
        assert "appartient au parent" in agent.get(path, status=422).text


def test_the_agent_changes_the_familys_telephone(store: Session, house: Household, agent: Visitor) -> None:
    act_for(agent, house.family)

    agent.submit(agent.get("/compte/telephone"), {"phone": "06 12 34 56 78"})

    store.expire_all()
    guardian = store.scalars(select(Guardian).where(Guardian.family_id == house.family.id)).one()
    assert guardian.phone == "+33612345678"


@pytest.mark.parametrize("role", [Role.REGISSEUR, Role.ACTIVITY_LEADER])
def test_other_roles_cannot(app: Flask, store: Session, house: Household, role: Role) -> None:
    member = make_staff(store, "autre@mairie.example", role)
    store.commit()
    visitor = Visitor(app).sign_in(member)
    app.config["WTF_CSRF_ENABLED"] = False

    assert visitor.client.post(f"/admin/familles/{house.family.id}/agir").status_code == 403
    assert visitor.client.get("/accueil").status_code == 404


def test_a_file_that_closes_meanwhile_ends_it(store: Session, house: Household, agent: Visitor) -> None:
    act_for(agent, house.family)
    house.family.state = FamilyState.DEPARTED
    store.commit()

    assert agent.client.get("/accueil").status_code == 404
