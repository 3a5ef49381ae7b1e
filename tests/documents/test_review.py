"""The school service's decision on a document: rights, two agents at once, the last day that it holds."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.documents.operations import submit_document
from domain.documents.review import decide_document
from domain.errors import Refusal
from models.audit import AuditEntry
from models.documents import Document, DocumentState, DocumentSubject, Validity
from models.family import Child
from tests.accounts.people import SYSTEM, Home
from tests.documents.papers import make_kind, new_file

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AGENT = Actor("user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))


@pytest.fixture
def paper(store: Session, home: Home, leo: Child) -> Document:
    make_kind(store, "insurance", validity=Validity.SCHOOL_YEAR)
    document = give(store, "insurance", DocumentSubject.CHILD, leo.id)
    store.commit()
    return document


def give(store: Session, code: str, subject: DocumentSubject, subject_id: int, **more: date) -> Document:
    given = submit_document(
        store, actor=SYSTEM, now=NOW, type_code=code, subject=subject, subject_id=subject_id,
        file=new_file(), **more,
    ).document  # fmt: skip
    given.created_at = NOW
    return given


def decide(store: Session, paper: Document, actor: Actor = AGENT, **answer: object) -> Document:
    return decide_document(store, actor=actor, now=NOW, document_id=paper.id, **{"accept": True, **answer})


def test_an_accepted_document_holds_until_its_kinds_last_day(store: Session, paper: Document) -> None:
    decided = decide(store, paper)

    assert (decided.state, decided.valid_until) == (DocumentState.ACCEPTED, date(2027, 8, 31))
    assert (decided.reviewed_by, decided.reviewed_at) == ("user:9", NOW)


def test_months_count_from_the_date_that_the_document_bears(store: Session, home: Home) -> None:
    make_kind(store, "address", DocumentSubject.FAMILY, validity=Validity.MONTHS, months=3)
    dated = give(store, "address", DocumentSubject.FAMILY, home.family.id, issued_on=date(2026, 10, 1))

    assert decide(store, dated).valid_until == date(2026, 12, 31)


def test_the_agent_may_choose_another_last_day(store: Session, paper: Document) -> None:
    assert decide(store, paper, valid_until=date(2026, 12, 1)).valid_until == date(2026, 12, 1)


def test_a_refusal_says_why(store: Session, paper: Document) -> None:
    with pytest.raises(Refusal, match="reason_missing"):
        decide(store, paper, accept=False, reason="  ")

    refused = decide(store, paper, accept=False, reason=" Illisible. ")

    assert (refused.state, refused.refusal_reason) == (DocumentState.REFUSED, "Illisible.")
    assert refused.valid_until is None


def test_of_two_agents_the_second_is_told(store: Session, paper: Document) -> None:
    decide(store, paper)

    with pytest.raises(Refusal) as refusal:
        decide(store, paper, replace(AGENT, label="user:10"), accept=False, reason="Flou.")

    assert (refusal.value.code, refusal.value.facts["state"]) == ("document_already_decided", "accepted")
    assert store.get_one(Document, paper.id, populate_existing=True).reviewed_by == "user:9"


def test_a_document_replaced_meanwhile_is_said_to_be_withdrawn(store: Session, paper: Document) -> None:
    number = paper.id
    store.delete(paper)
    store.flush()

    with pytest.raises(Refusal, match="document_withdrawn"):
        decide_document(store, actor=AGENT, now=NOW, document_id=number, accept=True)


@pytest.mark.parametrize("role", [Role.PARENT, Role.REGISSEUR, Role.ACTIVITY_LEADER])
def test_nobody_else_decides(store: Session, paper: Document, role: Role) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        decide(store, paper, replace(AGENT, roles=frozenset({role})))


def test_the_trail_keeps_the_decision_and_its_family(store: Session, home: Home, paper: Document) -> None:
    decide(store, paper, accept=False, reason="Illisible.")

    entry = store.scalars(select(AuditEntry).where(AuditEntry.action == "refuse_document")).one()
    assert (entry.family_id, entry.by) == (home.family.id, "user:9")
    assert entry.after == {"state": "refused", "reason": "Illisible.", "valid_until": None}
