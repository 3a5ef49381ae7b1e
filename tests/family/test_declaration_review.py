"""The service's answer to a declaration: validated with a code, refused, or given back to be completed."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.documents.review import decide_document
from domain.errors import Refusal
from domain.family.review import ask_complement, refuse_declaration, validate_declaration
from domain.family.rules import is_family_code
from models.accounts import User
from models.audit import AuditEntry
from models.demarches import DemarcheState
from models.family import Family, FamilyAddress, FamilyState, Residence
from tests.accounts.people import Home
from tests.family.declared import NOW, Declared, ask_for_proof, declare, give_proof

AGENT = Actor("user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))


def validate(store: Session, declared: Declared, actor: Actor = AGENT, **more: bool) -> Family:
    return validate_declaration(store, actor=actor, now=NOW, demarche_id=declared.demarche.id, **more)


def test_a_validated_family_gets_a_code_that_opens_its_account(store: Session, declared: Declared) -> None:
    family = validate(store, declared)

    assert family.state is FamilyState.VALIDATED
    assert family.code is not None
    assert is_family_code(family.code)
    assert family.code in family.search_text
    assert "nguyen" in family.search_text
    assert store.get_one(User, declared.user.id).username == family.code
    assert declared.demarche.state is DemarcheState.ACCEPTED
    assert (declared.demarche.decided_by, declared.demarche.decided_at) == ("user:9", NOW)


def test_two_families_get_two_codes(store: Session, declared: Declared) -> None:
    other = declare(store, name="Diallo", email="awa@example.com", phone="", child_name="Awa")

    assert validate(store, declared).code != validate(store, other).code


def test_an_address_out_of_town_is_priced_so(store: Session, declared: Declared) -> None:
    home = store.scalars(select(FamilyAddress).where(FamilyAddress.family_id == declared.family.id)).one()
    home.postcode, home.city = "75012", "Paris"

    validate(store, declared)

    assert home.residence is Residence.NON_RESIDENT


def test_a_blocking_document_must_be_accepted_first(store: Session, declared: Declared) -> None:
    ask_for_proof(store)
    proof = give_proof(store, declared)

    with pytest.raises(Refusal) as refusal:
        validate(store, declared)
    assert refusal.value.code == "declaration_documents_missing"
    assert refusal.value.facts["names"] == ["Justificatif de domicile"]

    decide_document(store, actor=AGENT, now=NOW, document_id=proof.id, accept=True)
    assert validate(store, declared).state is FamilyState.VALIDATED


def test_likenesses_are_looked_at_before(store: Session, home: Home, declared: Declared) -> None:
    home.guardian.phone = declared.guardian.phone
    store.flush()

    with pytest.raises(Refusal) as refusal:
        validate(store, declared)
    assert (refusal.value.code, refusal.value.facts["count"]) == ("declaration_duplicates", 1)

    assert validate(store, declared, despite_duplicates=True).code is not None


@pytest.mark.parametrize("answer", [ask_complement, refuse_declaration])
def test_a_negative_answer_says_why(store: Session, declared: Declared, answer: object) -> None:
    with pytest.raises(Refusal, match="reason_missing"):
        answer(store, actor=AGENT, now=NOW, demarche_id=declared.demarche.id, reason="  ")


def test_a_refused_file_stays_the_familys_own(store: Session, declared: Declared) -> None:
    refuse_declaration(store, actor=AGENT, now=NOW, demarche_id=declared.demarche.id, reason="Déjà connue.")

    assert declared.demarche.state is DemarcheState.REFUSED
    assert (declared.demarche.reason, declared.family.state) == ("Déjà connue.", FamilyState.REFUSED)
    assert declared.family.code is None


def test_a_complement_keeps_the_number(store: Session, declared: Declared) -> None:
    number = declared.demarche.number

    ask_complement(store, actor=AGENT, now=NOW, demarche_id=declared.demarche.id, reason="Le livret.")

    assert declared.demarche.state is DemarcheState.COMPLEMENT_ASKED
    assert (declared.demarche.number, declared.family.state) == (number, FamilyState.SUBMITTED)
    assert validate(store, declared).code is not None


def test_what_is_decided_stays_so(store: Session, declared: Declared) -> None:
    code = validate(store, declared).code

    for answer in (validate, lambda *_: refuse_declaration(
        store, actor=AGENT, now=NOW, demarche_id=declared.demarche.id, reason="Non."
    )):  # fmt: skip
        with pytest.raises(Refusal, match="demarche_already_decided"):
            answer(store, declared)
    assert declared.family.code == code


@pytest.mark.parametrize("role", [Role.PARENT, Role.REGISSEUR, Role.ACTIVITY_LEADER])
def test_nobody_else_answers(store: Session, declared: Declared, role: Role) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        validate(store, declared, Actor("user:8", user_id=8, roles=frozenset({role})))


def test_the_trail_says_who_gave_which_code(store: Session, declared: Declared) -> None:
    code = validate(store, declared).code

    entry = store.scalars(select(AuditEntry).where(AuditEntry.action == "validate_declaration")).one()
    assert (entry.by, entry.family_id) == ("user:9", declared.family.id)
    assert entry.after == {"state": "accepted", "code": code}
