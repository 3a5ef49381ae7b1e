"""What an act asks for, what a family has given already, and the giving itself (DOMAIN §3)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.documents.needs import NeededDocument, needed_documents
from domain.documents.operations import submit_document
from domain.documents.subjects import may_read_file
from domain.errors import Refusal
from models.accounts import User
from models.audit import AuditEntry
from models.base import stamp_session
from models.custody import GuardianRight
from models.documents import Document, DocumentState, DocumentSubject, StoredFile, Validity
from models.family import Child, FamilyState
from tests.accounts.people import SYSTEM, Home, make_family, make_town, make_user, parent_actor
from tests.documents.papers import join_family, make_child, make_kind, new_file

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CHILD = DocumentSubject.CHILD


@pytest.fixture
def home(db: Session) -> Home:
    stamp_session(db, SYSTEM.label, NOW)
    make_town(db)
    found = make_family(db)
    make_user(db, "alice@example.com", guardian=found.guardian)
    return found


@pytest.fixture
def leo(db: Session, home: Home) -> Child:
    return make_child(db, home.family)


def give(
    db: Session, home: Home, subject_id: int, code: str = "insurance", key: str = "one", **more: object
) -> Document:
    facts = {"type_code": code, "subject": CHILD, "subject_id": subject_id, "file": new_file(key)} | more
    return submit_document(db, actor=_actor(db, home), now=NOW, **facts).document


def _actor(db: Session, home: Home) -> Actor:
    return parent_actor(db.get_one(User, home.guardian.user_id), home.guardian)


def needs(db: Session, home: Home, act: str = "school_enrolment", **more: object) -> list[NeededDocument]:
    return needed_documents(db, act=act, family_id=home.family.id, today=TODAY, **more)


def test_an_act_asks_each_child_the_family_and_each_adult_for_what_concerns_them(
    db: Session, home: Home, leo: Child
) -> None:
    zoe = make_child(db, home.family, "Zoé")
    make_kind(db, "identity", acts=("school_enrolment",))
    make_kind(db, "address", DocumentSubject.FAMILY, acts=("school_enrolment",))
    make_kind(db, "employer", DocumentSubject.GUARDIAN, acts=("school_enrolment",))
    make_kind(db, "rib", DocumentSubject.FAMILY, acts=("direct_debit",))

    asked = [(one.type_code, one.subject_name) for one in needs(db, home)]
    of_leo = [one.subject_id for one in needs(db, home, child_id=leo.id) if one.subject is CHILD]

    assert asked == [
        ("identity", leo.full_name),
        ("identity", zoe.full_name),
        ("address", "Martin"),
        ("employer", "Alice Martin"),
    ]
    assert of_leo == [leo.id]


def test_one_document_serves_every_act_that_needs_its_kind(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance", acts=("school_enrolment", "registration"))
    document = give(db, home, leo.id)
    document.state, document.valid_until = DocumentState.ACCEPTED, date(2027, 8, 31)
    db.flush()

    for act in ("school_enrolment", "registration"):
        (need,) = needs(db, home, act)
        assert need.is_accepted
        assert need.held is not None
        assert need.held.id == document.id


def test_a_document_past_its_last_day_no_longer_counts(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance", acts=("registration",))
    document = give(db, home, leo.id)
    document.state, document.valid_until = DocumentState.ACCEPTED, TODAY
    db.flush()
    assert needs(db, home, "registration")[0].is_accepted

    document.valid_until = TODAY - timedelta(days=1)
    db.flush()

    need = needs(db, home, "registration")[0]
    assert need.held is not None
    assert (need.held.state, need.is_given) == (DocumentState.EXPIRED, False)


def test_a_refused_document_is_replaced_and_stays_in_the_file(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance", acts=("registration",))
    first = give(db, home, leo.id)
    first.state, first.refusal_reason = DocumentState.REFUSED, "Illisible"
    db.flush()
    assert needs(db, home, "registration")[0].held.refusal_reason == "Illisible"

    second = give(db, home, leo.id, key="two")

    held = needs(db, home, "registration")[0].held
    assert (held.id, held.state) == (second.id, DocumentState.SUBMITTED)
    assert db.scalars(select(Document.id).order_by(Document.id)).all() == [first.id, second.id]


def test_a_document_that_nobody_examined_is_replaced_by_the_next(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance")
    give(db, home, leo.id)

    actor = _actor(db, home)
    given = submit_document(
        db,
        actor=actor,
        now=NOW,
        type_code="insurance",
        subject=CHILD,
        subject_id=leo.id,
        file=new_file("two"),
    )

    assert given.unused_keys == ("one",)
    assert db.scalars(select(StoredFile.key)).all() == ["two"]
    trail = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail == ["submit_document", "submit_document", "withdraw_document"]


def test_the_same_file_sent_twice_has_one_effect(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance")
    first = give(db, home, leo.id)

    again = submit_document(
        db, actor=_actor(db, home), now=NOW, type_code="insurance", subject=CHILD, subject_id=leo.id, file=new_file("one")
    )  # fmt: skip

    assert again.document.id == first.id
    assert db.scalars(select(Document.id)).all() == [first.id]


def test_another_familys_child_is_refused(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance")
    stranger = make_family(db, 2, "Durand", "Charlie")
    make_user(db, "charlie@example.com", guardian=stranger.guardian)

    with pytest.raises(Refusal, match="not_your_family"):
        give(db, stranger, leo.id)


def test_a_declaration_that_is_not_sent_yet_takes_documents(db: Session, home: Home, leo: Child) -> None:
    make_kind(db, "insurance", acts=("family_declaration",))
    home.family.state, home.family.code = FamilyState.DRAFT, None
    db.flush()

    document = give(db, home, leo.id)

    assert needs(db, home, "family_declaration")[0].held.id == document.id
    assert may_read_file(db, actor=_actor(db, home), today=TODAY, document_id=document.id)


def test_a_proof_older_than_its_months_is_refused_at_once(db: Session, home: Home) -> None:
    make_kind(db, "address", DocumentSubject.FAMILY, validity=Validity.MONTHS, months=3)

    def address_of(day: date) -> Document:
        return give(
            db, home, home.family.id, "address", subject=DocumentSubject.FAMILY, issued_on=day, key=str(day)
        )

    with pytest.raises(Refusal, match="document_out_of_date") as refused:
        address_of(date(2026, 8, 23))
    assert refused.value.facts == {"last_day": date(2026, 11, 22), "months": 3}
    with pytest.raises(Refusal, match="issue_date_in_future"):
        address_of(TODAY + timedelta(days=1))
    assert address_of(date(2026, 8, 24)).issued_on == date(2026, 8, 24)


def test_the_other_family_of_a_child_uses_a_document_without_reading_it(
    db: Session, home: Home, leo: Child
) -> None:
    make_kind(db, "insurance", acts=("registration",))
    other = make_family(db, 2, "Bernard", "David")
    make_user(db, "david@example.com", guardian=other.guardian)
    join_family(db, leo, other.family)
    document = give(db, home, leo.id, family_id=home.family.id)
    assert needs(db, other, "registration")[0].held is None

    document.state = DocumentState.ACCEPTED
    db.flush()

    assert needs(db, other, "registration")[0].is_accepted
    assert may_read_file(db, actor=_actor(db, home), today=TODAY, document_id=document.id)
    assert not may_read_file(db, actor=_actor(db, other), today=TODAY, document_id=document.id)


@pytest.mark.parametrize("lost", ["may_see_health", "has_parental_authority"])
def test_a_withdrawn_right_closes_the_file_at_once(db: Session, home: Home, leo: Child, lost: str) -> None:
    make_kind(db, "pai", is_health=True)
    document = give(db, home, leo.id, "pai")
    assert may_read_file(db, actor=_actor(db, home), today=TODAY, document_id=document.id)

    db.add(GuardianRight(guardian_id=home.guardian.id, child_id=leo.id, valid_from=TODAY, **{lost: False}))
    db.flush()

    assert not may_read_file(db, actor=_actor(db, home), today=TODAY, document_id=document.id)
