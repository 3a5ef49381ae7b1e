"""A new address waits for its proof; the price of each day follows the address of that day."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.demarches.operations import (
    NewAddress,
    decide_address_change,
    report_address_change,
    request_access_help,
    withdraw_address_change,
)
from domain.demarches.queries import address_review, waiting_address_change
from domain.errors import Refusal
from domain.family.activation import issue_activation_secret
from domain.family.sheet import family_sheet
from models.audit import AuditEntry
from models.demarches import AddressChange, Demarche, DemarcheState
from models.documents import Document, DocumentState, DocumentType, StoredFile
from models.family import FamilyAddress, Residence
from tests.accounts.people import NOW, SYSTEM, make_family, make_town, make_user, parent_actor

ELSEWHERE = NewAddress("3 place du Marché", "Bât. B", "45000", "Orléans")
MOVE_DAY = date(2026, 12, 15)


@pytest.fixture
def home(db: Session):
    make_town(db)
    return make_family(db)


def proof(db: Session, family_id: int) -> Document:
    file = StoredFile(
        key=f"key-{family_id}", filename="edf.pdf", media_type="application/pdf", size=9, sha256="0" * 64
    )
    db.add(file)
    db.flush()
    kind = db.scalars(select(DocumentType.id)).one()
    document = Document(document_type_id=kind, family_id=family_id, file_id=file.id)
    db.add(document)
    db.flush()
    return document


def report(db: Session, home, address: NewAddress = ELSEWHERE, day: date = MOVE_DAY) -> AddressChange:
    user = make_user(db, f"parent{home.family.id}@example.com", guardian=home.guardian)
    return report_address_change(
        db,
        actor=parent_actor(user, home.guardian),
        now=NOW,
        family_id=home.family.id,
        address=address,
        effective_on=day,
        proof_id=proof(db, home.family.id).id,
    )


def decide(db: Session, change: AddressChange, accept: bool, reason: str = "") -> None:
    decide_address_change(
        db, actor=SYSTEM, now=NOW, demarche_id=change.demarche_id, accept=accept, reason=reason
    )


def test_reporting_changes_nothing_yet(db: Session, home) -> None:
    report(db, home)

    review = waiting_address_change(db, home.family.id)
    assert review is not None
    assert review.old is not None
    assert review.old.lines == ("12 rue des Écoles", "45110 Saint-Préau")
    assert review.new.lines == ("3 place du Marché", "Bât. B", "45000 Orléans")
    assert review.changes_residence
    assert review.number == "D2026-000001"
    assert len(db.scalars(select(FamilyAddress)).all()) == 1


def test_accepting_changes_address_and_residence_on_its_day(db: Session, home) -> None:
    change = report(db, home)

    decide(db, change, accept=True)

    before = family_sheet(db, home.family.id, date(2026, 12, 14))
    after = family_sheet(db, home.family.id, MOVE_DAY)
    assert before.address is not None
    assert before.address.residence is Residence.RESIDENT
    assert before.next_address is not None
    assert after.address is not None
    assert after.address.residence is Residence.NON_RESIDENT
    assert after.address.city == "Orléans"
    assert db.get_one(Document, change.proof_id).state is DocumentState.ACCEPTED
    assert db.get_one(Demarche, change.demarche_id).state is DemarcheState.ACCEPTED


@pytest.mark.parametrize("city", ["Saint-Préau", "SAINT PREAU", "St Préau"])
def test_a_move_within_the_town_stays_resident(db: Session, home, city: str) -> None:
    change = report(db, home, NewAddress("1 rue Haute", "", "45110", city))

    decide(db, change, accept=True)

    sheet = family_sheet(db, home.family.id, MOVE_DAY)
    assert sheet.address is not None
    assert sheet.address.residence is Residence.RESIDENT


def test_refusing_needs_a_reason_and_keeps_the_address(db: Session, home) -> None:
    change = report(db, home)

    with pytest.raises(Refusal, match="reason_missing"):
        decide(db, change, accept=False, reason="  ")
    decide(db, change, accept=False, reason="Justificatif illisible.")

    assert len(db.scalars(select(FamilyAddress)).all()) == 1
    assert db.get_one(Document, change.proof_id).refusal_reason == "Justificatif illisible."
    assert waiting_address_change(db, home.family.id) is None


def test_a_decision_is_taken_once(db: Session, home) -> None:
    change = report(db, home)
    decide(db, change, accept=True)

    with pytest.raises(Refusal, match="demarche_already_decided"):
        decide(db, change, accept=False, reason="Trop tard.")


def test_one_new_address_waits_at_a_time(db: Session, home) -> None:
    change = report(db, home)
    actor = parent_actor(make_user(db, "again@example.com"), home.guardian)

    with pytest.raises(Refusal, match="address_already_waiting"):
        report_address_change(
            db,
            actor=actor,
            now=NOW,
            family_id=home.family.id,
            address=ELSEWHERE,
            effective_on=MOVE_DAY,
            proof_id=change.proof_id,
        )


def test_withdrawing_leaves_room_for_another(db: Session, home) -> None:
    change = report(db, home)
    actor = parent_actor(make_user(db, "again@example.com"), home.guardian)

    withdraw_address_change(db, actor=actor, now=NOW, demarche_id=change.demarche_id)

    assert waiting_address_change(db, home.family.id) is None
    review = address_review(db, change.demarche_id)
    assert review is not None
    assert review.state is DemarcheState.WITHDRAWN


def test_another_family_cannot_withdraw_it(db: Session, home) -> None:
    change = report(db, home)
    stranger = make_family(db, 2, "Durand", "Charlie")
    actor = parent_actor(make_user(db, "charlie@example.com"), stranger.guardian)

    with pytest.raises(Refusal, match="not_your_family"):
        withdraw_address_change(db, actor=actor, now=NOW, demarche_id=change.demarche_id)


def test_a_parent_cannot_decide(db: Session, home) -> None:
    change = report(db, home)
    actor = parent_actor(make_user(db, "again@example.com"), home.guardian)

    with pytest.raises(Refusal, match="not_allowed"):
        decide_address_change(db, actor=actor, now=NOW, demarche_id=change.demarche_id, accept=True)


def test_another_familys_proof_is_refused(db: Session, home) -> None:
    stranger = make_family(db, 2, "Durand", "Charlie")
    theirs = proof(db, stranger.family.id)
    actor = parent_actor(make_user(db, "alice@example.com"), home.guardian)

    with pytest.raises(Refusal, match="not_your_family"):
        report_address_change(
            db,
            actor=actor,
            now=NOW,
            family_id=home.family.id,
            address=ELSEWHERE,
            effective_on=MOVE_DAY,
            proof_id=theirs.id,
        )


@pytest.mark.parametrize(
    ("day", "code"),
    [(date(2020, 9, 1), "move_date_implausible"), (date(2028, 1, 1), "move_date_implausible")],
)
def test_an_implausible_day_is_refused(db: Session, home, day: date, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        report(db, home, day=day)


def test_a_day_before_the_present_address_is_refused(db: Session, home) -> None:
    address = db.scalars(select(FamilyAddress)).one()
    address.valid_from = date(2026, 11, 1)
    db.flush()

    with pytest.raises(Refusal, match="move_before_current_address"):
        report(db, home, day=date(2026, 11, 1))


def test_the_trail_keeps_old_and_new(db: Session, home) -> None:
    change = report(db, home)
    decide(db, change, accept=True)

    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "address_accepted")).one()
    assert entry.before is not None
    assert entry.before["address"] == "12 rue des Écoles, 45110 Saint-Préau"
    assert entry.after is not None
    assert entry.after["effective_on"] == "2026-12-15"


def test_help_is_asked_once_while_it_waits(db: Session, home) -> None:
    first = request_access_help(db, actor=SYSTEM, now=NOW, family_id=home.family.id)
    second = request_access_help(db, actor=SYSTEM, now=NOW, family_id=home.family.id)

    assert first is second


def test_a_letter_answers_the_call_for_help(db: Session, home) -> None:
    asked = request_access_help(db, actor=SYSTEM, now=NOW, family_id=home.family.id)

    issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)

    db.refresh(asked)
    assert (asked.state, asked.decided_at) == (DemarcheState.ACCEPTED, NOW)
    assert request_access_help(db, actor=SYSTEM, now=NOW, family_id=home.family.id) is not asked
