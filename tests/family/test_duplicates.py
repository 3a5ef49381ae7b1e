"""People who may be in another file already."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from domain.family.duplicates import Likeness, find_duplicates
from models.family import Child, FamilyState
from tests.accounts.people import Home
from tests.documents.papers import join_family, make_child
from tests.family.declared import Declared, declare


def likenesses(store: Session, declared: Declared) -> list[tuple[Likeness, str]]:
    store.flush()
    return [(one.likeness, one.other_family_name) for one in find_duplicates(store, declared.family.id)]


def known_child(store: Session, home: Home, given: str, family: str, born_on: date) -> Child:
    child = make_child(store, home.family, given)
    child.family_name, child.born_on = family, born_on
    return child


@pytest.mark.parametrize(
    ("given", "family", "is_same"),
    [
        ("Maï", "Nguyen", True),
        ("MAI", "NGUYEN", True),
        ("mai", "nguyen", True),
        ("Maïa", "Nguyen", False),
        ("Maï", "Martin", False),
    ],
)
def test_a_child_is_the_same_by_name_and_birth(
    store: Session, home: Home, declared: Declared, given: str, family: str, is_same: bool
) -> None:
    known_child(store, home, given, family, date(2022, 2, 28))

    assert likenesses(store, declared) == ([(Likeness.CHILD, "Martin")] if is_same else [])


def test_apostrophes_and_hyphens_do_not_count(store: Session, home: Home) -> None:
    born_on = date(2020, 2, 29)
    declared = declare(store, name="D’Alva-Cruz", child_name="Jean-Noël", born_on=born_on)
    known_child(store, home, "Jean Noel", "D'Alva Cruz", born_on)

    assert likenesses(store, declared) == [(Likeness.CHILD, "Martin")]


def test_a_namesake_born_another_day_is_somebody_else(store: Session, home: Home, declared: Declared) -> None:
    known_child(store, home, "Maï", "Nguyen", date(2022, 3, 1))

    assert likenesses(store, declared) == []


def test_a_child_that_both_families_share_is_no_duplicate(
    store: Session, home: Home, declared: Declared
) -> None:
    join_family(store, declared.child, home.family)

    assert likenesses(store, declared) == []


def test_the_same_email_or_telephone_is_told(store: Session, home: Home, declared: Declared) -> None:
    home.guardian.email = declared.guardian.email
    home.guardian.phone_alt = declared.guardian.phone

    assert likenesses(store, declared) == [(Likeness.EMAIL, "Martin"), (Likeness.PHONE, "Martin")]


def test_adults_without_email_or_telephone_are_not_alike(store: Session, home: Home) -> None:
    home.guardian.email = home.guardian.phone = home.guardian.phone_alt = ""
    declared = declare(store, phone="")
    declared.guardian.email = ""

    assert likenesses(store, declared) == []


@pytest.mark.parametrize("state", [FamilyState.DRAFT, FamilyState.REFUSED])
def test_a_draft_and_a_refused_file_are_not_the_towns(
    store: Session, home: Home, declared: Declared, state: FamilyState
) -> None:
    home.guardian.phone = declared.guardian.phone
    home.family.state = state

    assert likenesses(store, declared) == []
