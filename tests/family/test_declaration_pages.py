"""The service's queue of declarations and its review page, and what the family then reads."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.demarches import Demarche, DemarcheState
from models.documents import Document, DocumentState
from models.family import Family, FamilyState
from tests.accounts.people import Home, mails, make_user
from tests.documents.papers import picture
from tests.family.declared import NOW, Declared, ask_for_proof, declare, give_proof
from tests.support.page_checks import text_of
from tests.support.pages import Visitor
from views.files import file_store

QUEUE = "/admin/declarations"


@pytest.fixture
def proof(app: Flask, store: Session, declared: Declared) -> Document:
    ask_for_proof(store)
    with app.app_context():
        key = file_store().put(picture(), "image/png")
    document = give_proof(store, declared, key=key)
    store.commit()
    return document


def fresh(store: Session, declared: Declared) -> tuple[DemarcheState, FamilyState]:
    store.expire_all()
    demarche = store.get_one(Demarche, declared.demarche.id)
    return demarche.state, store.get_one(Family, declared.family.id).state


def test_the_queue_lists_the_oldest_first_and_what_families_must_complete(
    agent: Visitor, store: Session, declared: Declared
) -> None:
    declare(store, name="Diallo", email="a@example.com", sent_at=NOW - timedelta(days=9))
    back = declare(store, name="Roux", email="r@example.com")
    back.demarche.state, back.demarche.decided_at = DemarcheState.COMPLEMENT_ASKED, NOW
    store.commit()

    page = agent.get(QUEUE)

    rows = [text_of(row.findall("td")[0]) for row in page.all("tr") if row.findall("td")]
    assert rows == ["Diallo", "Nguyen", "Roux"]
    assert "2 déclarations attendent" in page.text
    assert "jours" in page.text


def test_the_page_shows_people_beside_documents(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    declared.demarche.answers = {
        "other_parent": {"situation": "elsewhere", "family_name": "Roy", "given_name": "Max"},
        "children": {str(declared.child.id): {"level": "PS", "has_pai": True}},
    }
    store.commit()

    page = agent.get(declared.path)

    for words in ("Linh Nguyen", "3 rue du Bac", "Maï Nguyen", "28 février 2022", "Max Roy", "indispensable"):
        assert words in page.text
    image = next(one for one in page.all("img") if "pages/1" in (one.get("src") or ""))
    assert agent.client.get(image.get("src")).status_code == 200


def test_each_document_is_answered_from_the_page(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    page = agent.get(declared.path)
    prefix = f"piece-{proof.id}"

    again = agent.submit(page, action=f"pieces/{proof.id}/refuser", status=422)
    assert "la famille le lira" in again.text
    done = agent.submit(
        page,
        {f"{prefix}-why": "other_kind", f"{prefix}-detail": "C’est un devis."},
        action=f"pieces/{proof.id}/refuser",
    )

    assert done.path == declared.path
    refused = store.get_one(Document, proof.id, populate_existing=True)
    assert refused.refusal_reason == "Ce n’est pas le document demandé. C’est un devis."
    assert mails(store) == []


def test_validated_the_family_reads_its_code(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    page = agent.submit(agent.get(declared.path), action=f"pieces/{proof.id}/accepter")

    agent.submit(page, action="/valider")

    assert fresh(store, declared) == (DemarcheState.ACCEPTED, FamilyState.VALIDATED)
    code = store.get_one(Family, declared.family.id).code
    (mail,) = mails(store)
    assert (mail.kind, mail.recipient) == ("declaration_validated", "linh@example.com")
    assert code is not None
    assert f"{code[:4]}\u00a0{code[4:]}" in mail.text_body


def test_without_its_document_it_is_not_validated(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    page = agent.submit(agent.get(declared.path), action="/valider")

    assert "cette pièce n’est pas acceptée : Justificatif de domicile" in page.text
    assert fresh(store, declared) == (DemarcheState.SUBMITTED, FamilyState.SUBMITTED)


def test_a_likeness_is_shown_and_must_be_ticked(
    agent: Visitor, store: Session, home: Home, declared: Declared
) -> None:
    home.guardian.phone = declared.guardian.phone
    store.commit()

    page = agent.get(declared.path)
    assert "Même téléphone : Linh Nguyen, et Alice Martin du dossier Martin" in page.text
    page = agent.submit(page, action="/valider")
    assert "cochez la case" in page.text

    agent.submit(page, {"validate-despite_duplicates": "y"}, action="/valider")
    assert fresh(store, declared)[1] is FamilyState.VALIDATED


def test_a_complement_lists_what_is_missing_and_what_was_refused(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    prefix = f"piece-{proof.id}"
    page = agent.submit(
        agent.get(declared.path), {f"{prefix}-why": "unreadable"}, action=f"pieces/{proof.id}/refuser"
    )
    assert "Écrivez ce que la famille" in agent.submit(page, action="/completer", status=422).text

    agent.submit(page, {"complement-reason": "Il faut un bail lisible."}, action="/completer")

    assert fresh(store, declared) == (DemarcheState.COMPLEMENT_ASKED, FamilyState.SUBMITTED)
    (mail,) = mails(store)
    assert mail.kind == "declaration_complement"
    assert "Il faut un bail lisible." in mail.text_body
    assert "Le document est illisible ou flou" in mail.text_body
    assert store.get_one(Document, proof.id, populate_existing=True).told_at is not None


def test_a_refusal_is_told_with_its_reason(agent: Visitor, store: Session, declared: Declared) -> None:
    page = agent.get(declared.path)
    assert "Écrivez pourquoi" in agent.submit(page, action="/refuser", status=422).text

    agent.submit(page, {"refuse-reason": "Vous habitez une autre commune."}, action="/refuser")

    assert fresh(store, declared) == (DemarcheState.REFUSED, FamilyState.REFUSED)
    assert "Vous habitez une autre commune." in mails(store, "declaration_refused")[0].text_body


def test_an_answer_given_by_somebody_else_stays_so(
    agent: Visitor, store: Session, declared: Declared
) -> None:
    seen = agent.get(declared.path)
    agent.submit(seen, action="/valider")

    page = agent.submit(seen, {"refuse-reason": "Non."}, action="/refuser")

    assert "a déjà reçu sa réponse" in page.text
    assert fresh(store, declared)[1] is FamilyState.VALIDATED


def test_a_draft_and_another_request_are_not_found(
    agent: Visitor, store: Session, declared: Declared
) -> None:
    declared.demarche.state = DemarcheState.DRAFT
    store.commit()
    assert agent.client.get(declared.path).status_code == 404
    assert agent.client.get(f"{QUEUE}/999").status_code == 404


def test_a_document_of_another_family_is_not_answered_here(
    agent: Visitor, store: Session, declared: Declared, proof: Document
) -> None:
    other = declare(store, name="Diallo", email="a@example.com", phone="")
    store.commit()
    token = agent.get(declared.path).form("/valider").find(".//input[@name='csrf_token']").get("value")

    answer = agent.client.post(f"{other.path}/pieces/{proof.id}/accepter", data={"csrf_token": token})

    assert answer.status_code == 404
    assert store.get_one(Document, proof.id, populate_existing=True).state is DocumentState.SUBMITTED


@pytest.mark.parametrize("role", ["regisseur", "activity_leader"])
def test_other_roles_do_not_see_declarations(
    app: Flask, store: Session, declared: Declared, role: str
) -> None:
    user = make_user(store, f"{role}@example.com", role=role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    assert [visitor.client.get(path).status_code for path in (QUEUE, declared.path)] == [403, 403]


def test_the_family_itself_does_not_open_the_services_page(app: Flask, declared: Declared) -> None:
    assert Visitor(app).sign_in(declared.user).client.get(declared.path).status_code == 403
