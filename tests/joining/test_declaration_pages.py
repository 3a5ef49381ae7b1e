"""Déclarer mon entourage: page by page, sent, completed, refused; and what nobody else may see."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User
from models.demarches import Demarche, DemarcheState
from models.documents import Document
from models.family import Child, Family, FamilyState, Guardian, TrustedPerson
from models.health import HealthSheet
from tests.accounts.people import PASSWORD, link_in, mails
from tests.joining.declared import CHILD, GRANNY, SELF, declare_all, fill, give
from tests.support.pages import Page, Visitor


@pytest.fixture
def parent(visitor: Visitor, ines: User) -> Visitor:
    return visitor.sign_in(ines)


@pytest.fixture
def stranger(app: Flask, omar: User) -> Visitor:
    return Visitor(app).sign_in(omar)


def drafts(store: Session) -> list[Family]:
    store.expire_all()
    return list(store.scalars(select(Family).where(Family.state != FamilyState.VALIDATED)))


def request_of(store: Session) -> Demarche:
    store.expire_all()
    return store.scalars(select(Demarche)).one()


def answer(store: Session, state: DemarcheState, reason: str) -> None:
    """Do what staff do."""
    demarche = request_of(store)
    demarche.state, demarche.reason = state, reason
    if state is DemarcheState.REFUSED:
        store.get_one(Family, demarche.family_id).state = FamilyState.REFUSED
    store.commit()


def send(visitor: Visitor) -> Page:
    return visitor.submit(declare_all(visitor))


def test_the_first_sign_in_leads_to_the_tasks(parent: Visitor, store: Session) -> None:
    page = parent.get("/")

    assert page.path == "/declaration"
    assert "0 sur 5 terminées" in page.text
    assert {"Ma déclaration", "Mon compte", "Aide"} <= set(page.links())
    assert not {"Réservations", "Factures"} & set(page.links())
    assert drafts(store) == []


@pytest.mark.parametrize("path", ["/reservations", "/factures", "/famille"])
def test_nothing_of_a_validated_family_opens(parent: Visitor, path: str) -> None:
    parent.get(path, status=404)


def test_the_account_opens_without_a_family(parent: Visitor) -> None:
    assert "ines@example.com" in parent.get("/compte").text


def test_every_task_is_kept_and_ticked(parent: Visitor, store: Session) -> None:
    page = declare_all(parent, allergies="Arachide", diet="no_pork", allows_photos="y")

    assert page.path == "/declaration/envoi"
    for words in ("Inès O’Dwyer-Lefèvre", "Zoé O’Dwyer", "29 février 2020", "Arachide", "Maïté d’Arc", "CP"):
        assert words in page.text, words
    family = drafts(store)[0]
    assert (family.state, family.code, family.name) == (FamilyState.DRAFT, None, "O’Dwyer-Lefèvre")
    child = store.scalars(select(Child)).one()
    assert (child.born_on, child.diet.value, child.allows_photos) == (date(2020, 2, 29), "no_pork", True)
    assert store.scalars(select(HealthSheet.allergies)).all() == ["Arachide"]
    assert [person.may_pick_up for person in store.scalars(select(TrustedPerson))] == [True]
    assert "6 sur 7" not in parent.get("/declaration").text


def test_the_draft_is_resumed_from_another_browser(
    parent: Visitor, app: Flask, ines: User, store: Session
) -> None:
    fill(parent, "moi", **SELF)

    page = Visitor(app).sign_in(ines).get("/declaration/moi")

    assert page.all("input", name="line1")[0].get("value") == "3 rue de l’Église"
    assert page.all("input", name="phone")[0].get("value").replace("\u00a0", " ") == "06 12 34 56 78"


def test_the_tasks_begin_with_oneself(parent: Visitor) -> None:
    assert parent.get("/declaration/enfants/ajouter").path == "/declaration/moi"


def test_nothing_is_sent_before_the_tasks_are_done(parent: Visitor, store: Session) -> None:
    fill(parent, "moi", **SELF)

    assert parent.get("/declaration/envoi").path == "/declaration"
    assert drafts(store)[0].state is FamilyState.DRAFT


def test_the_acknowledgement_says_what_is_missing_on_page_by_mail_and_on_paper(
    parent: Visitor, store: Session
) -> None:
    page = send(parent)

    demarche = request_of(store)
    assert page.path == "/declaration"
    assert demarche.number in page.text
    assert demarche.state is DemarcheState.SUBMITTED
    assert "Pièce identity_child" in page.text
    assert drafts(store)[0].state is FamilyState.SUBMITTED
    mail = mails(store, "declaration_received")[0]
    assert mail.recipient == "ines@example.com"
    assert demarche.number in mail.subject
    assert "Pièce identity_child (Zoé O’Dwyer)" in mail.text_body
    answer = parent.client.get("/declaration/accuse-de-reception")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")


def test_documents_follow_the_answers_and_only_these(parent: Visitor, store: Session) -> None:
    declare_all(parent)
    assert "Pièce pai" not in parent.get("/declaration/pieces").text
    child = store.scalars(select(Child)).one()

    fill(parent, f"enfants/{child.id}/accueil", has_pai="y")
    fill(parent, "autre-parent", situation="elsewhere", family_name="Kaïs")

    page = parent.get("/declaration/pieces")
    assert "Pièce pai" in page.text
    assert "Pièce custody" in page.text
    page = give(parent, page, "pai")
    assert page.path == "/declaration/pieces"
    assert "En cours d’examen" in page.text
    document = store.scalars(select(Document.id)).one()
    with parent.client.get(f"/documents/{document}") as seen:
        assert seen.status_code == 200


def test_a_missing_document_may_follow_once_sent(parent: Visitor) -> None:
    page = give(parent, send(parent), "identity_child")

    assert page.path == "/declaration"
    assert "En cours d’examen" in page.text


def test_two_clicks_send_one_file(parent: Visitor, store: Session) -> None:
    page = declare_all(parent)
    parent.submit(page)
    parent.submit(page)

    assert len(mails(store, "declaration_received")) == 1
    assert request_of(store).number.endswith("-000001")


def test_the_same_child_sent_twice_is_there_once(parent: Visitor, store: Session) -> None:
    fill(parent, "moi", **SELF)
    page = parent.get("/declaration/enfants/ajouter")
    for _ in range(2):
        parent.submit(page, CHILD)

    assert len(store.scalars(select(Child)).all()) == 1


def test_what_was_sent_cannot_be_changed(parent: Visitor, store: Session) -> None:
    page = declare_all(parent)
    task = parent.get("/declaration/moi")
    parent.submit(page)

    assert parent.submit(task, {"family_name": "Autre"}).path == "/declaration"
    assert drafts(store)[0].name == "O’Dwyer-Lefèvre"


def test_a_complement_is_shown_edited_and_sent_again_under_the_same_number(
    parent: Visitor, store: Session
) -> None:
    send(parent)
    number = request_of(store).number
    answer(store, DemarcheState.COMPLEMENT_ASKED, "Le numéro de la rue manque.")

    for path in ("/declaration", "/declaration/moi", "/declaration/envoi"):
        assert "Le numéro de la rue manque." in parent.get(path).text
    fill(parent, "moi", line1="3 bis rue de l’Église")
    parent.submit(parent.get("/declaration/envoi"))

    demarche = request_of(store)
    assert (demarche.number, demarche.state) == (number, DemarcheState.SUBMITTED)
    assert len(mails(store, "declaration_received")) == 2


def test_a_refusal_says_why_and_what_was_said_can_be_corrected(parent: Visitor, store: Session) -> None:
    send(parent)
    answer(store, DemarcheState.REFUSED, "Vous n’habitez pas la commune.")

    page = parent.get("/declaration")
    assert "Vous n’habitez pas la commune." in page.text
    page = parent.submit(page, action="/reprendre")

    assert page.path == "/declaration"
    assert "Zoé" in page.text
    assert [family.state for family in drafts(store)] == [FamilyState.DRAFT]
    parent.submit(parent.get("/declaration/envoi"))
    store.expire_all()
    assert len(set(store.scalars(select(Demarche.number)))) == 2


def test_one_name_only_and_letters_of_everywhere(parent: Visitor, store: Session) -> None:
    fill(parent, "moi", **SELF | {"given_name": None, "family_name": "Sukarno"})
    fill(parent, "autre-parent", situation="same_home", family_name="N’Guyễn-Łukasz")
    fill(parent, "enfants/ajouter", **CHILD | {"given_name": "", "family_name": "Ko"})

    page = parent.get("/declaration")
    assert "Ko : identité" in page.text
    assert [one.full_name for one in store.scalars(select(Guardian).order_by(Guardian.id))][1:] == [
        "Sukarno",
        "N’Guyễn-Łukasz",
    ]


def test_an_adult_who_lives_elsewhere_is_no_member_of_this_file(parent: Visitor, store: Session) -> None:
    fill(parent, "moi", **SELF)
    fill(parent, "autre-parent", situation="same_home", family_name="Kaïs", given_name="Sami")
    fill(parent, "autre-parent", situation="elsewhere", family_name="Kaïs", given_name="Sami")

    family = drafts(store)[0]
    adults = store.scalars(select(Guardian).where(Guardian.family_id == family.id)).all()
    assert [adult.given_name for adult in adults] == ["Inès"]
    assert request_of(store).answers["other_parent"]["given_name"] == "Sami"


def test_the_other_parent_of_the_same_home_is_invited_and_shares_the_draft(
    parent: Visitor, app: Flask, store: Session
) -> None:
    fill(parent, "moi", **SELF)
    sami = {"situation": "same_home", "family_name": "Kaïs", "given_name": "Sami", "invites": "y"}
    assert "Écrivez son adresse" in fill(parent, "autre-parent", 422, **sami).text
    fill(parent, "autre-parent", **sami | {"email": "Sami@example.com"})

    other = Visitor(app)
    page = other.get(link_in(mails(store, "second_adult_invited")[0]))
    other.submit(page, {"password": PASSWORD, "password_again": PASSWORD})
    other.post(other.get("/connexion"), {"email": "sami@example.com", "password": PASSWORD})

    page = other.get("/")
    assert page.path == "/declaration"
    assert "1 sur 5 terminées" in page.text
    page = other.get("/declaration/moi")
    assert page.all("input", name="given_name")[0].get("value") == "Sami"
    assert page.all("input", name="line1")[0].get("value") == SELF["line1"]


def test_an_invitation_that_cannot_leave_keeps_nothing(parent: Visitor, store: Session) -> None:
    fill(parent, "moi", **SELF)
    typed = {"situation": "same_home", "family_name": "Kaïs", "email": "ines@example.com", "invites": "y"}

    page = fill(parent, "autre-parent", 422, **typed)

    assert page.all("div", class_="error-summary")
    assert mails(store) == []
    assert "other_parent" not in request_of(store).answers


def test_faults_are_named_and_typed_values_stay(parent: Visitor) -> None:
    page = fill(parent, "moi", 422, **SELF | {"phone": "", "postcode": "45"})
    assert "Écrivez un numéro où vous joindre." in page.text
    assert page.all("input", name="line1")[0].get("value") == SELF["line1"]

    fill(parent, "moi", **SELF)
    assert (
        "Écrivez le nom de l’autre parent." in fill(parent, "autre-parent", 422, situation="same_home").text
    )
    page = fill(parent, "enfants/ajouter", 422, **CHILD | {"born_on": "2026-12-31"})
    assert "pas encore passée" in page.text
    page = fill(parent, "enfants/ajouter", 422, **CHILD | {"born_on": "2021-02-29"})
    assert page.all("input", name="given_name")[0].get("value") == "Zoé"
    assert "2021" in str(page.all("input", name="born_on")[0].get("value"))
    assert "n’existe pas" in page.text
    page = fill(parent, "personnes/ajouter", 422, **GRANNY | {"may_pick_up": None})
    assert "Cochez au moins une case" in page.text


def test_people_are_corrected_and_taken_off(parent: Visitor, store: Session) -> None:
    declare_all(parent)
    give(parent, parent.get("/declaration/pieces"), "identity_child")
    child = store.scalars(select(Child)).one()
    granny = store.scalars(select(TrustedPerson)).one()

    fill(parent, f"enfants/{child.id}", given_name="Zoë")
    fill(parent, f"personnes/{granny.id}", relation="voisine")
    store.expire_all()
    assert (child.given_name, granny.relation) == ("Zoë", "voisine")
    fill(parent, f"personnes/{granny.id}/retirer")
    fill(parent, f"enfants/{child.id}/retirer")

    store.expire_all()
    assert store.scalars(select(Child)).all() == []
    assert store.scalars(select(TrustedPerson)).all() == []
    assert store.scalars(select(Document)).all() == []
    assert "Mes enfants" in parent.get("/declaration").text


def test_anothers_draft_is_not_found(parent: Visitor, stranger: Visitor, store: Session) -> None:
    send(parent)
    child = store.scalars(select(Child.id)).one()
    granny = store.scalars(select(TrustedPerson.id)).one()

    for path in (
        f"enfants/{child}",
        f"enfants/{child}/accueil",
        f"enfants/{child}/retirer",
        f"personnes/{granny}",
        f"personnes/{granny}/retirer",
        "accuse-de-reception",
    ):
        stranger.get(f"/declaration/{path}", status=404)
    assert "0 sur 5" in stranger.get("/declaration").text


def test_an_adult_of_a_validated_family_has_nothing_to_declare(
    visitor: Visitor, alice: User, town: Session
) -> None:
    visitor.sign_in(alice)

    for path in ("/declaration", "/declaration/moi", "/declaration/envoi"):
        assert visitor.get(path).path == "/accueil"
