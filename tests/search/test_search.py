"""What the search box finds, on both databases, and that it knows each change with the change itself."""

from datetime import date

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.family.operations import update_child, update_guardian
from domain.merging.operations import Merged, merge, preview_merge
from domain.search.found import Kind
from domain.search.index import reindex, unfindable_count
from domain.search.queries import FEW, SHOWN
from models.family import Child, Family, FamilyState, Guardian
from models.search import ChildWord, FamilyWord, GuardianWord, WordVariant
from tests.search.files import bill, look, names, open_file, pupil
from tests.support.households import ACTOR, AUGUST
from tests.support.queries import recorded_statements

AGENT = Actor("user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))


@pytest.mark.parametrize(
    "text", ["jérémy hernandez", "JEREMY", "hernandez jer", "Jeremi", "Hernandes jeremy", "hrenandez jeremy"]
)
def test_a_child_is_found_without_accents_in_any_order_begun_or_misspelt(town: Session, text: str) -> None:
    assert names(look(town, text))["child"] == ["Jérémy Hernandez"]


@pytest.mark.parametrize("text", ["Hernandes", "hernandez", "jeremy", "olivie hern"])
def test_a_family_is_found_by_the_names_of_all_its_people(town: Session, text: str) -> None:
    found = look(town, text, Kind.FAMILY)

    (hit,) = found.hits[Kind.FAMILY]
    assert (hit.name, hit.people, hit.state) == ("Hernandez", ("Jérémy",), FamilyState.VALIDATED.value)
    assert hit.address == "14 Rue des Écoles, 45110 Saint-Préau"
    assert (Kind.FAMILY in found.near) == (text == "Hernandes")


@pytest.mark.parametrize("text", ["ben ali", "benali", "Ben-Ali"])
def test_a_name_in_two_words_and_in_one_are_the_same(town: Session, text: str) -> None:
    found = names(look(town, text))

    assert found["family"] == ["Benali"]
    assert found["child"] == ["Zoé Ben Ali"]


def test_a_family_is_found_by_its_codes(town: Session) -> None:
    code = town.scalars(select(Family.code).where(Family.name == "Benali")).one() or ""
    wrong = code[:3] + ("5" if code[3] != "5" else "6") + code[4:]

    for text in (code, f"{code[:4]} {code[4:]}", code[:7], "AB-10079", "ab10079", "10079"):
        assert names(look(town, text, Kind.FAMILY)) == {"family": ["Benali"]}, text
    mistyped = look(town, wrong, Kind.FAMILY)
    assert "Benali" in names(mistyped)["family"]
    assert Kind.FAMILY in mistyped.near


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78", "+33612345678", "0612 34", "olivie@exemple.fr", "OLIVIE@exemple.fr"]
)
def test_an_adult_is_found_by_telephone_and_address_in_any_writing(town: Session, text: str) -> None:
    assert names(look(town, text)) == {"guardian": ["Olivie Hernandez"]}


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        ("olivie@ex", False),
        ("olivie@autre.fr", True),
        ("olivei@exemple.fr", True),
        ("hernandez@exemple.fr", True),
        ("hernandez.olivie@", True),
    ],
)
def test_an_adult_is_found_by_an_address_half_typed_wrong_or_guessed_from_the_name(
    town: Session, text: str, is_near: bool
) -> None:
    found = look(town, text)

    assert names(found) == {"guardian": ["Olivie Hernandez"]}
    assert (Kind.GUARDIAN in found.near) == is_near


def test_an_address_of_nobody_finds_nothing(town: Session) -> None:
    assert names(look(town, "quelquun@exemple.fr")) == {}
    assert names(look(town, "@exemple.fr")) == {}
    assert names(look(town, "olivie@autre.fr", Kind.CHILD)) == {}


def test_a_word_that_is_known_stays_as_typed_while_another_is_corrected(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    pupil(town, family, "Marin", "Jérémy", date(2020, 1, 1))
    pupil(town, family, "Martin", "Jérémy", date(2020, 1, 1))
    town.commit()
    of_few = names(look(town, "jeremi martin"))["child"]
    for number in range(1, FEW):
        pupil(town, family, f"Martin {number}", "Jérémy", date(2020, 1, 1))
    town.commit()

    of_enough = names(look(town, "jeremi martin"))["child"]

    assert of_few == ["Jérémy Martin", "Jérémy Marin"]
    assert of_enough == ["Jérémy Martin", *(f"Jérémy Martin {number}" for number in range(1, FEW))]


def test_two_known_words_that_nobody_bears_together_may_still_be_misspelt(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    for given, name in (("Jade", "Martin"), ("Rose", "Martine")):
        pupil(town, family, name, given, date(2020, 1, 1))
    town.commit()

    found = look(town, "jade martine", Kind.CHILD)

    assert names(found) == {"child": ["Jade Martin"]}
    assert found.near == {Kind.CHILD}


def test_the_rarest_word_is_found_among_many_that_share_the_others(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Hernandez")).one()
    for number in range(3 * SHOWN):
        pupil(town, family, f"Martin {number}", "Clémentine", date(2020, 1, 1))
    pupil(town, family, "Roy", "Clémentine", date(2020, 1, 1))
    town.commit()

    assert names(look(town, "clémentine roy"))["child"] == ["Clémentine Roy"]


def test_a_child_is_found_by_its_day_of_birth(town: Session) -> None:
    assert names(look(town, "02/03/2019")) == {"child": ["Jérémy Hernandez"]}
    assert names(look(town, "jérémy 2/3/2019")) == {"child": ["Jérémy Hernandez"]}
    assert names(look(town, "zoe 02/03/2019")) == {}
    assert names(look(town, "02/03/2019", Kind.FAMILY)) == {}


def test_only_the_kinds_asked_for_are_found(town: Session) -> None:
    assert set(names(look(town, "hernandez", Kind.CHILD))) == {"child"}
    assert names(look(town, "hernandez", Kind.INVOICE)) == {}
    assert names(look(town, "   ")) == {}


def test_many_of_a_name_are_cut_short_and_said_to_be_more(town: Session) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    for number in range(SHOWN + 1):
        pupil(town, family, "Nguyen", f"Minh {number}", date(2020, 1, 1))
    town.commit()

    found = look(town, "nguyen", Kind.CHILD)

    assert len(found.hits[Kind.CHILD]) == SHOWN > FEW
    assert found.more == {Kind.CHILD}


# --- the index follows every change, in the same transaction


def test_a_changed_name_is_found_and_the_former_one_no_more(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Zoé")).one()

    update_child(town, actor=ACTOR, now=AUGUST, child_id=child.id, given_name="Clémence")
    town.commit()

    assert names(look(town, "clemence"))["family"] == ["Benali"]
    assert names(look(town, "zoé")) == {}


def test_an_act_that_is_undone_leaves_nothing_to_be_found(town: Session) -> None:
    guardian = town.scalars(select(Guardian).where(Guardian.given_name == "Olivie")).one()

    update_guardian(town, actor=ACTOR, now=AUGUST, guardian_id=guardian.id, given_name="Capucine")
    town.rollback()
    town.commit()

    assert names(look(town, "capucine")) == {}
    assert names(look(town, "olivie"))["guardian"] == ["Olivie Hernandez"]


def test_words_of_rows_that_go_go_with_them(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Jérémy")).one()

    town.execute(delete(Child).where(Child.id == child.id))
    town.commit()

    assert town.scalar(select(func.count()).select_from(ChildWord).where(ChildWord.word == "jeremy")) == 0


def test_the_variants_of_a_word_that_nothing_bears_are_forgotten(town: Session) -> None:
    child = town.scalars(select(Child).where(Child.given_name == "Jérémy")).one()

    update_child(town, actor=ACTOR, now=AUGUST, child_id=child.id, given_name="Tom")
    town.commit()

    assert town.scalar(select(func.count()).select_from(WordVariant).where(WordVariant.word == "jeremy")) == 0


def test_merged_files_are_found_as_one_and_a_preview_changes_nothing(town: Session) -> None:
    kept = town.scalars(select(Family).where(Family.name == "Benali")).one()
    lost = open_file(town, "Benalli", "Naïma")
    pupil(town, lost, "Benalli", "Solal", date(2021, 5, 5))
    town.commit()
    asked = {"actor": AGENT, "now": AUGUST, "kept_id": kept.id, "lost_id": lost.id, "kind": Merged.FAMILY}

    preview_merge(town, **asked)
    town.commit()
    before = names(look(town, "solal"))["family"]
    merge(town, **asked)
    town.commit()

    assert before == ["Benalli"]
    assert names(look(town, "solal"))["family"] == ["Benali"]


def test_what_was_written_past_the_portal_is_counted_and_found_after_a_reindex(town: Session) -> None:
    for model in (FamilyWord, GuardianWord, ChildWord):
        town.execute(delete(model))
    town.execute(update(Child).where(Child.given_name == "Zoé").values(given_name="Lison"))
    town.commit()
    lost = unfindable_count(town)

    count = reindex(town)
    town.commit()

    assert (lost, count, unfindable_count(town)) == (6, 6, 0)
    assert names(look(town, "lison"))["child"] == ["Lison Ben Ali"]


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("hernandez", 9),
        ("hernandes", 10),
        ("jeremi hernandes", 12),
        # A word that nobody bears, and is near to none, ends the search for the others.
        ("hernandez zwyxko", 3),
        ("olivie@exemple.fr", 2),
        ("F2026-000123", 3),
        ("CHQ-4455", 3),
        ("06 12 34 56 78", 3),
    ],
)
def test_a_search_costs_a_fixed_number_of_statements(town: Session, text: str, most: int) -> None:
    family = town.scalars(select(Family).where(Family.name == "Benali")).one()
    bill(town, family)
    with recorded_statements() as few:
        look(town, text)
    for number in range(20):
        pupil(town, family, "Hernandez", f"Enfant {number}", date(2020, 1, 1))
    town.commit()

    with recorded_statements() as many:
        look(town, text)

    assert max(selects(few), selects(many)) <= most


def selects(statements: list[str]) -> int:
    """Count what reads; the savepoint is of the tests."""
    return sum(statement.startswith("SELECT") for statement in statements)
