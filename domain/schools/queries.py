"""What screens show of school enrolments: a request whole, the staff's queue, the family's own."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from domain.schools.requests import KINDS, OPEN_STATES
from domain.schools.rules import Level, Segment, Unlocated, teaches
from domain.schools.sectors import kept_segment
from models.calendar import SchoolYear
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Child, Family
from models.schools import EnrolmentRequest, EnrolmentState, School, SchoolEnrolment, SectorExemption

SECTOR, WANTED, DECIDED = aliased(School), aliased(School), aliased(School)


@dataclass(frozen=True, slots=True)
class RequestSheet:
    """A request with all that a decision needs, and what was decided."""

    demarche_id: int
    number: str
    state: DemarcheState
    submitted_at: datetime
    decided_at: datetime | None
    reason: str
    family_id: int
    family_name: str
    family_code: str | None
    child_id: int
    child_name: str
    given_name: str
    born_on: date
    year_label: str
    level: Level
    enrolment_state: EnrolmentState
    school_name: str
    address: str
    sector_school_id: int | None
    sector_school_name: str
    segment: Segment | None
    unlocated: Unlocated | None
    is_domicile_sworn: bool
    wanted_school_name: str
    motive: str
    details: str
    is_granted: bool | None

    @property
    def is_open(self) -> bool:
        """Whether staff may still decide, and the family withdraw."""
        return self.state in OPEN_STATES

    @property
    def is_exemption(self) -> bool:
        """Whether another school than the sector's is asked."""
        return bool(self.wanted_school_name)

    @property
    def needs_sector(self) -> bool:
        """Whether staff must first say which school is the sector's."""
        return self.is_open and self.sector_school_id is None


def _statement() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Demarche, Family, Child, SchoolEnrolment, SchoolYear, EnrolmentRequest, SectorExemption,
            SECTOR.name, WANTED.name, DECIDED.name,
        )
        .join(SchoolEnrolment, SchoolEnrolment.demarche_id == Demarche.id)
        .join(EnrolmentRequest, EnrolmentRequest.enrolment_id == SchoolEnrolment.id)
        .join(Family, Family.id == EnrolmentRequest.family_id)
        .join(Child, Child.id == SchoolEnrolment.child_id)
        .join(SchoolYear, SchoolYear.id == SchoolEnrolment.school_year_id)
        .outerjoin(SectorExemption, SectorExemption.enrolment_id == SchoolEnrolment.id)
        .outerjoin(SECTOR, SECTOR.id == EnrolmentRequest.sector_school_id)
        .outerjoin(WANTED, WANTED.id == SectorExemption.wanted_school_id)
        .outerjoin(DECIDED, DECIDED.id == SchoolEnrolment.school_id)
        .where(Demarche.kind.in_(KINDS), Demarche.state != DemarcheState.DRAFT)
    )  # fmt: skip


def _sheet(row: Any) -> RequestSheet:
    demarche, family, child, enrolment, year, request, exemption, sector, wanted, decided = row
    is_validated = enrolment.state is EnrolmentState.VALIDATED
    return RequestSheet(
        demarche_id=demarche.id,
        number=demarche.number,
        state=demarche.state,
        submitted_at=demarche.submitted_at,
        decided_at=demarche.decided_at,
        reason=demarche.reason,
        family_id=family.id,
        family_name=family.name,
        family_code=family.code,
        child_id=child.id,
        child_name=child.full_name,
        given_name=child.given_name or child.family_name,
        born_on=child.born_on,
        year_label=year.label,
        level=Level(enrolment.level.value),
        enrolment_state=enrolment.state,
        school_name=decided or "" if is_validated else "",
        address=request.address,
        sector_school_id=request.sector_school_id,
        sector_school_name=sector or "",
        segment=kept_segment(request.segment),
        unlocated=Unlocated(request.unlocated) if request.unlocated else None,
        is_domicile_sworn=request.is_domicile_sworn,
        wanted_school_name=wanted or "",
        motive=exemption.motive if exemption else "",
        details=exemption.details if exemption else "",
        is_granted=exemption.is_granted if exemption else None,
    )


def request_sheet(session: Session, demarche_id: int) -> RequestSheet | None:
    """Return a request that was sent; None when there is none of that number. One query."""
    row = session.execute(_statement().where(Demarche.id == demarche_id)).first()
    return None if row is None else _sheet(row)


def waiting_requests(session: Session) -> list[RequestSheet]:
    """Return the requests that wait for staff, the oldest first; one query."""
    rows = session.execute(
        _statement().where(Demarche.state.in_(OPEN_STATES)).order_by(Demarche.submitted_at, Demarche.id)
    )
    return [_sheet(row) for row in rows]


def decided_requests(session: Session, limit: int) -> list[RequestSheet]:
    """Return the last requests that were answered or withdrawn; one query."""
    rows = session.execute(
        _statement()
        .where(Demarche.state.not_in(OPEN_STATES))
        .order_by(Demarche.decided_at.desc(), Demarche.id.desc())
        .limit(limit)
    )
    return [_sheet(row) for row in rows]


def family_requests(session: Session, family_id: int) -> list[RequestSheet]:
    """Return what a family has asked, the latest first; its child's other family's requests are not its own."""
    rows = session.execute(
        _statement().where(EnrolmentRequest.family_id == family_id).order_by(Demarche.id.desc())
    )
    return [_sheet(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait, by what is to be done; a request without a sector counts there alone."""

    enrolments: int
    exemptions: int
    unlocated: int


def waiting_counts(session: Session) -> Waiting:
    """Return the sizes of the queues; one query."""
    rows = session.execute(
        select(Demarche.kind, EnrolmentRequest.sector_school_id.is_(None), func.count())
        .join(SchoolEnrolment, SchoolEnrolment.demarche_id == Demarche.id)
        .join(EnrolmentRequest, EnrolmentRequest.enrolment_id == SchoolEnrolment.id)
        .where(Demarche.state.in_(OPEN_STATES))
        .group_by(Demarche.kind, EnrolmentRequest.sector_school_id.is_(None))
    ).all()
    return Waiting(
        enrolments=sum(n for kind, none, n in rows if kind is DemarcheKind.SCHOOL_ENROLMENT and not none),
        exemptions=sum(n for kind, none, n in rows if kind is DemarcheKind.SECTOR_EXEMPTION and not none),
        unlocated=sum(n for _, none, n in rows if none),
    )


def schools_teaching(session: Session, level: Level) -> list[School]:
    """Return the schools that have a level, by name."""
    schools = session.scalars(select(School).order_by(School.name))
    return [school for school in schools if teaches(school.kind.value, level)]
