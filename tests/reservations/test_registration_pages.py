"""Registering from the parent's page, answering from the service's: two pages each, and an e-mail every time."""

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import Activity, ActivityKind, ActivityRegistration, RegistrationState
from models.documents import Document, DocumentState, StoredFile
from models.messages import OutboxMail
from tests.accounts.people import mails
from tests.documents.papers import pdf
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_family, make_household
from tests.support.page_checks import text_of
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from tests.support.registering import ask_for_study, give_insurance, require_insurance
from views.files import file_store

QUEUE = "/admin/inscriptions"
NOW = instant(date(2026, 11, 23), 11)


@pytest.fixture(autouse=True)
def _monday(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def house(store: Session) -> Household:
    made = make_household(store)
    made.activity(ActivityKind.SUPERVISED_STUDY).is_auto_validated = False
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_parent(app, store, house.family.id, "alice@courriel.example")
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def agent(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def path_of(house: Household) -> str:
    return f"/enfants/{house.elder.id}/inscriptions"


def choose(visitor: Visitor, house: Household, *kinds: ActivityKind) -> Page:
    chosen = [str(house.activity(kind).id) for kind in kinds]
    return visitor.submit(visitor.get(path_of(house)), {"activities": chosen}, action="/demande")


def states(store: Session, house: Household) -> dict[str, RegistrationState]:
    store.expire_all()
    rows = store.execute(
        select(Activity.short_name, ActivityRegistration.state)
        .join(ActivityRegistration, ActivityRegistration.activity_id == Activity.id)
        .where(ActivityRegistration.child_id == house.elder.id)
    )
    return dict(rows.all())


def test_a_parent_chooses_reads_accepts_and_the_service_agrees(
    alice: Visitor, agent: Visitor, store: Session, house: Household
) -> None:
    page = choose(alice, house, ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY)
    assert "Toute absence non annulée à temps est facturée" in page.text
    page = alice.submit(page, {"accepts": "1"})

    assert "Le service vous répond par e-mail" in page.text
    assert states(store, house) == {
        "Cantine": RegistrationState.VALIDATED,
        "Étude": RegistrationState.REQUESTED,
    }
    asked = mails(store, "registration_asked")[0].text_body
    assert asked.index("Restauration") < asked.index("En attente") < asked.index("Étude surveillée")
    assert "Inscription de Léo en cours d’examen" in alice.get("/accueil").text
    assert "attend la réponse du service" in alice.get(f"/enfants/{house.elder.id}/reservations").text

    assert "Inscriptions aux activités" in agent.get("/admin/").text
    page = agent.get(agent.get(QUEUE).links()["Léo Martin"])
    assert "Version 1, acceptée" in page.text
    page = agent.submit(page, action="/accepter")

    assert "Aucune inscription n’attend" in page.text
    assert "Étude surveillée" in mails(store, "registration_accepted")[0].subject
    grid = alice.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")
    assert "Étude" in grid.text


def test_nothing_ticked_or_not_accepted_is_said_beside_the_box(
    alice: Visitor, store: Session, house: Household
) -> None:
    page = alice.submit(alice.get(path_of(house)), action="/demande", status=422)
    assert "Cochez au moins une activité." in page.text

    page = choose(alice, house, ActivityKind.CANTEEN)
    page = alice.submit(page, status=422)

    assert "Cochez cette case pour accepter le règlement." in page.text
    assert states(store, house) == {}


def test_a_missing_document_is_given_from_the_page_and_brings_back_to_it(
    alice: Visitor, store: Session, house: Household
) -> None:
    require_insurance(store, house.activity(ActivityKind.SUPERVISED_STUDY))
    store.commit()

    page = choose(alice, house, ActivityKind.SUPERVISED_STUDY)
    page = alice.submit(page, {"accepts": "1"}, status=422)
    assert "Ajoutez d’abord : Attestation d’assurance scolaire." in page.text
    add = next(
        href for words, href in page.links().items() if words.startswith("Ajouter") and "assurance" in words
    )
    assert parse_qs(urlsplit(add).query)["next"][0].startswith(f"{path_of(house)}/demande?activities=")

    give_insurance(store, house, house.elder, DocumentState.SUBMITTED)
    store.commit()
    page = choose(alice, house, ActivityKind.SUPERVISED_STUDY)
    alice.submit(page, {"accepts": "1"})
    assert states(store, house) == {"Étude": RegistrationState.REQUESTED}


def test_a_refusal_says_why_and_the_family_may_ask_again(
    alice: Visitor, agent: Visitor, store: Session, house: Household
) -> None:
    registration_id = ask_for_study(house, house.elder)
    store.commit()
    page = agent.get(f"{QUEUE}/{registration_id}")

    page = agent.submit(
        page, {"refuse-reason": ""}, action=f"inscriptions/{registration_id}/refuser", status=422
    )
    agent.submit(
        page, {"refuse-reason": "Le groupe est complet."}, action=f"inscriptions/{registration_id}/refuser"
    )

    assert "Le groupe est complet." in mails(store, "registration_refused")[0].text_body
    assert "Le groupe est complet." in alice.get(path_of(house)).text
    choose(alice, house, ActivityKind.SUPERVISED_STUDY)


def test_a_second_answer_is_refused_and_nothing_is_told_twice(
    alice: Visitor, agent: Visitor, store: Session, house: Household
) -> None:
    registration_id = ask_for_study(house, house.elder)
    store.commit()
    page = agent.get(f"{QUEUE}/{registration_id}")
    agent.submit(page, action="/accepter")

    page = agent.submit(page, action="/accepter")

    assert "Une réponse a déjà été donnée" in text_of(page.root)
    assert len(mails(store, "registration_accepted")) == 1


def test_documents_are_answered_beside_the_inscription(
    app: Flask, agent: Visitor, store: Session, house: Household
) -> None:
    require_insurance(store, house.activity(ActivityKind.SUPERVISED_STUDY))
    paper = give_insurance(store, house, house.elder, DocumentState.SUBMITTED)
    store.commit()
    _keep_file(app, store, paper)
    registration_id = ask_for_study(house, house.elder)
    store.commit()
    page = agent.get(f"{QUEUE}/{registration_id}")
    assert "La validation attend ces pièces : Attestation d’assurance scolaire." in page.text
    assert not [
        form for form in page.all("form") if form.get("action") == f"{QUEUE}/{registration_id}/accepter"
    ]

    refuse = f"pieces/{paper.id}/refuser"
    page = agent.submit(page, action=refuse, status=422)
    page = agent.submit(
        page, {f"piece-{paper.id}-valid_until": "demain"}, action=f"pieces/{paper.id}/accepter", status=422
    )
    page = agent.submit(
        page, {f"piece-{paper.id}-valid_until": "2027-08-31"}, action=f"pieces/{paper.id}/accepter"
    )
    agent.submit(page, action=f"inscriptions/{registration_id}/accepter")

    assert states(store, house) == {"Étude": RegistrationState.VALIDATED}


def _keep_file(app: Flask, store: Session, paper: Document) -> None:
    with app.app_context():
        store.get_one(StoredFile, paper.file_id).key = file_store().put(pdf(), "application/pdf")
    store.commit()


def test_a_newer_reglement_is_asked_again_in_plain_words(
    alice: Visitor, store: Session, house: Household
) -> None:
    page = choose(alice, house, ActivityKind.CANTEEN)
    alice.submit(page, {"accepts": "1"})
    assert "a changé" not in alice.get("/accueil").text
    house.activity(ActivityKind.CANTEEN).regulation = "Le repas est servi à 12 h."
    store.commit()

    assert "Le règlement de « Restauration » a changé" in alice.get("/accueil").text
    page = alice.get(alice.get(path_of(house)).links()["Lire et accepter le règlement, Restauration"])
    assert "Le repas est servi à 12 h." in page.text
    page = alice.submit(page, action="/reglement")

    assert "a changé" not in page.text
    assert "a changé" not in alice.get("/accueil").text


def test_a_reglement_that_changes_while_it_is_read_is_read_again(
    alice: Visitor, store: Session, house: Household
) -> None:
    page = choose(alice, house, ActivityKind.CANTEEN)
    house.activity(ActivityKind.CANTEEN).regulation = "Le repas est servi à 12 h."
    store.commit()

    page = alice.submit(page, {"accepts": "1"})

    assert "vient de changer" in text_of(page.root)
    assert "Le repas est servi à 12 h." in page.text
    assert states(store, house) == {}
    assert store.scalars(select(OutboxMail)).all() == []


def test_a_waiting_request_is_taken_back(alice: Visitor, store: Session, house: Household) -> None:
    ask_for_study(house, house.elder)
    store.commit()

    page = alice.get(alice.get(path_of(house)).links()["Retirer Étude surveillée"])
    page = alice.submit(page, action="/retirer")

    assert "Votre demande est retirée." in text_of(page.root)
    assert states(store, house) == {"Étude": RegistrationState.ENDED}


def test_nobody_else_sees_or_answers(app: Flask, store: Session, house: Household) -> None:
    registration_id = ask_for_study(house, house.elder)
    other = make_family(store, "Petit")
    stranger = Visitor(app).sign_in(make_parent(app, store, other.id, "charlie@courriel.example"))
    leader = make_staff(store, "animatrice@saint-preau.example", Role.ACTIVITY_LEADER)
    store.commit()

    for end in ("retirer", "reglement"):
        stranger.get(f"/inscriptions/{registration_id}/{end}", status=404)
    stranger.get(f"{path_of(house)}/demande", status=404)
    Visitor(app).sign_in(leader).get(f"{QUEUE}/{registration_id}", status=403)


def test_several_are_validated_at_once_and_the_incomplete_stay(
    alice: Visitor, agent: Visitor, store: Session, house: Household
) -> None:
    require_insurance(store, house.activity(ActivityKind.SUPERVISED_STUDY))
    give_insurance(store, house, house.elder, DocumentState.ACCEPTED)
    both = [str(ask_for_study(house, house.elder)), str(ask_for_study(house, house.younger))]
    store.commit()
    assert "Cochez d’abord" in text_of(agent.submit(agent.get(QUEUE), action="/valider").root)

    page = agent.submit(agent.get(QUEUE), {"registrations": both}, action="/valider")

    words = text_of(page.root)
    assert "Une inscription est validée." in words
    assert "Une inscription attend encore une pièce" in words
    assert states(store, house) == {"Étude": RegistrationState.VALIDATED}
    assert len(mails(store, "registration_accepted")) == 1
    assert "Jade Martin" in page.links()
    assert "Léo Martin" not in page.links()


def test_the_queue_shows_one_activity_when_asked(agent: Visitor, store: Session, house: Household) -> None:
    ask_for_study(house, house.elder)
    store.commit()
    study, canteen = (
        house.activity(kind).id for kind in (ActivityKind.SUPERVISED_STUDY, ActivityKind.CANTEEN)
    )

    assert "Léo Martin" in agent.get(f"{QUEUE}?activite={study}").links()
    assert "Léo Martin" not in agent.get(f"{QUEUE}?activite={canteen}").links()
