"""Signalling a move: the parent's form, the agent's review, the answer by e-mail."""

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User
from models.demarches import AddressChange
from models.documents import Document, StoredFile
from models.family import FamilyAddress
from tests.accounts.people import Home, hashed, mails, make_family, make_user
from tests.support.pages import Page, Visitor
from views.files import file_store


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return out.getvalue()


def report(visitor: Visitor, status: int = 200, **changes: object) -> Page:
    typed = {
        "line1": "3 place du Marché",
        "postcode": "45000",
        "city": "Orléans",
        "effective_on": "2026-12-15",
        "proof": (BytesIO(picture()), "facture.png"),
    }
    return visitor.submit(visitor.get("/famille/adresse"), typed | changes, status=status)


@pytest.fixture
def agent(app: Flask, store: Session, home: Home) -> Visitor:
    user = make_user(store, "agent@example.com", role="school_agent", password_hash=hashed(app))
    store.commit()
    return Visitor(app).sign_in(user)


def review_path(store: Session) -> str:
    store.expire_all()
    return f"/admin/adresses/{store.scalars(select(AddressChange.demarche_id)).one()}"


def test_the_parent_sees_old_and_new_while_it_waits(visitor: Visitor, store: Session, alice: User) -> None:
    page = report(visitor.sign_in(alice))

    assert page.path == "/famille"
    assert "12 rue des Écoles" in page.text
    assert "3 place du Marché" in page.text
    assert "En cours d’examen" in page.text
    assert [mail.recipient for mail in mails(store, "address_reported")] == [alice.email]
    assert visitor.get("/famille/adresse").path == "/famille"


def test_a_file_that_is_not_what_its_name_says_is_refused(
    visitor: Visitor, store: Session, alice: User
) -> None:
    page = report(visitor.sign_in(alice), 422, proof=(BytesIO(b"<html>no</html>"), "facture.pdf"))

    assert page.all("input", name="line1")[0].get("value") == "3 place du Marché"
    assert page.all("div", class_="error-summary")
    assert store.scalars(select(Document)).all() == []


def test_a_wrong_file_is_told_together_with_the_other_fields(
    visitor: Visitor, store: Session, alice: User
) -> None:
    wrong = (BytesIO(b"<html>no</html>"), "facture.pdf")

    page = report(visitor.sign_in(alice), 422, postcode="4500", proof=wrong)

    told = {
        link.get("href") for link in page.all("div", class_="error-summary")[0].iter() if link.get("href")
    }
    assert told == {"#postcode", "#proof"}


def test_a_refused_day_keeps_no_file(visitor: Visitor, store: Session, alice: User, app: Flask) -> None:
    report(visitor.sign_in(alice), 422, effective_on="2020-09-01")

    assert store.scalars(select(StoredFile)).all() == []
    with app.app_context():
        assert not [path for path in file_store().folder.rglob("*") if path.is_file()]


def test_a_proof_is_compulsory(visitor: Visitor, alice: User) -> None:
    page = report(visitor.sign_in(alice), 422, proof=None)

    assert "Ajoutez un justificatif" in page.text


def test_the_agent_accepts_beside_the_proof(
    visitor: Visitor, store: Session, alice: User, agent: Visitor
) -> None:
    report(visitor.sign_in(alice))
    path = review_path(store)

    page = agent.get(path)
    assert "12 rue des Écoles" in page.text
    assert "Le tarif de la famille change" in page.text
    with agent.client.get(f"{path}/justificatif") as proof:
        assert proof.data.startswith(b"\x89PNG")
    page = agent.submit(page, action="/accepter")

    assert "Accepté" in page.text
    store.expire_all()
    rows = store.scalars(select(FamilyAddress).order_by(FamilyAddress.valid_from)).all()
    assert [row.city for row in rows] == ["Saint-Préau", "Orléans"]
    assert "tarifs hors commune" in mails(store, "address_accepted")[0].text_body


def test_the_agent_refuses_with_a_reason_that_the_family_reads(
    visitor: Visitor, store: Session, alice: User, agent: Visitor
) -> None:
    report(visitor.sign_in(alice))
    path = review_path(store)

    page = agent.submit(agent.get(path), action="/refuser", status=422)
    assert "Écrivez pourquoi" in page.text
    agent.submit(page, {"reason": "Facture trop ancienne."}, action="/refuser")

    assert "Facture trop ancienne." in mails(store, "address_refused")[0].text_body
    assert "Facture trop ancienne." in visitor.get("/famille").text


def test_the_parent_may_withdraw(visitor: Visitor, store: Session, alice: User) -> None:
    report(visitor.sign_in(alice))

    page = visitor.submit(visitor.get("/famille/adresse/retirer"))

    assert page.path == "/famille"
    assert "En cours d’examen" not in page.text


def test_neither_stranger_nor_parent_opens_the_review(
    app: Flask, visitor: Visitor, store: Session, alice: User
) -> None:
    report(visitor.sign_in(alice))
    stranger = make_family(store, 2, "Durand", "Charlie")
    user = make_user(store, "charlie@example.com", guardian=stranger.guardian, password_hash=hashed(app))
    store.commit()
    charlie = Visitor(app).sign_in(user)
    document = store.scalars(select(Document)).one()

    assert visitor.client.get(review_path(store)).status_code == 403
    assert charlie.client.get(f"/documents/{document.id}").status_code == 404
    with visitor.client.get(f"/documents/{document.id}") as own:
        assert own.status_code == 200
