"""Merging loses nothing: every related row is moved, or kept whole in the trail."""

from collections import Counter
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.family.operations import add_child, add_guardian
from domain.merging.operations import Merged, merge, preview_merge
from domain.merging.people import Outcome
from domain.merging.rows import naming_columns, table_of
from models import Base
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.custody import CustodyArrangement, CustodyPattern, GuardianRight
from models.family import Child, ChildFamily, Family, FamilyAddress, FamilyState, Guardian
from models.reservations import Reservation
from models.schools import Level
from tests.accounts.people import make_user
from tests.support.households import ACTOR, AUGUST, Household, make_family, make_household, make_pupil
from tests.support.world import NOW, build_world

SCHOOL_AGENT = Actor("user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))


@pytest.fixture
def house(db: Session) -> Household:
    """The Martins, whose file is kept."""
    return make_household(db)


@pytest.fixture
def twin(db: Session, house: Household) -> Family:
    """The same home, opened a second time, with the same adult."""
    return make_family(db, "Martin")


def do(db: Session, kept: Any, lost: Any, kind: Merged = Merged.FAMILY, **more: Any) -> Outcome:
    asked = {"actor": SCHOOL_AGENT, "now": NOW, "kind": kind}
    if "kept_id" not in more:
        asked |= {"kept_id": kept.id, "lost_id": lost.id}
    return merge(db, **(asked | more))


def refusal_of(db: Session, kept: Any, lost: Any, kind: Merged = Merged.FAMILY, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        do(db, kept, lost, kind, **more)
    return refusal.value


def counts(db: Session) -> Counter[str]:
    """How many rows each table has, without those written anew from others."""
    found = {
        table.name: db.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
        if not table.info.get("is_derived")
    }
    return Counter({name: count or 0 for name, count in found.items()})


def named(db: Session, model: type[Any], row_id: int) -> int:
    """How many rows name this one."""
    return sum(
        db.scalar(select(func.count()).select_from(column.table).where(column == row_id)) or 0
        for column in naming_columns(table_of(model))
    )


def adults(db: Session, family: Family) -> list[Guardian]:
    statement = select(Guardian).where(Guardian.family_id == family.id)
    return list(db.scalars(statement.order_by(Guardian.rank)))


# --- nothing is lost


def test_a_family_with_all_that_a_year_leaves_is_moved_whole(app: Flask, store: Session) -> None:
    world = build_world(app, store)
    lost = store.get_one(Family, world.ids["family"])
    kept = make_family(store, "Martin")
    related = named(store, Family, lost.id) + named(store, Family, kept.id)
    before = counts(store)
    lost_id, kept_id = lost.id, kept.id

    outcome = do(store, kept, lost)

    aside = Counter(table for table, _row in outcome.moves.set_aside)
    gone = aside + Counter(family=1) + Counter(one.kind for one in outcome.people)
    assert before - counts(store) == gone
    # One more: the entry of the trail that tells of the merge.
    assert named(store, Family, kept_id) == related - aside.total() - len(outcome.people) + 1
    assert named(store, Family, lost_id) == 0
    assert outcome.moves.moved["reservation"] > 5
    for table in ("invoice", "ledger_entry", "payment_try", "sepa_mandate", "demarche", "document"):
        assert outcome.moves.moved[table] > 0


@pytest.mark.parametrize("model", [Family, Guardian, Child])
def test_every_table_that_names_a_row_is_known(model: type[Any]) -> None:
    table = table_of(model)

    found = {(column.table.name, column.name) for column in naming_columns(table)}

    assert found == {
        (other.name, key.parent.name)
        for other in Base.metadata.tables.values()
        for key in other.foreign_keys
        if key.references(table) and not other.info.get("is_derived")
    }
    assert found


def test_what_is_set_aside_stays_whole_in_the_trail(db: Session, house: Household, twin: Family) -> None:
    code = twin.code

    outcome = do(db, house.family, twin)

    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "merge_family")).one()
    assert (entry.by, entry.family_id) == ("user:9", house.family.id)
    assert entry.before is not None
    assert entry.before["lost"]["code"] == code
    assert [one["given_name"] for one in entry.before["people"]] == ["Alice"]
    assert [row["line1"] for row in entry.before["set_aside"] if row["table"] == "family_address"] == [
        "14 Rue des Écoles"
    ]
    assert entry.after == {"moved": dict(outcome.moves.moved)}


def test_the_preview_tells_the_truth_and_changes_nothing(db: Session, house: Household, twin: Family) -> None:
    before = counts(db)

    shown = preview_merge(
        db, actor=SCHOOL_AGENT, now=NOW, kind=Merged.FAMILY, kept_id=house.family.id, lost_id=twin.id
    )

    assert counts(db) == before
    assert db.get(Family, twin.id) is not None
    done = do(db, house.family, twin)
    assert done.moves.moved == shown.moves.moved
    assert [one.kept_name for one in done.people] == [one.kept_name for one in shown.people]


# --- two files of one home


def test_the_same_adult_and_child_become_one(db: Session, house: Household, twin: Family) -> None:
    make_pupil(db, house.setting, twin, "LEO", date(2019, 3, 14), Level.CE1)

    outcome = do(db, house.family, twin)

    assert [(one.kind, one.kept_name, one.lost_name) for one in outcome.people] == [
        ("guardian", "Alice Martin", "Alice Martin"),
        ("child", "Léo Martin", "LEO Martin"),
    ]
    assert len(adults(db, house.family)) == 1
    members = select(func.count()).where(ChildFamily.family_id == house.family.id)
    assert db.scalar(members) == 2


def test_another_adult_takes_the_free_rank(db: Session, house: Household) -> None:
    other = make_family(db, "Petit")

    do(db, house.family, other)

    assert [(one.rank, one.family_name) for one in adults(db, house.family)] == [(1, "Martin"), (2, "Petit")]


def test_three_adults_do_not_fit_in_a_file(db: Session, house: Household) -> None:
    add_guardian(
        db, actor=ACTOR, now=AUGUST, family_id=house.family.id, family_name="Martin", given_name="Bob"
    )

    refusal = refusal_of(db, house.family, make_family(db, "Petit"))

    assert refusal.code == "merge_too_many_adults"
    assert refusal.facts["names"] == ["Alice Martin", "Bob Martin", "Alice Petit"]


def test_a_child_of_both_files_is_of_the_kept_one_for_the_whole_time(
    db: Session, house: Household, twin: Family
) -> None:
    born_on = house.elder.born_on
    first = db.scalars(select(ChildFamily).where(ChildFamily.child_id == house.elder.id)).one()
    first.valid_to = date(2021, 1, 1)
    db.add(ChildFamily(child_id=house.elder.id, family_id=twin.id, valid_from=date(2020, 1, 1)))

    do(db, house.family, twin)

    row = db.scalars(select(ChildFamily).where(ChildFamily.child_id == house.elder.id)).one()
    assert (row.family_id, row.valid_from, row.valid_to) == (house.family.id, born_on, None)


def test_a_time_that_fills_a_gap_leaves_one_membership(db: Session, house: Household, twin: Family) -> None:
    first = db.scalars(select(ChildFamily).where(ChildFamily.child_id == house.elder.id)).one()
    first.valid_to = date(2021, 1, 1)
    for family, day in ((house.family, date(2023, 1, 1)), (twin, date(2020, 1, 1))):
        db.add(ChildFamily(child_id=house.elder.id, family_id=family.id, valid_from=day))

    outcome = do(db, house.family, twin)

    row = db.scalars(select(ChildFamily).where(ChildFamily.child_id == house.elder.id)).one()
    assert (row.family_id, row.valid_to) == (house.family.id, None)
    assert [table for table, _row in outcome.moves.set_aside].count("child_family") == 2


def test_an_older_address_stays_as_history(db: Session, house: Household, twin: Family) -> None:
    old = db.scalars(select(FamilyAddress).where(FamilyAddress.family_id == twin.id)).one()
    old.valid_from, old.line1 = date(2020, 9, 1), "2 place Haute"

    do(db, house.family, twin)

    found = db.scalars(select(FamilyAddress).order_by(FamilyAddress.valid_from)).all()
    assert [(one.line1, one.valid_to) for one in found] == [
        ("2 place Haute", found[1].valid_from),
        ("14 Rue des Écoles", None),
    ]


def test_the_former_code_and_the_notes_are_kept(db: Session, house: Household, twin: Family) -> None:
    twin.former_code, twin.notes, house.family.notes = "OLD-12", "Appeler le soir.", "Chien."

    do(db, house.family, twin, note="Dossier réuni.")

    assert house.family.former_code == "OLD-12"
    assert house.family.notes == "Chien.\nAppeler le soir.\nDossier réuni."


def test_who_signed_in_with_the_lost_code_signs_in_with_the_kept_one(
    db: Session, house: Household, twin: Family
) -> None:
    user = make_user(db, "a@example.com", role=None, guardian=adults(db, twin)[0], username=twin.code)

    do(db, house.family, twin)

    assert user.username == house.family.code
    assert adults(db, house.family)[0].user_id == user.id
    assert adults(db, house.family)[0].email == "a@example.com"


def test_a_second_account_of_the_same_adult_opens_the_file_no_more(
    db: Session, house: Household, twin: Family
) -> None:
    first = make_user(
        db, "a@example.com", role=None, guardian=adults(db, house.family)[0], username=house.family.code
    )
    second = make_user(db, "b@example.com", role=None, guardian=adults(db, twin)[0], username=twin.code)

    outcome = do(db, house.family, twin)

    assert outcome.detached == ["b@example.com"]
    assert adults(db, house.family)[0].user_id == first.id
    assert second.username is None


def test_two_homes_that_share_a_child_are_not_one(db: Session, house: Household, twin: Family) -> None:
    db.add(
        CustodyArrangement(
            child_id=house.elder.id, family_id=house.family.id, other_family_id=twin.id,
            pattern=CustodyPattern.EVEN_WEEKS, valid_from=date(2026, 9, 1),
        )
    )  # fmt: skip

    assert refusal_of(db, house.family, twin).code == "merge_shared_custody"


@pytest.mark.parametrize(
    ("kept", "lost", "code"),
    [
        (FamilyState.DEPARTED, FamilyState.VALIDATED, "merge_not_validated"),
        (FamilyState.VALIDATED, FamilyState.SUBMITTED, "merge_declaration_open"),
        (FamilyState.VALIDATED, FamilyState.DRAFT, "merge_declaration_open"),
    ],
)
def test_only_settled_files_are_merged(
    db: Session, house: Household, twin: Family, kept: FamilyState, lost: FamilyState, code: str
) -> None:
    house.family.state, twin.state = kept, lost

    assert refusal_of(db, house.family, twin).code == code


def test_what_may_exist_once_and_differs_is_for_somebody_to_decide(
    db: Session, house: Household, twin: Family
) -> None:
    leo = make_pupil(db, house.setting, twin, "Léo", date(2019, 3, 14), Level.CE1)
    (day,) = house.days(ActivityKind.CANTEEN, date(2026, 12, 1), 1)
    for child, family in ((house.elder, house.family), (leo, twin)):
        db.add(
            Reservation(
                child_id=child.id, family_id=family.id, activity_day_id=day.id, activity_id=day.activity_id,
                day=day.day, booked_at=NOW,
            )
        )  # fmt: skip
    db.flush()
    before = counts(db)

    with pytest.raises(Refusal) as refusal:
        preview_merge(
            db, actor=SCHOOL_AGENT, now=NOW, kind=Merged.FAMILY, kept_id=house.family.id, lost_id=twin.id
        )

    assert (refusal.value.code, refusal.value.facts["table"]) == ("merge_collision", "reservation")
    assert counts(db) == before


# --- one person entered twice


def test_a_child_declared_by_each_of_its_homes_becomes_a_child_of_both(db: Session, house: Household) -> None:
    other = make_family(db, "Petit")
    who = {"actor": ACTOR, "now": AUGUST, "family_id": other.id, "family_name": "Martin"}
    leo = add_child(db, **who, given_name="Léo", born_on=date(2019, 3, 14))

    outcome = do(db, house.elder, leo, Merged.CHILD)

    rows = db.scalars(select(ChildFamily.family_id).where(ChildFamily.child_id == house.elder.id)).all()
    assert sorted(rows) == sorted([house.family.id, other.id])
    assert outcome.moves.moved["child_family"] == 1
    assert "leo" in db.get_one(Family, other.id).search_text


def test_children_born_on_two_days_are_two(db: Session, house: Household) -> None:
    assert refusal_of(db, house.elder, house.younger, Merged.CHILD).code == "merge_birth_differs"


def test_an_adult_entered_twice_keeps_the_withdrawn_right(db: Session, house: Household) -> None:
    who = {"actor": ACTOR, "now": AUGUST, "family_id": house.family.id, "family_name": "Martin"}
    double = add_guardian(db, **who, given_name="Alicia", phone="+33612345678")
    alice = adults(db, house.family)[0]
    db.add(
        GuardianRight(
            guardian_id=double.id, child_id=house.elder.id, may_see_health=False, valid_from=date(2026, 9, 1)
        )
    )

    do(db, alice, double, Merged.GUARDIAN)

    right = db.scalars(select(GuardianRight)).one()
    assert (right.guardian_id, right.may_see_health) == (alice.id, False)
    assert alice.phone == "+33612345678"


def test_rights_that_contradict_each_other_are_for_somebody_to_decide(db: Session, house: Household) -> None:
    who = {"actor": ACTOR, "now": AUGUST, "family_id": house.family.id, "family_name": "Martin"}
    pair = [adults(db, house.family)[0], add_guardian(db, **who, given_name="Alicia")]
    for adult, may_see in zip(pair, (True, False), strict=True):
        db.add(
            GuardianRight(
                guardian_id=adult.id, child_id=house.elder.id, may_see_health=may_see, valid_from=date(2026, 9, 1)
            )
        )  # fmt: skip

    refusal = refusal_of(db, *pair, Merged.GUARDIAN)

    assert (refusal.code, refusal.facts["table"]) == ("merge_collision", "guardian_right")


def test_adults_of_two_files_are_not_merged_alone(db: Session, house: Household, twin: Family) -> None:
    pair = (adults(db, house.family)[0], adults(db, twin)[0])

    assert refusal_of(db, *pair, Merged.GUARDIAN).code == "merge_adults_apart"


# --- who, and twice


@pytest.mark.parametrize("role", [Role.PARENT, Role.REGISSEUR, Role.ACTIVITY_LEADER])
def test_nobody_else_merges(db: Session, house: Household, twin: Family, role: Role) -> None:
    actor = Actor("user:8", user_id=8, roles=frozenset({role}))

    assert refusal_of(db, house.family, twin, actor=actor).code == "not_allowed"


def test_a_merge_is_done_once(db: Session, house: Household, twin: Family) -> None:
    kept_id, lost_id = house.family.id, twin.id
    do(db, house.family, twin)

    again = refusal_of(db, house.family, twin, kept_id=kept_id, lost_id=lost_id)

    assert again.code == "merge_gone"
    assert refusal_of(db, house.family, house.family).code == "merge_with_itself"
