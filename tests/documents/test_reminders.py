"""Documents that end are marked, and their families reminded 30 and 7 days before, once each."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.accounts import User
from models.custody import GuardianRight
from models.documents import Document, DocumentState, DocumentSubject, DocumentType, StoredFile
from models.family import Child, ChildFamily, FamilyState
from tests.accounts.people import Home, add_adult, mails
from tests.documents.papers import make_kind
from views.jobs.expiries import remind_of_expiries

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)


@pytest.fixture
def night(app: Flask, set_clock: Callable[[datetime], None]) -> Callable[..., int]:
    """Let the worker's night of so many days later pass; returns how many families were told."""

    def run(days: int = 0) -> int:
        set_clock(NOW + timedelta(days=days))
        with app.test_request_context("/"):
            return remind_of_expiries()

    return run


@pytest.fixture
def kind(store: Session, home: Home) -> DocumentType:
    return make_kind(store, "insurance", acts=("registration",))


def keep(store: Session, home: Home, kind: DocumentType, child: Child, days: int, **more: object) -> Document:
    """An accepted document of Alice's family that holds so many days more."""
    file = StoredFile(
        key=f"k{store.query(StoredFile).count()}", filename="a.pdf", media_type="application/pdf", size=1, sha256="0" * 64
    )  # fmt: skip
    store.add(file)
    store.flush()
    facts: dict[str, object] = {
        "document_type_id": kind.id,
        "file_id": file.id,
        "state": DocumentState.ACCEPTED,
        "valid_until": TODAY + timedelta(days=days),
        "given_by_family_id": home.family.id,
        "child_id": child.id,
    }
    document = Document(**(facts | more))
    store.add(document)
    store.commit()
    return document


@pytest.fixture
def paper(store: Session, home: Home, alice: User, leo: Child, kind: DocumentType) -> Document:
    return keep(store, home, kind, leo, 30)


def test_a_family_is_reminded_thirty_and_seven_days_before(
    store: Session, night: Callable[..., int], paper: Document
) -> None:
    told = [night(days) for days in (-1, 0, 1, 22, 23, 24, 30, 31)]

    assert told == [0, 1, 0, 0, 1, 0, 0, 0]
    first, second = mails(store, "document_expiring")
    assert first.recipient == second.recipient == "alice@example.com"
    assert "Pièce insurance (Léo Martin), valable jusqu’au mercredi 23 décembre 2026" in first.text_body


def test_a_night_without_the_worker_is_caught_up(
    store: Session, night: Callable[..., int], paper: Document
) -> None:
    assert (night(26), night(27)) == (1, 0)


def test_the_day_after_its_last_the_document_is_over(
    store: Session, night: Callable[..., int], paper: Document
) -> None:
    night(30)
    assert store.get_one(Document, paper.id, populate_existing=True).state is DocumentState.ACCEPTED
    store.commit()

    night(31)

    assert store.get_one(Document, paper.id, populate_existing=True).state is DocumentState.EXPIRED


@pytest.mark.parametrize("state", [DocumentState.SUBMITTED, DocumentState.ACCEPTED])
def test_what_is_renewed_is_left_alone(
    store: Session, night: Callable[..., int], home: Home, leo: Child, kind: DocumentType, paper: Document,
    state: DocumentState,
) -> None:  # fmt: skip
    keep(store, home, kind, leo, 300, state=state)

    assert night() == 0


def test_another_childs_document_renews_nothing(
    store: Session, night: Callable[..., int], home: Home, kind: DocumentType, paper: Document
) -> None:
    jade = Child(given_name="Jade", family_name="Martin", born_on=date(2021, 5, 2))
    store.add(jade)
    store.flush()
    store.add(ChildFamily(child_id=jade.id, family_id=home.family.id, valid_from=date(2021, 5, 2)))
    keep(store, home, kind, jade, 300)

    assert night() == 1


def test_what_was_asked_once_is_not_asked_again(
    store: Session, night: Callable[..., int], home: Home, alice: User, leo: Child
) -> None:
    once = make_kind(store, "address", DocumentSubject.FAMILY, acts=("family_declaration",))
    keep(store, home, once, leo, 30, child_id=None, family_id=home.family.id)

    assert night() == 0


def test_a_child_who_left_and_a_family_that_left_are_not_reminded(
    store: Session, night: Callable[..., int], home: Home, leo: Child, paper: Document
) -> None:
    member = store.query(ChildFamily).filter_by(child_id=leo.id).one()
    member.valid_to = TODAY
    store.commit()
    assert night() == 0

    member.valid_to, home.family.state = None, FamilyState.DEPARTED
    store.commit()
    assert night() == 0


def test_a_health_document_is_named_only_to_those_who_see_it(
    store: Session, night: Callable[..., int], home: Home, alice: User, leo: Child
) -> None:
    health = make_kind(store, "pai", is_health=True, acts=("declared_pai",))
    keep(store, home, health, leo, 7)
    bob = add_adult(store, home.family, "Bob", "Martin", email="bob@example.com")
    store.add(GuardianRight(guardian_id=bob.id, child_id=leo.id, may_see_health=False, valid_from=TODAY))
    store.commit()

    assert night() == 1

    assert [mail.recipient for mail in mails(store)] == ["alice@example.com"]
