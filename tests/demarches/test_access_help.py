"""A call for help from a family without e-mail: on the list once, and off it when somebody has answered."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain import clock
from domain.actor import Actor, Role, system
from domain.demarches.operations import request_access_help, settle_access_help
from domain.errors import Refusal
from models.demarches import Demarche, DemarcheKind, DemarcheState
from tests.accounts.people import Home
from tests.support.pages import Visitor
from tests.support.people import make_staff

AGENT = Actor("user:7", 7, frozenset({Role.SCHOOL_AGENT}))


def call(store: Session, home: Home) -> Demarche:
    demarche = request_access_help(store, actor=system("web"), now=clock.now(), family_id=home.family.id)
    store.commit()
    return demarche


def test_an_agent_closes_it_from_the_list(app: Flask, store: Session, home: Home) -> None:
    demarche = call(store, home)
    agent = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    visitor = Visitor(app).sign_in(agent)

    page = visitor.get(f"/admin/demarche/details/?id={demarche.id}")
    assert "Réglé de vive voix" in page.text
    visitor.submit(page, action="/action/")

    store.expire_all()
    assert demarche.state is DemarcheState.ACCEPTED
    assert "Réglé de vive voix" not in visitor.get(f"/admin/demarche/details/?id={demarche.id}").text


def test_what_is_settled_or_another_kind_is_not_settled_again(store: Session, home: Home) -> None:
    demarche = call(store, home)
    settle_access_help(store, actor=AGENT, now=clock.now(), demarche_id=demarche.id)
    other = Demarche(kind=DemarcheKind.OTHER, state=DemarcheState.DRAFT, family_id=home.family.id)
    store.add(other)
    store.flush()

    for one in (demarche.id, other.id, 0):
        with pytest.raises(Refusal, match="decision_not_possible"):
            settle_access_help(store, actor=AGENT, now=clock.now(), demarche_id=one)


def test_it_is_not_the_accountants_business(store: Session, home: Home) -> None:
    demarche = call(store, home)
    regisseur = Actor("user:8", 8, frozenset({Role.REGISSEUR}))

    with pytest.raises(Refusal, match="not_allowed"):
        settle_access_help(store, actor=regisseur, now=clock.now(), demarche_id=demarche.id)
