"""What a family should give again: refused documents, and those that end (DOMAIN.md, 3)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from domain.documents.again import WantedAgain, documents_wanted_again
from models.accounts import User
from models.custody import GuardianRight
from models.documents import DocumentState, DocumentType
from models.family import Child
from tests.accounts.people import Home
from tests.documents.papers import make_kind
from tests.documents.test_reminders import keep
from tests.support.pages import Visitor

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
REFUSED = {"state": DocumentState.REFUSED, "valid_until": None, "refusal_reason": "Photo illisible"}


@pytest.fixture
def kind(store: Session, home: Home) -> DocumentType:
    made = make_kind(store, "insurance", acts=("registration",))
    store.commit()
    return made


def wanted(store: Session, home: Home) -> list[WantedAgain]:
    return documents_wanted_again(store, family_id=home.family.id, today=TODAY)


def test_a_refused_document_is_wanted_until_another_is_given(
    store: Session, home: Home, leo: Child, kind: DocumentType
) -> None:
    keep(store, home, kind, leo, 0, **REFUSED)

    (one,) = wanted(store, home)
    assert (one.kind_code, one.child_id, one.reason, one.last_day) == (
        "insurance",
        leo.id,
        "Photo illisible",
        None,
    )

    keep(store, home, kind, leo, 0, state=DocumentState.SUBMITTED, valid_until=None)
    assert wanted(store, home) == []


@pytest.mark.parametrize(("days", "is_wanted"), [(31, False), (30, True), (-3, True)])
def test_a_document_is_wanted_from_thirty_days_before_its_end(
    store: Session, home: Home, leo: Child, kind: DocumentType, days: int, *, is_wanted: bool
) -> None:
    keep(store, home, kind, leo, days)

    assert [one.last_day for one in wanted(store, home)] == [TODAY + timedelta(days=days)] * is_wanted


def test_what_no_lasting_act_asks_for_may_end(store: Session, home: Home, leo: Child) -> None:
    once = make_kind(store, "address", acts=("address_change",))
    keep(store, home, once, leo, 3)

    assert wanted(store, home) == []


def test_the_home_asks_for_it_and_leads_to_its_page(
    visitor: Visitor,
    store: Session,
    alice: User,
    home: Home,
    leo: Child,
    kind: DocumentType,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    keep(store, home, kind, leo, 0, **REFUSED)

    page = visitor.sign_in(alice).get("/accueil")

    assert "Pièce insurance de Léo" in page.text
    assert "Document refusé : Photo illisible" in page.text.replace("\u00a0", " ")
    (link,) = [found.get("href", "") for found in page.all("a") if "type_code=" in found.get("href", "")]
    assert visitor.get(link).title == "Pièce insurance"


def test_who_may_not_see_a_childs_health_is_not_asked_for_it(
    visitor: Visitor,
    store: Session,
    alice: User,
    home: Home,
    leo: Child,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    keep(store, home, make_kind(store, "pai", is_health=True, acts=("registration",)), leo, 3)
    assert "Pièce pai" in visitor.sign_in(alice).get("/accueil").text

    store.add(
        GuardianRight(
            guardian_id=home.guardian.id, child_id=leo.id, may_see_health=False, valid_from=date(2026, 1, 1)
        )
    )
    store.commit()

    assert "Pièce pai" not in visitor.get("/accueil").text


def test_any_document_may_be_given_without_being_asked(
    visitor: Visitor, store: Session, alice: User, home: Home, leo: Child, kind: DocumentType
) -> None:
    page = visitor.sign_in(alice).get("/documents")

    links = [
        found.get("href", "") for found in page.all("a") if "type_code=insurance" in found.get("href", "")
    ]
    assert len(links) == 1
    assert visitor.get(links[0]).title == "Pièce insurance"
