"""Documents that families bring to the desk, and their dates corrected."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.dates import at_minutes
from models.audit import AuditEntry
from models.documents import Document, DocumentState
from models.family import Child
from tests.documents.papers import pdf
from tests.support.households import Household, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

TODAY = date(2026, 11, 23)


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    set_clock(at_minutes(TODAY, 600))
    found = make_household(store)
    store.commit()
    return found


@pytest.fixture
def agent(app: Flask, house: Household, store: Session) -> Visitor:
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def choice(page: Page, words: str) -> str:
    return next(o.get("value", "") for o in page.all("option") if words in "".join(o.itertext()))


def add(agent: Visitor, house: Household, words: str, status: int = 200, **fields: object) -> Page:
    page = agent.get(f"/admin/pieces/ajouter/{house.family.id}")
    typed = {"about": choice(page, words), "files": (BytesIO(pdf()), "piece.pdf")} | fields
    return agent.submit(page, typed, action="", status=status)


def kept(store: Session) -> list[Document]:
    store.expire_all()
    return list(store.scalars(select(Document)))


def test_a_document_brought_to_the_desk_is_accepted_at_once(
    agent: Visitor, house: Household, store: Session
) -> None:
    page = add(
        agent, house, "Justificatif de domicile", issued_on=str(TODAY - timedelta(days=3)), is_accepted="y"
    )

    assert "est au dossier" in page.text
    (document,) = kept(store)
    assert (document.family_id, document.given_by_family_id) == (house.family.id, house.family.id)
    assert document.state is DocumentState.ACCEPTED
    assert document.valid_until is not None


def test_it_may_wait_for_a_colleague_and_be_about_a_child(
    agent: Visitor, house: Household, store: Session
) -> None:
    elder = store.get_one(Child, house.elder.id)

    add(agent, house, f"assurance scolaire – {elder.full_name}")

    (document,) = kept(store)
    assert (document.child_id, document.state) == (elder.id, DocumentState.SUBMITTED)


def test_what_is_missing_is_asked_beside_its_field(agent: Visitor, house: Household, store: Session) -> None:
    page = add(agent, house, "Justificatif de domicile", status=422)
    assert "Indiquez la date écrite sur le document" in page.text

    page = add(agent, house, "assurance scolaire", files=(BytesIO(b"MZ"), "facture.pdf"), status=422)
    assert page.all("p", class_="error")
    assert kept(store) == []


def test_its_dates_are_corrected_and_the_trail_says_so(
    agent: Visitor, house: Household, store: Session
) -> None:
    add(agent, house, "Justificatif de domicile", issued_on=str(TODAY))
    (document,) = kept(store)
    page = agent.get(f"/admin/document/edit/?id={document.id}")

    wrong = agent.submit(page, {"issued_on": "2026-11-20", "valid_until": "2026-11-01"})
    assert "avant la date du document" in wrong.text
    agent.submit(page, {"issued_on": "2026-11-20", "valid_until": "2027-02-20"})

    (document,) = kept(store)
    assert document.valid_until == date(2027, 2, 20)
    assert store.scalar(select(AuditEntry.id).where(AuditEntry.action == "correct_document"))
