"""Mes demandes: each request with its state and what happens next, and no other family's."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from domain import clock
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from tests.accounts.people import Home, make_family
from tests.support.pages import Visitor
from views.parent.requests import KINDS, NEXT, USUAL


def ask(store: Session, family_id: int, kind: DemarcheKind, state: DemarcheState, number: str) -> Demarche:
    reason = "Le justificatif date de 2024." if state is DemarcheState.REFUSED else ""
    sent = clock.now() - timedelta(days=3)
    demarche = Demarche(
        number=number, kind=kind, state=state, family_id=family_id, submitted_at=sent, reason=reason
    )
    store.add(demarche)
    store.commit()
    return demarche


def test_what_waits_comes_first_and_says_what_happens_next(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    family = home.family.id
    ask(store, family, DemarcheKind.ADDRESS_CHANGE, DemarcheState.REFUSED, "D-1")
    ask(store, family, DemarcheKind.CONTESTED_LINE, DemarcheState.SUBMITTED, "D-2")

    text = visitor.sign_in(alice).get("/demandes").text

    assert text.index("D-2") < text.index("Demandes terminées") < text.index("D-1")
    assert "Le service compare la ligne avec le pointage." in text
    assert "Le justificatif date de 2024." in text
    assert "Signalez-la de nouveau" in text


def test_nothing_asked_is_said(visitor: Visitor, alice: User) -> None:
    assert "Aucune demande n’attend de réponse." in visitor.sign_in(alice).get("/demandes").text


def test_another_familys_requests_are_not_there(visitor: Visitor, store: Session, alice: User) -> None:
    other = make_family(store, 2, "Roux")
    ask(store, other.family.id, DemarcheKind.OTHER, DemarcheState.SUBMITTED, "D-9")

    assert "D-9" not in visitor.sign_in(alice).get("/demandes").text


@pytest.mark.parametrize("kind", [kind for kind in DemarcheKind if kind is not DemarcheKind.ACCESS_HELP])
def test_every_kind_and_state_has_its_words(kind: DemarcheKind) -> None:
    assert kind in KINDS
    assert {state for state in DemarcheState if (kind, state) not in NEXT and state not in USUAL} == {
        DemarcheState.DRAFT
    }
