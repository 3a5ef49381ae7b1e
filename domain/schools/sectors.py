"""The carte scolaire in the database: a year's map replaced whole, and the school of an address."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.family.import_rules import Problem
from domain.family.sheet import current_address
from domain.schools.rules import HouseNumber, Level, Parity, Segment, Unlocated, by_street, kind_of, locate
from domain.schools.sector_rows import Known, SectorRow, overlaps, read_sector
from domain.schools.streets import readings
from models.base import current_stamp
from models.calendar import SchoolYear
from models.family import Residence
from models.schools import School, SchoolKind, SchoolSector
from models.town import Town

CHECKED_AT_ONCE = 2000


@dataclass(slots=True)
class SectorPlan:
    """What a file says: its good rows, and what is wrong."""

    rows: list[SectorRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    row_count: int = 0

    @property
    def years(self) -> list[int]:
        """The years whose map the file replaces."""
        return sorted({row.year for row in self.rows})

    @property
    def street_count(self) -> int:
        """How many streets the good rows name."""
        return len({row.segment.key for row in self.rows})

    @property
    def refused_lines(self) -> frozenset[int]:
        """The lines to correct."""
        return frozenset(problem.line for problem in self.problems)


def plan_sectors(session: Session, rows: Iterable[tuple[int, dict[str, str]]]) -> SectorPlan:
    """Check every row of a carte scolaire and every pair of segments; nothing is written. See ``plan_steps``."""
    plan = SectorPlan()
    for _count in plan_steps(session, rows, plan):
        pass
    return plan


def plan_steps(
    session: Session, rows: Iterable[tuple[int, dict[str, str]]], plan: SectorPlan
) -> Iterator[int]:
    """Check every row and every pair of segments, and fill the plan; yield from time to time how many rows were checked.

    Args:
        rows: line number and cells by column.
    """
    known = Known(
        years=frozenset(day.year for day in session.scalars(select(SchoolYear.starts_on))),
        insee_code=session.scalar(select(Town.insee_code)) or "",
        schools={uai: kind.value for uai, kind in session.execute(select(School.uai, School.kind))},
    )
    problems: list[Problem] = []
    for line, values in rows:
        row, faults = read_sector(line, values, known)
        problems += faults
        if row is not None:
            plan.rows.append(row)
        plan.row_count += 1
        if plan.row_count % CHECKED_AT_ONCE == 0:
            yield plan.row_count
    problems += overlaps(plan.rows)
    plan.problems = sorted(problems, key=lambda problem: (problem.line, problem.column))


def replace_sectors(session: Session, *, actor: Actor, now: datetime, plan: SectorPlan) -> dict[int, int]:
    """Replace the map of each year of a plan, whole; return how many segments each year now has.

    A file with a fault replaces nothing: a map with a hole would send children to the wrong school.

    Raises:
        Refusal: ``not_allowed``, ``sectors_have_problems``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if plan.problems or not plan.rows:
        raise Refusal("sectors_have_problems", count=len(plan.refused_lines))
    years = {year.starts_on.year: year.id for year in session.scalars(select(SchoolYear))}
    schools = dict(session.execute(select(School.uai, School.id)).all())
    year_ids = [years[year] for year in plan.years]
    before = _counts(session)
    session.execute(delete(SchoolSector).where(SchoolSector.school_year_id.in_(year_ids)))
    label, signed_at = current_stamp(session)
    stamps = {"created_by": label, "created_at": signed_at, "updated_by": label, "updated_at": signed_at}
    session.execute(
        insert(SchoolSector),
        [
            _sector(row, school_year_id=years[row.year], school_id=schools[row.segment.school]) | stamps
            for row in plan.rows
        ],
    )
    counts = dict(Counter(row.year for row in plan.rows))
    for year, count in counts.items():
        audit.record(
            session,
            actor=actor,
            now=now,
            action="import_sectors",
            subject_kind="school_year",
            subject_id=years[year],
            before={"segments": before.get(years[year], 0)},
            after={"segments": count},
        )
    session.flush()
    return counts


def _sector(row: SectorRow, *, school_year_id: int, school_id: int) -> dict[str, Any]:
    return {
        "school_year_id": school_year_id,
        "kind": SchoolKind(row.kind.value),
        "school_id": school_id,
        "street": row.segment.street,
        "street_key": row.segment.key,
        "street_ref": row.street_ref,
        "first_number": row.first_number,
        "first_suffix": row.first_suffix,
        "last_number": row.last_number,
        "last_suffix": row.last_suffix,
        "parity": row.segment.parity.value,
        "priority": row.segment.priority,
    }


def _counts(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(SchoolSector.school_year_id, func.count()).group_by(SchoolSector.school_year_id)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class MapSummary:
    """A year's map as staff see it listed."""

    label: str
    segments: int
    streets: int


def map_summaries(session: Session) -> list[MapSummary]:
    """Return each school year with the size of its map, the latest first; one query."""
    rows = session.execute(
        select(
            SchoolYear.label,
            func.count(SchoolSector.id),
            func.count(func.distinct(SchoolSector.street_key)),
        )
        .outerjoin(SchoolSector, SchoolSector.school_year_id == SchoolYear.id)
        .group_by(SchoolYear.id)
        .order_by(SchoolYear.starts_on.desc())
    )
    return [MapSummary(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class FoundSector:
    """The school of an address, and the segment of street that decides."""

    school_id: int
    school_name: str
    segment: Segment


def sector_of(session: Session, *, line: str, school_year_id: int, level: Level) -> FoundSector | Unlocated:
    """Return the school of the first line of an address of the town, or why staff must decide; never a guess."""
    kind = SchoolKind(kind_of(level).value)
    keys = [reading.street_key for reading in readings(line)]
    of_map = (SchoolSector.school_year_id == school_year_id, SchoolSector.kind == kind)
    found = session.execute(
        select(SchoolSector, School)
        .join(School, School.id == SchoolSector.school_id)
        .where(*of_map, SchoolSector.street_key.in_(keys))
        .order_by(SchoolSector.id)
    ).all()
    if not found and session.scalar(select(SchoolSector.id).where(*of_map).limit(1)) is None:
        return Unlocated.NO_MAP
    schools = {school.uai: school for _, school in found}
    decided = locate(line, by_street(_segment(sector, school.uai) for sector, school in found))
    if isinstance(decided, Unlocated):
        return decided
    school = schools[decided.school]
    return FoundSector(school.id, school.name, decided)


def _segment(sector: SchoolSector, uai: str) -> Segment:
    return Segment(
        line=sector.id,
        street=sector.street,
        school=uai,
        first=_house(sector.first_number, sector.first_suffix),
        last=_house(sector.last_number, sector.last_suffix),
        parity=Parity(sector.parity),
        priority=sector.priority,
    )


def _house(number: int | None, suffix: str) -> HouseNumber | None:
    return None if number is None else HouseNumber.of(number, suffix)


def segment_facts(segment: Segment) -> dict[str, Any]:
    """Return what a segment says, to be kept after its map is replaced."""
    ends = {"first": segment.first, "last": segment.last}
    kept = {name: [end.number, end.rank] if end else None for name, end in ends.items()}
    return {"street": segment.street, "parity": segment.parity.value, **kept}


def kept_segment(facts: Mapping[str, Any]) -> Segment | None:
    """Return the segment kept by ``segment_facts``; None when nothing was kept."""
    if not facts:
        return None
    first, last = (HouseNumber(*facts[name]) if facts[name] else None for name in ("first", "last"))
    return Segment(0, facts["street"], "", first, last, Parity(facts["parity"]))


@dataclass(frozen=True, slots=True)
class SectorAnswer:
    """Where a family lives when the year starts, and what the map says of it."""

    address: str
    outcome: FoundSector | Unlocated


def sector_of_family(
    session: Session, *, family_id: int, year: SchoolYear, level: Level, today: date
) -> SectorAnswer:
    """Return the sector of a family for a school year.

    The address is the one in force when the year starts; in a year that runs already, today's, so that a
    family that has just arrived finds its school.
    """
    address = current_address(session, family_id, max(year.starts_on, today))
    if address is None:
        return SectorAnswer("", Unlocated.NO_ADDRESS)
    if address.residence is not Residence.RESIDENT:
        return SectorAnswer(str(address), Unlocated.OTHER_TOWN)
    found = sector_of(session, line=address.line1, school_year_id=year.id, level=level)
    return SectorAnswer(str(address), found)
