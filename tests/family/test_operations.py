"""A family's file is opened, completed and read whole, with its trail."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role, system
from domain.errors import Refusal
from domain.family import operations
from domain.family.queries import family_overview
from domain.family.rules import read_family_code
from models.audit import AuditEntry
from models.family import Family
from models.town import Town
from tests.support.queries import recorded_statements

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AGENT = system("test")


@pytest.fixture
def family(db: Session) -> Family:
    db.add(Town(id=1, name="Saint-Préau", insee_code="45999", postcode="45110"))
    db.flush()
    return operations.create_family(
        db, actor=AGENT, now=NOW, name="Lefèvre", line1="3 rue Haute", postcode="45110", city="Saint-Préau"
    )


def add_people(db: Session, family: Family, given: str = "Zoé") -> None:
    who = {"actor": AGENT, "now": NOW, "family_id": family.id, "family_name": "Lefèvre"}
    operations.add_guardian(db, **who, given_name="Anaïs", email="ANAIS@example.com", phone="+33612345678")
    operations.add_child(db, **who, given_name=given, born_on=date(2019, 3, 2))


def test_a_new_family_has_a_code_that_checks_and_a_trail(db: Session, family: Family) -> None:
    assert read_family_code(family.code or "") == family.code
    assert db.scalars(select(AuditEntry.action)).all() == ["create_family"]


def test_a_family_is_found_by_its_people_without_accents(db: Session, family: Family) -> None:
    add_people(db, family)

    assert {"lefevre", "anais", "zoe", "0612345678"} <= set(family.search_text.split())


def test_a_third_adult_is_refused(db: Session, family: Family) -> None:
    add_people(db, family)
    who = {"actor": AGENT, "now": NOW, "family_id": family.id, "family_name": "Lefèvre"}
    operations.add_guardian(db, **who, given_name="Bob")

    with pytest.raises(Refusal) as refused:
        operations.add_guardian(db, **who, given_name="Carl")

    assert refused.value.code == "two_guardians_already"


def test_a_regisseur_does_not_write_a_file(db: Session, family: Family) -> None:
    regisseur = Actor(label="user:9", user_id=9, roles=frozenset({Role.REGISSEUR}))

    with pytest.raises(Refusal) as refused:
        operations.update_family(db, actor=regisseur, now=NOW, family_id=family.id, name="Autre")

    assert refused.value.code == "not_allowed"


def test_a_family_whole_costs_the_same_with_more_children(db: Session, family: Family) -> None:
    add_people(db, family)
    with recorded_statements() as few:
        family_overview(db, family.id, date(2026, 11, 23))
    who = {"actor": AGENT, "now": NOW, "family_id": family.id, "family_name": "Lefèvre"}
    for given in ("Léo", "Max", "Lou"):
        operations.add_child(db, **who, given_name=given, born_on=date(2020, 1, 1))

    with recorded_statements() as many:
        overview = family_overview(db, family.id, date(2026, 11, 23))

    assert overview is not None
    assert len(overview.sheet.children) == 4
    assert len(many) == len(few)
