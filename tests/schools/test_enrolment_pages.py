"""The pages of a school enrolment: the family asks, staff answer, others find nothing."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.accounts import User
from models.demarches import Demarche
from models.family import Family, FamilyState, Guardian
from models.messages import OutboxMail
from models.schools import EnrolmentCampaign, EnrolmentState, SchoolEnrolment
from tests.accounts.people import make_user
from tests.schools.enrolling import MOTIVE, NOW, PREVERT, TILLEULS, Enrolling, make_enrolling
from tests.support.households import AUGUST, make_family
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

HOME = "/inscription-scolaire"


@pytest.fixture
def town(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Enrolling:
    set_clock(NOW)
    found = make_enrolling(store)
    make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return found


def adult_of(store: Session, family: Family, email: str) -> User:
    guardian = store.scalars(select(Guardian).where(Guardian.family_id == family.id)).one()
    return make_user(store, email, guardian=guardian)


@pytest.fixture
def alice(app: Flask, town: Enrolling, store: Session) -> Visitor:
    user = adult_of(store, town.family, "alice@example.com")
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def agent(app: Flask, town: Enrolling, store: Session) -> Visitor:
    user = store.scalars(select(User).where(User.email == "agent@mairie.example")).one()
    return Visitor(app).sign_in(user)


def ask(alice: Visitor, town: Enrolling, **wish: str) -> Page:
    """Go through the pages up to the check page."""
    town.give_papers()
    town.session.commit()
    page = alice.get(f"{HOME}/2027/enfants/{town.child.id}")
    papers = alice.submit(page, {"school": "sector"} | wish)
    return alice.submit(papers, {"is_domicile_sworn": "y"})


def mails(store: Session) -> list[str]:
    store.expire_all()
    return list(store.scalars(select(OutboxMail.kind).order_by(OutboxMail.id)))


def test_from_the_home_to_the_answer(alice: Visitor, agent: Visitor, town: Enrolling, store: Session) -> None:
    home = alice.get("/accueil")
    assert "Inscription scolaire de Jade en maternelle" in home.text
    page = alice.get(
        next(href for words, href in home.links().items() if words.startswith("Inscription scolaire"))
    )
    assert TILLEULS in page.text

    check = ask(alice, town)
    assert "Rien n’est encore envoyé" in check.text
    sent = alice.submit(check)
    assert "Demande D2027-000001" in sent.text
    assert mails(store) == ["school_asked"]

    review = agent.get(agent.get("/admin/inscriptions-scolaires").links()["Jade Martin"])
    assert "du n° 2 au n° 30, côté pair" in review.text
    agent.submit(review, action="/accepter")
    assert mails(store) == ["school_asked", "school_accepted"]
    assert f"Jade est inscrit(e) : {TILLEULS}" in alice.get(sent.path).text
    assert "Inscription scolaire de Jade" not in alice.get("/accueil").text


def test_the_check_sent_twice_is_one_request(alice: Visitor, town: Enrolling, store: Session) -> None:
    check = ask(alice, town)

    first, second = alice.submit(check), alice.submit(check)

    assert first.path == second.path
    assert mails(store) == ["school_asked"]
    assert len(store.scalars(select(SchoolEnrolment)).all()) == 1


def test_a_derogation_needs_a_school_and_a_motive_and_keeps_what_was_typed(
    alice: Visitor, town: Enrolling
) -> None:
    page = alice.get(f"{HOME}/2027/enfants/{town.child.id}")

    empty = alice.submit(page, {}, status=422)
    assert "Choisissez l’école de secteur ou une autre école" in empty.text
    without = alice.submit(page, {"school": "other", "details": "Sa sœur y est."}, status=422)
    assert "Choisissez l’école que vous demandez" in without.text
    assert "Sa sœur y est." in without.text
    school = str(town.school(PREVERT).id)
    motive = alice.submit(page, {"school": "other", "wanted_school_id": school}, status=422)
    assert "Choisissez le motif" in motive.text


def test_a_derogation_is_denied_with_its_reason(
    alice: Visitor, agent: Visitor, town: Enrolling, store: Session
) -> None:
    school = str(town.school(PREVERT).id)
    check = ask(alice, town, school="other", wanted_school_id=school, motive=MOTIVE)
    assert PREVERT in check.text
    sent = alice.submit(check)
    review = agent.get(agent.get("/admin/inscriptions-scolaires").links()["Jade Martin"])

    target = f"{review.path}/derogation-refusee"
    token = review.form("/refuser").find(".//input[@name='csrf_token']")
    assert token is not None
    answer = agent.client.post(
        target, data={"csrf_token": token.get("value"), "reason": "L’école est complète."}
    )

    assert answer.status_code == 302
    assert mails(store)[-1] == "school_exemption_denied"
    after = alice.get(sent.path).text
    assert f"Jade est inscrit(e) : {TILLEULS}" in after
    assert "L’école est complète." in after


def test_missing_papers_are_named_on_their_page(alice: Visitor, town: Enrolling) -> None:
    page = alice.get(f"{HOME}/2027/enfants/{town.child.id}")
    papers = alice.submit(page, {"school": "sector"})
    assert "vaccinations" not in papers.text
    assert any("/documents/ajouter" in href for href in papers.links().values())

    again = alice.submit(papers, {"is_domicile_sworn": "y"}, status=422)

    assert "Il manque des pièces" in again.text
    assert "Livret de famille" in again.text


def test_an_address_that_the_map_does_not_know_is_placed_by_staff(
    alice: Visitor, agent: Visitor, town: Enrolling, store: Session
) -> None:
    store.connection().exec_driver_sql("UPDATE family_address SET line1 = '3 rue de la Lune'")
    store.commit()
    page = alice.get(f"{HOME}/2027/enfants/{town.child.id}")
    assert "Le service va la déterminer" in page.text
    alice.submit(ask(alice, town))

    review = agent.get(agent.get("/admin/inscriptions-scolaires").links()["Jade Martin"])
    assert "Cette rue n’est pas dans la carte scolaire" in review.text
    placed = agent.submit(review, {"school_id": str(town.school(PREVERT).id)}, action="/secteur")
    agent.submit(placed, action="/accepter")

    store.expire_all()
    enrolment = store.scalars(select(SchoolEnrolment)).one()
    assert (enrolment.state, enrolment.school_id) == (EnrolmentState.VALIDATED, town.school(PREVERT).id)


def test_a_request_is_withdrawn_on_a_page_of_its_own(alice: Visitor, town: Enrolling, store: Session) -> None:
    sent = alice.submit(ask(alice, town))

    index = alice.submit(alice.get(f"{sent.path}/retirer"))

    assert "Votre demande est retirée" in index.response.text
    assert mails(store) == ["school_asked", "school_withdrawn"]
    assert alice.get(sent.path).links().get("Retirer ma demande") is None


@pytest.mark.parametrize("path", ["", "/pieces", "/verification"])
def test_another_family_finds_nothing(app: Flask, town: Enrolling, store: Session, path: str) -> None:
    sent = town.ask()
    other = make_family(store, "Roux", email="charlie@example.com")
    user = adult_of(store, other, "charlie@example.com")
    store.commit()
    charlie = Visitor(app).sign_in(user)

    charlie.get(f"{HOME}/2027/enfants/{town.child.id}{path}", status=404)
    charlie.get(f"{HOME}/demandes/{sent.id}", status=404)
    charlie.get(f"{HOME}/demandes/{sent.id}/retirer", status=404)


def test_another_kind_of_request_is_not_shown_here(alice: Visitor, agent: Visitor, store: Session) -> None:
    family = store.scalars(select(Family)).one()
    store.add(Demarche(kind="address_change", state="submitted", number="D1", family_id=family.id))
    store.commit()
    demarche = store.scalars(select(Demarche)).one()

    alice.get(f"{HOME}/demandes/{demarche.id}", status=404)
    agent.get(f"/admin/inscriptions-scolaires/{demarche.id}", status=404)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FamilyState.DRAFT, "Terminez d’abord la déclaration"),
        (FamilyState.SUBMITTED, "Le service l’examine"),
        (FamilyState.REFUSED, "n’a pas pu l’accepter"),
    ],
)
def test_before_the_file_is_validated_the_page_says_why(
    alice: Visitor, town: Enrolling, store: Session, state: FamilyState, words: str
) -> None:
    store.get_one(Family, town.family.id).state = state
    store.commit()

    for path in ("", f"/2027/enfants/{town.child.id}", f"/2027/enfants/{town.child.id}/verification"):
        page = alice.get(HOME + path, status=422)
        assert words in page.text


def test_outside_the_window_the_page_says_when(alice: Visitor, town: Enrolling, store: Session) -> None:
    campaign = store.scalars(select(EnrolmentCampaign)).one()
    campaign.opens_at, campaign.closes_at = AUGUST, NOW
    store.commit()

    closed = alice.get(f"{HOME}/2027/enfants/{town.child.id}", status=422)

    assert "closes depuis le" in closed.text
    assert "closes depuis le" in alice.get(HOME).text
    assert "Inscription scolaire de Jade" not in alice.get("/accueil").text


def test_staff_edit_the_campaign_as_paris_hours(app: Flask, town: Enrolling, store: Session) -> None:
    user = make_staff(store, "chef@mairie.example", Role.ADMINISTRATOR)
    store.commit()
    chief = Visitor(app).sign_in(user)
    campaign = store.scalars(select(EnrolmentCampaign)).one()
    edit = f"/admin/enrolmentcampaign/edit/?id={campaign.id}"
    page = chief.get(edit)

    wrong = chief.post(page, {"opens_at": "2027-04-01T08:00", "closes_at": "2027-03-01T08:00"}, action=edit)
    assert "La fermeture doit venir après" in wrong.text
    chief.post(page, {"opens_at": "2027-04-01T08:00", "closes_at": "2027-06-01T08:00"}, action=edit)

    store.expire_all()
    assert store.scalars(select(EnrolmentCampaign.opens_at)).one().isoformat() == "2027-04-01T06:00:00+00:00"
    assert "Motifs de dérogation" in chief.get("/admin/exemptionmotive/").response.text


def test_the_regisseur_has_no_enrolment(app: Flask, town: Enrolling, store: Session) -> None:
    user = make_staff(store, "regie@mairie.example", Role.REGISSEUR)
    store.commit()

    Visitor(app).sign_in(user).get("/admin/inscriptions-scolaires", status=403)
