"""The carte scolaire through the database: imported whole, replaced whole, and asked (DOMAIN §9)."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo.settings import Setting
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.schools.rules import Level, Unlocated
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import (
    FoundSector,
    SectorPlan,
    map_summaries,
    plan_sectors,
    replace_sectors,
    sector_of,
    sector_of_family,
)
from gateways.imports.tables import read_table
from models.audit import AuditEntry
from models.family import FamilyAddress, Residence
from models.schools import SchoolSector
from tests.support.households import ACTOR, AUGUST, make_family

FILE = Path(__file__).parents[2] / "demo" / "data" / "secteurs.csv"
A, B, C = "Maternelle Jacques Prévert", "Maternelle Les Tilleuls", "Groupe scolaire Simone Veil"
GOOD = "2026;MAT;45999;;Rue des Écoles;1;;25;;I;0450001A;1"


def plan(db: Session, *lines: str) -> SectorPlan:
    data = FILE.read_bytes() if not lines else "\n".join([";".join(COLUMNS), *lines]).encode()
    return plan_sectors(db, ((row.line, row.values) for row in read_table(data, COLUMNS).rows))


def install(db: Session, *lines: str) -> dict[int, int]:
    return replace_sectors(db, actor=ACTOR, now=AUGUST, plan=plan(db, *lines))


def school(db: Session, town: Setting, line: str, level: Level = Level.PS) -> str | Unlocated:
    found = sector_of(db, line=line, school_year_id=town.year.id, level=level)
    return found.school_name if isinstance(found, FoundSector) else found


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("12 rue des Écoles", B),
        ("26 rue des Écoles", B),
        ("12 bis rue des Écoles", A),
        ("12 ter, Rue des Écoles", A),
        ("27 rue des Écoles", C),
        ("1 rue des Écoles", A),
        ("25 bis rue des Écoles", A),
        ("R. DES ECOLES 12", B),
        ("32 rue des Écoles", Unlocated.NO_SEGMENT),
        ("rue des Écoles", Unlocated.MISSING_NUMBER),
        ("12 rue de la Lune", Unlocated.UNKNOWN_STREET),
        ("4 pl. de l’église", A),
        ("3 IMP ST ELOI", A),
        ("7 rue Ste-Anne", C),
        ("14 rue du 11 Novembre 1918", C),
    ],
)
def test_the_table_of_rue_des_ecoles(db: Session, town: Setting, line: str, answer: str | Unlocated) -> None:
    install(db)

    assert school(db, town, line) == answer


def test_each_level_has_its_own_map(db: Session, town: Setting) -> None:
    install(db)

    assert school(db, town, "12 rue des Écoles", Level.GS) == B
    assert school(db, town, "12 rue des Écoles", Level.CP) == "Élémentaire Jules Ferry"


def test_a_year_without_a_map_is_said_so(db: Session, town: Setting) -> None:
    assert school(db, town, "12 rue des Écoles") is Unlocated.NO_MAP


def test_a_map_is_replaced_whole_and_written_down(db: Session, town: Setting) -> None:
    assert install(db) == {2026: 28}
    assert install(db, GOOD) == {2026: 1}

    assert db.scalar(select(func.count()).select_from(SchoolSector)) == 1
    assert [(one.label, one.segments, one.streets) for one in map_summaries(db)] == [("2026-2027", 1, 1)]
    trail = db.scalars(select(AuditEntry).where(AuditEntry.action == "import_sectors")).all()
    assert [(one.before, one.after) for one in trail] == [
        ({"segments": 0}, {"segments": 28}),
        ({"segments": 28}, {"segments": 1}),
    ]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        ("2031;MAT;45999;;Rue des Écoles;1;;25;;I;0450001A;1", "annee", "import_unknown_year"),
        ("2026;LYC;45999;;Rue des Écoles;1;;25;;I;0450001A;1", "niveau", "import_cell_unknown"),
        ("2026;MAT;45234;;Rue des Écoles;1;;25;;I;0450001A;1", "code_insee", "import_other_town"),
        ("2026;MAT;45999;;;1;;25;;I;0450001A;1", "type_et_libelle", "import_cell_missing"),
        ("2026;MAT;45999;;Rue des Écoles;un;;25;;I;0450001A;1", "debut", "import_bad_number"),
        ("2026;MAT;45999;;Rue des Écoles;1;bus;25;;I;0450001A;1", "debut_rep", "import_bad_suffix"),
        ("2026;MAT;45999;;Rue des Écoles;;bis;25;;I;0450001A;1", "debut_rep", "import_suffix_alone"),
        ("2026;MAT;45999;;Rue des Écoles;25;;1;;I;0450001A;1", "fin", "import_sector_empty"),
        ("2026;MAT;45999;;Rue des Écoles;2;;2;;I;0450001A;1", "fin", "import_sector_empty"),
        ("2026;MAT;45999;;Rue des Écoles;1;;25;;X;0450001A;1", "parite", "import_cell_unknown"),
        ("2026;MAT;45999;;Rue des Écoles;1;;25;;I;0459999Z;1", "uai", "import_unknown_uai"),
        ("2026;MAT;45999;;Rue des Écoles;1;;25;;I;0450004D;1", "uai", "import_school_other_kind"),
        ("2026;MAT;45999;;Rue des Écoles;1;;25;;I;0450001A;haute", "priorite", "import_bad_number"),
        ("2026;MAT;45999;;Rue des Écoles;1;;25;;I;0450001A;1;trop", "*", "import_row_too_long"),
    ],
)
def test_a_faulty_line_is_named_and_nothing_is_replaced(
    db: Session, town: Setting, line: str, column: str, code: str
) -> None:
    install(db)
    faulty = plan(db, GOOD, line)

    assert [(one.line, one.column, one.code) for one in faulty.problems] == [(3, column, code)]
    with pytest.raises(Refusal, match="sectors_have_problems"):
        replace_sectors(db, actor=ACTOR, now=AUGUST, plan=faulty)
    assert db.scalar(select(func.count()).select_from(SchoolSector)) == 28


def test_an_equal_overlap_names_both_lines(db: Session, town: Setting) -> None:
    found = plan(db, GOOD, "2026;MAT;45999;;R. DES ECOLES;21;;41;;I;0450002B;1")

    assert [(one.line, one.code, one.facts["earlier"], one.facts["later"]) for one in found.problems] == [
        (3, "import_sector_overlap", 2, 3)
    ]


def test_a_parent_may_not_replace_a_map(db: Session, town: Setting) -> None:
    parent = Actor(label="user:9", user_id=9, roles=frozenset({Role.PARENT}))

    with pytest.raises(Refusal, match="not_allowed"):
        replace_sectors(db, actor=parent, now=AUGUST, plan=plan(db))


def test_the_address_of_the_first_day_of_the_year_decides(db: Session, town: Setting) -> None:
    install(db)
    family = make_family(db, "Martin")
    address = db.scalars(select(FamilyAddress).where(FamilyAddress.family_id == family.id)).one()
    address.valid_from, address.valid_to = date(2020, 1, 1), date(2026, 8, 15)
    db.flush()
    moved = FamilyAddress(
        family_id=family.id,
        line1="27 rue des Écoles",
        postcode="45110",
        city="Saint-Préau",
        valid_from=date(2026, 8, 15),
    )
    db.add(moved)
    db.flush()

    spring = sector_of_family(db, family_id=family.id, year=town.year, level=Level.PS, today=date(2026, 4, 2))

    assert isinstance(spring.outcome, FoundSector)
    assert (spring.outcome.school_name, spring.address) == (C, "27 rue des Écoles, 45110 Saint-Préau")
    moved.residence = Residence.NON_RESIDENT
    db.flush()
    away = sector_of_family(db, family_id=family.id, year=town.year, level=Level.PS, today=date(2026, 4, 2))
    assert away.outcome is Unlocated.OTHER_TOWN


def test_in_a_year_that_runs_the_address_of_today_decides(db: Session, town: Setting) -> None:
    install(db)
    family = make_family(db, "Martin")
    address = db.scalars(select(FamilyAddress).where(FamilyAddress.family_id == family.id)).one()
    address.valid_from = date(2026, 11, 2)
    db.flush()

    arrived = sector_of_family(
        db, family_id=family.id, year=town.year, level=Level.PS, today=date(2026, 11, 23)
    )
    early = sector_of_family(db, family_id=family.id, year=town.year, level=Level.PS, today=date(2026, 10, 1))

    assert isinstance(arrived.outcome, FoundSector)
    assert early.outcome is Unlocated.NO_ADDRESS
