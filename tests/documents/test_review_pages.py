"""The service's queue of documents and its review page; what the family then reads, and who opens a file."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import clock
from models.accounts import User
from models.attendance import AbsenceJustification
from models.custody import GuardianRight
from models.documents import Document, DocumentState, DocumentSubject, StoredFile
from models.family import Child, Family, FamilyState, Guardian
from tests.accounts.people import Home, mails, make_user
from tests.documents.papers import join_family, make_kind, pdf, picture
from tests.support.pages import Page, Visitor
from views.files import file_store
from views.jobs.decisions import tell_left_decisions

QUEUE = "/admin/pieces-a-verifier"
Give = Callable[..., int]


@pytest.fixture
def give(app: Flask, store: Session, home: Home) -> Give:
    """Keep a document that Alice's family gave some days ago; returns its id."""
    kinds = {
        "insurance": make_kind(store, "insurance"),
        "vaccines": make_kind(store, "vaccines", is_health=True),
        "address": make_kind(store, "address", DocumentSubject.FAMILY),
    }

    def keep(code: str, *, days: int = 0, data: bytes | None = None, **subject: int) -> int:
        data = pdf(2) if data is None else data
        is_pdf = data.startswith(b"%PDF")
        media_type = "application/pdf" if is_pdf else "image/png"
        with app.app_context():
            key = file_store().put(data, media_type)
        file = StoredFile(
            key=key, filename="papier", media_type=media_type, size=len(data), pages=2 if is_pdf else 1, sha256="0" * 64
        )  # fmt: skip
        store.add(file)
        store.flush()
        document = Document(
            document_type_id=kinds[code].id,
            file_id=file.id,
            created_at=clock.now() - timedelta(days=days),
            **{"given_by_family_id": home.family.id, **subject},
        )
        store.add(document)
        store.commit()
        return document.id

    return keep


def decide(agent: Visitor, document_id: int, why: str = "", detail: str = "") -> Page:
    page = agent.get(f"{QUEUE}/{document_id}")
    if not why:
        return agent.submit(page, action="/accepter")
    return agent.submit(page, {"why": why, "detail": detail}, action="/refuser")


def test_the_queue_lists_what_waits_the_oldest_first_with_its_age(
    agent: Visitor, give: Give, leo: Child, home: Home
) -> None:
    give("insurance", child_id=leo.id)
    give("address", days=3, family_id=home.family.id)

    page = agent.get(QUEUE)

    rows = ["".join(row.itertext()) for row in page.all("tr")][1:]
    assert [("Pièce address" in row, "3 jours" in row) for row in rows] == [(True, True), (False, False)]
    assert "Léo Martin" in rows[1]
    assert "Aujourd’hui" in rows[1]


def test_what_is_decided_elsewhere_or_not_sent_yet_is_not_listed(
    agent: Visitor, store: Session, give: Give, leo: Child, home: Home
) -> None:
    certificate = give("insurance", child_id=leo.id)
    store.add(
        AbsenceJustification(
            child_id=leo.id, family_id=home.family.id, starts_on=clock.today(), ends_on=clock.today(),
            document_id=certificate, justified_at=clock.now(),
        )
    )  # fmt: skip
    store.commit()
    assert "tout est vérifié" in agent.get(QUEUE).text

    give("address", family_id=home.family.id)
    home.family.state = FamilyState.DRAFT
    store.commit()
    assert "tout est vérifié" in agent.get(QUEUE).text


def test_the_page_shows_the_document_beside_the_file(agent: Visitor, give: Give, leo: Child) -> None:
    page = agent.get(f"{QUEUE}/{give('insurance', child_id=leo.id)}")

    assert "12 rue des Écoles" in page.text
    assert [image.get("alt") for image in page.all("img") if "pages" in (image.get("src") or "")] == [
        "Pièce insurance, page 1 sur 2",
        "Pièce insurance, page 2 sur 2",
    ]
    for image in page.all("img"):
        answer = agent.client.get(image.get("src"))
        assert answer.status_code == 200


def test_accepting_goes_on_to_the_same_familys_next(
    agent: Visitor, store: Session, give: Give, leo: Child, home: Home, charlie: User
) -> None:
    first = give("insurance", days=5, child_id=leo.id)
    other = charlie_family(store, charlie).id
    give("address", days=4, family_id=other, given_by_family_id=other)
    second = give("address", family_id=home.family.id)

    page = decide(agent, first)

    assert page.path == f"{QUEUE}/{second}"
    assert "est accepté" in page.text


def test_one_mail_tells_of_all_the_decisions_refusals_first(
    agent: Visitor, store: Session, give: Give, leo: Child, home: Home, alice: User
) -> None:
    accepted, refused = give("address", family_id=home.family.id), give("insurance", child_id=leo.id)

    decide(agent, accepted)
    assert mails(store, "documents_decided") == []
    decide(agent, refused, "unreadable", "La date manque.")

    (mail,) = mails(store, "documents_decided")
    assert (mail.recipient, mail.subject) == ("alice@example.com", "Un document est à refaire")
    body = " ".join(mail.text_body.split())
    assert "Pièce insurance (Léo Martin)" in body
    assert "illisible ou flou : envoyez une photo plus nette, bien éclairée. La date manque." in body
    assert body.index("Pièce insurance") < body.index("Pièce address")
    assert all(one.told_at for one in store.scalars(select(Document)))


def test_what_an_agent_leaves_half_done_is_told_an_hour_later(
    app: Flask, agent: Visitor, store: Session, give: Give, leo: Child, home: Home, alice: User
) -> None:
    done = give("address", family_id=home.family.id)
    give("insurance", child_id=leo.id)
    decide(agent, done)
    with app.test_request_context("/"):
        assert tell_left_decisions() == 0
    store.get_one(Document, done, populate_existing=True).reviewed_at = clock.now() - timedelta(hours=2)
    store.commit()

    with app.test_request_context("/"):
        assert tell_left_decisions() == 1
        assert tell_left_decisions() == 0

    assert len(mails(store, "documents_decided")) == 1


def test_a_declarations_documents_are_told_with_its_answer(
    app: Flask, agent: Visitor, store: Session, give: Give, home: Home, alice: User
) -> None:
    home.family.state = FamilyState.SUBMITTED
    document = give("address", days=1, family_id=home.family.id)

    decide(agent, document)
    store.get_one(Document, document, populate_existing=True).reviewed_at = clock.now() - timedelta(hours=2)
    store.commit()
    with app.test_request_context("/"):
        assert tell_left_decisions() == 0

    assert mails(store, "documents_decided") == []


def test_a_refusal_without_words_shows_the_page_again(agent: Visitor, give: Give, leo: Child) -> None:
    document = give("insurance", child_id=leo.id)
    page = agent.get(f"{QUEUE}/{document}")

    assert "la famille le lira" in agent.submit(page, action="/refuser", status=422).text
    again = agent.submit(page, {"why": "other"}, action="/refuser", status=422)
    assert "Écrivez le motif" in again.text


def test_a_document_decided_by_somebody_else_stays_so(
    agent: Visitor, store: Session, give: Give, leo: Child
) -> None:
    document = give("insurance", child_id=leo.id)
    seen = agent.get(f"{QUEUE}/{document}")
    decide(agent, document)

    page = agent.submit(seen, {"why": "too_old"}, action="/refuser")

    assert "vient d’être acceptée par quelqu’un d’autre" in page.text
    assert store.get_one(Document, document, populate_existing=True).state is DocumentState.ACCEPTED


def test_the_keys_have_their_places(agent: Visitor, give: Give, leo: Child, home: Home) -> None:
    give("insurance", days=2, child_id=leo.id)
    middle = give("address", days=1, family_id=home.family.id)
    give("vaccines", child_id=leo.id)

    page = agent.get(f"{QUEUE}/{middle}")

    assert {element.get("data-key") for element in page.root.iter() if element.get("data-key")} == set("jkar")


@pytest.mark.parametrize("role", ["regisseur", "activity_leader"])
def test_other_roles_of_staff_do_not_see_documents(
    app: Flask, store: Session, give: Give, leo: Child, role: str
) -> None:
    document = give("insurance", child_id=leo.id)
    user = make_user(store, f"{role}@example.com", role=role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    for path in ("", f"/{document}", f"/{document}/fichier", f"/{document}/pages/1"):
        assert visitor.client.get(QUEUE + path).status_code == 403


def test_a_page_that_the_document_has_not_is_not_found(agent: Visitor, give: Give, leo: Child) -> None:
    document = give("insurance", child_id=leo.id, data=picture())

    shown = agent.client.get(f"{QUEUE}/{document}/pages/1")
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["Cache-Control"] == "private, no-store"
    for number in (0, 2):
        assert agent.client.get(f"{QUEUE}/{document}/pages/{number}").status_code == 404


def test_a_file_that_cannot_be_drawn_is_not_found(agent: Visitor, give: Give, leo: Child) -> None:
    document = give("insurance", child_id=leo.id, data=b"%PDF-1.4 torn")

    assert agent.client.get(f"{QUEUE}/{document}/pages/1").status_code == 404


def status_of_file(visitor: Visitor, document_id: int) -> int:
    with closing(visitor.client.get(f"/documents/{document_id}")) as answer:
        return answer.status_code


def charlie_family(store: Session, charlie: User) -> Family:
    """The file of the stranger."""
    statement = select(Family).join(Guardian, Guardian.family_id == Family.id)
    return store.scalars(statement.where(Guardian.user_id == charlie.id)).one()


# --- the family's side


def test_a_parent_reads_the_answer_and_sends_another(
    app: Flask, agent: Visitor, store: Session, give: Give, leo: Child, alice: User
) -> None:
    decide(agent, give("insurance", child_id=leo.id), "too_old")

    page = Visitor(app).sign_in(alice).get("/documents")

    assert "Le document est trop ancien" in page.text
    assert "En envoyer un autre" in page.text
    again = next(href for words, href in page.links().items() if words.startswith("En envoyer un autre"))
    assert f"subject_id={leo.id}" in again


def test_a_stranger_neither_lists_nor_opens(
    app: Flask, give: Give, leo: Child, alice: User, charlie: User
) -> None:
    document = give("insurance", child_id=leo.id)

    assert status_of_file(Visitor(app).sign_in(alice), document) == 200
    stranger = Visitor(app).sign_in(charlie)
    assert status_of_file(stranger, document) == 404
    assert "aucun document" in stranger.get("/documents").text


def test_the_childs_other_family_does_not_read_what_this_one_gave(
    app: Flask, store: Session, give: Give, leo: Child, charlie: User
) -> None:
    document = give("insurance", child_id=leo.id)
    join_family(store, leo, charlie_family(store, charlie))
    store.commit()

    other = Visitor(app).sign_in(charlie)

    assert status_of_file(other, document) == 404
    assert "aucun document" in other.get("/documents").text


def test_a_health_document_takes_the_right_to_see_it(
    app: Flask, store: Session, give: Give, leo: Child, home: Home, alice: User
) -> None:
    health, plain = give("vaccines", child_id=leo.id), give("insurance", child_id=leo.id)
    store.add(
        GuardianRight(
            guardian_id=home.guardian.id, child_id=leo.id, may_see_health=False, valid_from=clock.today()
        )
    )
    store.commit()
    visitor = Visitor(app).sign_in(alice)

    assert status_of_file(visitor, health) == 404
    assert status_of_file(visitor, plain) == 200
    assert "Pièce vaccines" not in visitor.get("/documents").text
