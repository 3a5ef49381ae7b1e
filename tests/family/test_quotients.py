"""A quotient is written with what proves it and until when it holds; its end is told before it comes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import system
from domain.errors import Refusal
from domain.family.operations import create_family
from domain.family.queries import family_overview
from domain.family.quotients import ending_quotients, proofs_of, record_quotient
from models.accounts import User
from models.documents import Document, DocumentState, DocumentSubject, StoredFile
from models.family import Family
from models.quotients import QuotientFamilial, QuotientSource
from models.town import Town
from tests.accounts.people import Home, mails
from tests.documents.papers import make_kind
from tests.support.pages import Page, Visitor
from views.jobs.expiries import remind_of_expiries

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
AGENT = system("test")


@pytest.fixture
def family(db: Session) -> Family:
    db.add(Town(id=1, name="Saint-Préau", insee_code="45999", postcode="45110"))
    db.flush()
    return create_family(
        db, actor=AGENT, now=NOW, name="Lefèvre", line1="3 rue Haute", postcode="45110", city="Saint-Préau"
    )


def record(session: Session, family_id: int, value_cents: int = 85000, **more: Any) -> QuotientFamilial:
    facts = {"source": QuotientSource.CAF, "valid_from": date(2026, 1, 1)} | more
    return record_quotient(
        session, actor=AGENT, now=NOW, family_id=family_id, value_cents=value_cents, **facts
    )


def give_proof(session: Session, family_id: int, state: DocumentState = DocumentState.SUBMITTED) -> Document:
    """A CAF statement of September that holds for a year, given by the family."""
    kind = make_kind(session, "caf", DocumentSubject.FAMILY, acts=("quotient",))
    file = StoredFile(key="k1", filename="caf.pdf", media_type="application/pdf", size=1, sha256="0" * 64)
    session.add(file)
    session.flush()
    document = Document(
        document_type_id=kind.id,
        file_id=file.id,
        family_id=family_id,
        given_by_family_id=family_id,
        state=state,
        refusal_reason="Illisible." if state is DocumentState.REFUSED else "",
        issued_on=date(2026, 9, 14),
        valid_until=date(2027, 9, 13),
    )
    session.add(document)
    session.flush()
    return document


def test_a_new_quotient_ends_the_one_before(db: Session, family: Family) -> None:
    record(db, family.id)
    record(db, family.id, 62000, valid_from=date(2026, 10, 1))

    overview = family_overview(db, family.id, TODAY)

    assert overview is not None
    assert overview.sheet.quotient is not None
    assert overview.sheet.quotient.value_cents == 62000
    assert [row.valid_to for row in overview.quotients] == [None, date(2026, 10, 1)]
    assert overview.balance_cents == 0


def test_a_quotient_of_the_past_ends_where_the_next_begins(db: Session, family: Family) -> None:
    record(db, family.id, valid_from=date(2026, 10, 1))

    earlier = record(db, family.id, 62000, valid_to=date(2027, 1, 1))

    assert earlier.valid_to == date(2026, 10, 1)


def test_an_end_before_the_start_is_refused(db: Session, family: Family) -> None:
    with pytest.raises(Refusal) as refused:
        record(db, family.id, valid_to=date(2026, 1, 1))

    assert refused.value.code == "quotient_ends_before"


def test_what_proves_it_is_a_document_of_the_family_that_was_not_refused(db: Session, family: Family) -> None:
    proof = give_proof(db, family.id)
    other = create_family(
        db, actor=AGENT, now=NOW, name="Autre", line1="1 rue Basse", postcode="45110", city="Saint-Préau"
    )

    assert record(db, family.id, document_id=proof.id).document_id == proof.id
    with pytest.raises(Refusal) as refused:
        record(db, other.id, document_id=proof.id)

    assert refused.value.code == "quotient_proof_not_there"


def test_a_refused_document_proves_nothing(db: Session, family: Family) -> None:
    give_proof(db, family.id, DocumentState.REFUSED)

    assert proofs_of(db, family.id) == []


@pytest.mark.parametrize(("days", "is_ending"), [(-1, False), (0, True), (30, True), (31, False)])
def test_a_quotient_ends_soon_from_thirty_days_before_to_its_last_day(
    db: Session, family: Family, days: int, is_ending: bool
) -> None:
    last_day = TODAY + timedelta(days=days)
    record(db, family.id, valid_to=last_day + timedelta(days=1))

    assert [one.last_day for one in ending_quotients(db, now=NOW)] == [last_day] * is_ending


def test_what_has_another_after_it_does_not_end(db: Session, family: Family) -> None:
    record(db, family.id, valid_to=TODAY + timedelta(days=10))
    record(db, family.id, 62000, valid_from=TODAY + timedelta(days=10))

    assert ending_quotients(db, now=NOW) == []


def test_a_new_proof_that_waits_renews_it(db: Session, family: Family) -> None:
    record(db, family.id, valid_to=TODAY + timedelta(days=10))
    give_proof(db, family.id)

    assert ending_quotients(db, now=NOW) == []


def link_to(page: Page, words: str) -> str:
    """Return the address of the only link whose words begin so."""
    [found] = [address for name, address in page.links().items() if name.startswith(words)]
    return found


@pytest.fixture
def ending(store: Session, home: Home, alice: User) -> QuotientFamilial:
    """Alice's family's quotient, which holds until 23 December."""
    quotient = record(store, home.family.id, valid_to=date(2026, 12, 24))
    store.commit()
    return quotient


def test_the_family_is_told_thirty_and_seven_days_before(
    app: Flask, store: Session, ending: QuotientFamilial, set_clock: Callable[[datetime], None]
) -> None:
    told = []
    for days in (-1, 0, 1, 22, 23, 24, 30, 31):
        set_clock(NOW + timedelta(days=days))
        with app.test_request_context("/"):
            remind_of_expiries()
        told.append(len(mails(store, "quotient_ending")))

    assert told == [0, 1, 1, 1, 2, 2, 2, 2]
    assert "850,00\u202f€" in mails(store, "quotient_ending")[0].text_body.replace("\u00a0", "\u202f")
    assert "mercredi 23 décembre 2026" in mails(store, "quotient_ending")[0].text_body


def test_the_home_leads_to_sending_a_new_proof(
    app: Flask,
    store: Session,
    alice: User,
    ending: QuotientFamilial,
    set_clock: Callable[[datetime], None],
) -> None:
    make_kind(store, "caf", DocumentSubject.FAMILY, acts=("quotient",))
    store.commit()
    set_clock(NOW)
    visitor = Visitor(app).sign_in(alice)

    page = visitor.get("/accueil")
    assert "Votre quotient familial se termine le mercredi 23 décembre" in page.text
    asked = visitor.get(link_to(page, "Mettre à jour"))

    assert "Pièce caf" in asked.text


def test_an_agent_records_the_quotient_of_a_document(
    agent: Visitor, store: Session, home: Home, set_clock: Callable[[datetime], None]
) -> None:
    proof = give_proof(store, home.family.id)
    store.commit()
    set_clock(NOW)

    page = agent.get(
        link_to(agent.get(f"/admin/pieces-a-verifier/{proof.id}"), "Enregistrer le quotient de ce document")
    )
    page = agent.submit(page, {"value": "700", "valid_from": "2026-11-01"}, button="act=preview")
    back = agent.submit(page, {}, button="act=record")

    recorded = store.scalars(select(QuotientFamilial)).one()
    assert (recorded.value_cents, recorded.document_id) == (70000, proof.id)
    assert (recorded.valid_to, recorded.reference_month) == (date(2027, 9, 14), date(2026, 9, 1))
    assert "Il reste à accepter le document" in back.text


def test_a_last_day_before_the_first_is_said_beside_it(agent: Visitor, store: Session, home: Home) -> None:
    page = agent.get(f"/admin/quotients/{home.family.id}")

    again = agent.submit(
        page,
        {"value": "700", "valid_from": "2026-11-01", "last_day": "2026-10-31"},
        button="act=preview",
        status=422,
    )

    assert "Le dernier jour vient avant le premier" in again.text
    assert store.scalars(select(QuotientFamilial)).all() == []


def test_the_formula_of_the_caf_fills_the_form_in(agent: Visitor, store: Session, home: Home) -> None:
    page = agent.get(f"/admin/quotients/{home.family.id}")
    figures = {"resources": "36 000", "benefits": "148,52", "children": "2", "disabled": "0"}

    page = agent.submit(page, figures, button="act=compute")

    # DOMAIN.md, 6: a couple and two children, 36 000 € a year and 148,52 € of benefits.
    assert "Quotient calculé : 1 049,51 €." in page.text
    page = agent.submit(page, {"valid_from": "2026-11-01"}, button="act=preview")
    agent.submit(page, {}, button="act=record")
    recorded = store.scalars(select(QuotientFamilial)).one()
    assert (recorded.value_cents, recorded.source) == (104951, QuotientSource.TAX_NOTICE)


def test_more_disabled_children_than_children_is_said_beside_them(agent: Visitor, home: Home) -> None:
    page = agent.get(f"/admin/quotients/{home.family.id}")
    figures = {"resources": "36000", "benefits": "0", "children": "1", "disabled": "2"}

    again = agent.submit(page, figures, button="act=compute", status=422)

    assert "Ils sont comptés parmi les enfants à charge" in again.text
