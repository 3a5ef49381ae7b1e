"""The rules of the declaration, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.demarches.operations import NewAddress
from domain.errors import Refusal
from domain.family.declaration import (
    Progress,
    Task,
    declaration_documents,
    find_declaration,
    read_declaration,
    restart_declaration,
    submit_declaration,
    task_states,
)
from domain.family.declared_children import Care, DeclaredChild, declare_care, declare_child, withdraw_child
from domain.family.declaring import (
    Adult,
    Situation,
    Trusted,
    declare_other_parent,
    declare_self,
    declare_trusted,
    settle_trusted,
)
from models.accounts import User
from models.audit import AuditEntry
from models.calendar import SchoolYear
from models.demarches import Demarche, DemarcheState
from models.documents import DocumentSubject
from models.family import Child, Family, FamilyAddress, FamilyState, Guardian, Residence
from tests.accounts.people import make_family, make_town, make_user
from tests.documents.papers import join_family, make_kind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
HERE = NewAddress("3 rue de l’Église", "", "45110", "St Préau")
ME = Adult("O’Dwyer", "Inès", phone="+33612345678")
ZOE = DeclaredChild("O’Dwyer", date(2020, 2, 29), "Zoé")
CARE = Care(
    level="CP",
    diet="standard",
    allergies="",
    care_notes="Asthme",
    doctor="",
    vaccines_up_to_date=True,
    has_pai=False,
    allows_photos=False,
    may_leave_alone=False,
)


class Parent:
    """Somebody who declares a family."""

    def __init__(self, session: Session, email: str) -> None:
        self.session = session
        self.user: User = make_user(session, email)
        self.actor = Actor(f"user:{self.user.id}", self.user.id, frozenset({Role.PARENT}))

    def does(self, operation: object, **facts: object) -> object:
        return operation(self.session, actor=self.actor, now=NOW, **facts)  # type: ignore[operator]

    def begins(self) -> Demarche:
        return self.does(declare_self, adult=ME, address=HERE)  # type: ignore[return-value]

    def has_child(self, child: DeclaredChild = ZOE) -> Child:
        return self.does(declare_child, child=child)  # type: ignore[return-value]

    def finishes(self) -> Demarche:
        self.begins()
        self.does(declare_other_parent, situation=Situation.NONE)
        self.does(declare_care, child_id=self.has_child().id, care=CARE)
        self.does(settle_trusted)
        return self.does(submit_declaration)  # type: ignore[return-value]


@pytest.fixture
def ines(db: Session) -> Parent:
    make_town(db)
    db.add(SchoolYear(label="2026-2027", starts_on=date(2026, 9, 1), ends_on=date(2027, 7, 3)))
    db.flush()
    return Parent(db, "ines@example.com")


def refused(code: str) -> object:
    return pytest.raises(Refusal, match=code)


def test_the_first_task_opens_a_draft_of_real_rows(db: Session, ines: Parent) -> None:
    draft = ines.begins()

    family = db.get_one(Family, draft.family_id)
    assert (family.state, family.code, family.search_text) == (
        FamilyState.DRAFT,
        None,
        "o dwyer o dwyer ines ines example com 33612345678 0612345678",
    )
    home = db.scalars(select(FamilyAddress).where(FamilyAddress.family_id == family.id)).one()
    assert (home.residence, home.valid_from) == (Residence.RESIDENT, TODAY)


def test_the_first_task_done_twice_opens_one_family(db: Session, ines: Parent) -> None:
    assert ines.begins().family_id == ines.begins().family_id
    assert len(db.scalars(select(Demarche)).all()) == 1


def test_tasks_are_ticked_as_they_are_done(db: Session, ines: Parent) -> None:
    draft = ines.begins()
    zoe = ines.has_child()
    ines.does(declare_trusted, person=Trusted("Maïté", "", "", may_pick_up=True, is_emergency_contact=False))

    states = task_states(db, read_declaration(db, draft, TODAY), user_id=ines.user.id, today=TODAY)

    assert [(one.task, one.progress, one.child) for one in states] == [
        (Task.SELF, Progress.DONE, None),
        (Task.OTHER_PARENT, Progress.TO_DO, None),
        (Task.CHILD, Progress.DONE, zoe),
        (Task.CARE, Progress.TO_DO, zoe),
        (Task.TRUSTED, Progress.STARTED, None),
        (Task.DOCUMENTS, Progress.DONE, None),
    ]


def test_an_unfinished_declaration_is_not_sent(db: Session, ines: Parent) -> None:
    ines.begins()

    with refused("declaration_incomplete"):
        ines.does(submit_declaration)


def test_sent_once_it_has_a_number_and_can_be_neither_sent_nor_changed_again(
    db: Session, ines: Parent
) -> None:
    sent = ines.finishes()

    assert (sent.number, sent.state, sent.submitted_at) == ("D2026-000001", DemarcheState.SUBMITTED, NOW)
    assert db.get_one(Family, sent.family_id).state is FamilyState.SUBMITTED
    with refused("declaration_already_sent"):
        ines.does(submit_declaration)
    with refused("declaration_already_sent"):
        ines.has_child(replace(ZOE, given_name="Ali"))


def test_a_completed_one_keeps_its_number(db: Session, ines: Parent) -> None:
    ines.finishes().state = DemarcheState.COMPLEMENT_ASKED
    db.flush()
    ines.has_child(replace(ZOE, given_name="Ali", born_on=date(2021, 5, 1)))
    with refused("declaration_incomplete"):
        ines.does(submit_declaration)
    child = db.scalars(select(Child).where(Child.given_name == "Ali")).one()
    ines.does(declare_care, child_id=child.id, care=CARE)

    again = ines.does(submit_declaration)

    assert again.number == "D2026-000001"  # type: ignore[attr-defined]


def test_a_refused_one_is_taken_up_under_another_number(db: Session, ines: Parent) -> None:
    first = ines.finishes()
    with refused("declaration_not_refused"):
        ines.does(restart_declaration)
    first.state, first.reason = DemarcheState.REFUSED, "Pas ici."
    db.flush()

    ines.does(restart_declaration)

    assert db.get_one(Family, first.family_id).state is FamilyState.DRAFT
    assert ines.does(submit_declaration).number == "D2026-000002"  # type: ignore[attr-defined]


def test_the_answers_call_for_documents_and_only_they(db: Session, ines: Parent) -> None:
    make_kind(db, "proof", DocumentSubject.FAMILY, acts=("family_declaration",))
    make_kind(db, "pai", acts=("declared_pai",))
    make_kind(db, "custody", acts=("declared_separation", "family_declaration"))
    draft, zoe = ines.begins(), ines.has_child()
    ines.has_child(replace(ZOE, given_name="Ali"))

    ines.does(declare_other_parent, situation=Situation.ELSEWHERE, adult=Adult("Kaïs"))
    ines.does(declare_care, child_id=zoe.id, care=replace(CARE, has_pai=True))

    needs = declaration_documents(db, read_declaration(db, draft, TODAY), TODAY)
    assert sorted((need.type_code, need.subject_name) for need in needs) == [
        ("custody", "Ali O’Dwyer"),
        ("custody", "Zoé O’Dwyer"),
        ("pai", "Zoé O’Dwyer"),
        ("proof", "O’Dwyer"),
    ]


def test_the_other_parent_with_an_account_sees_the_same_declaration(db: Session, ines: Parent) -> None:
    draft = ines.begins()
    sami = Parent(db, "sami@example.com")
    row = ines.does(declare_other_parent, situation=Situation.SAME_HOME, adult=Adult("Kaïs", "Sami"))
    row.user_id = sami.user.id  # type: ignore[attr-defined]
    db.flush()

    assert find_declaration(db, sami.user.id) is draft
    with refused("other_parent_has_account"):
        ines.does(declare_other_parent, situation=Situation.NONE)
    sami.does(declare_self, adult=Adult("Kaïs", "Samy", phone="+33612345679"), address=HERE)
    names = db.scalars(select(Guardian.given_name).order_by(Guardian.rank)).all()
    assert names == ["Inès", "Samy"]


def test_nobody_else_reaches_the_draft(db: Session, ines: Parent) -> None:
    ines.begins()
    zoe = ines.has_child()
    omar = Parent(db, "omar@example.com")
    assert find_declaration(db, omar.user.id) is None
    omar.begins()

    with refused("unknown_child"):
        omar.does(declare_care, child_id=zoe.id, care=CARE)
    with refused("unknown_child"):
        omar.does(withdraw_child, child_id=zoe.id)


def test_an_adult_of_a_validated_family_declares_nothing(db: Session, ines: Parent) -> None:
    known = replace(ines.actor, family_ids=frozenset({1}))

    with refused("family_already_known"):
        declare_self(db, actor=known, now=NOW, adult=ME, address=HERE)


@pytest.mark.parametrize(
    ("child", "code"),
    [
        (replace(ZOE, family_name="", given_name=""), "child_name_missing"),
        (replace(ZOE, born_on=date(2026, 11, 24)), "born_in_future"),
    ],
)
def test_a_child_has_a_name_and_is_born(ines: Parent, child: DeclaredChild, code: str) -> None:
    ines.begins()

    with refused(code):
        ines.has_child(child)


def test_a_child_of_two_families_is_not_deleted(db: Session, ines: Parent) -> None:
    ines.begins()
    zoe = ines.has_child()
    join_family(db, zoe, make_family(db).family)

    with refused("child_of_two_families"):
        ines.does(withdraw_child, child_id=zoe.id)


def test_the_trail_never_says_what_the_health_is(db: Session, ines: Parent) -> None:
    ines.finishes()

    written = " ".join(str(row.after) for row in db.scalars(select(AuditEntry)))
    assert "Asthme" not in written
    assert "D2026-000001" in written
