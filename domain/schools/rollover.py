"""The yearly roll-over: children who stay in their school go up one level; the others are named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.schools.rules import Level, next_level, teaches
from models import schools as tables
from models.calendar import SchoolYear
from models.family import Child, ChildFamily, Family, FamilyState
from models.schools import EnrolmentState, School, SchoolEnrolment


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child enrolled in the year that ends, and the level that comes; None after CM2."""

    child_id: int
    name: str
    school_id: int
    school_name: str
    level: Level
    coming: Level | None


@dataclass(frozen=True, slots=True)
class RollOver:
    """What a roll-over does: who goes on, who needs a new enrolment, who leaves, who is done already."""

    year: SchoolYear
    going_on: list[Pupil]
    to_enrol: list[Pupil]
    leaving: list[Pupil]
    already: int


def plan_roll_over(session: Session, *, starts_in: int) -> RollOver:
    """Return what happens to the children of the year before; nothing is written. Three queries.

    A child that has an enrolment in the new year already, whatever its state, is left as it is, so running
    again changes nothing. A child whose families have all left the town does not go on.

    Args:
        starts_in: the calendar year in which the new school year starts.

    Raises:
        Refusal: ``unknown_school_year`` (the new year or the one before is missing).
    """
    years = {year.starts_on.year: year for year in session.scalars(select(SchoolYear))}
    year, before = years.get(starts_in), years.get(starts_in - 1)
    if year is None or before is None:
        raise Refusal("unknown_school_year", year=starts_in if year is None else starts_in - 1)
    done = set(
        session.scalars(select(SchoolEnrolment.child_id).where(SchoolEnrolment.school_year_id == year.id))
    )
    pupils = _pupils(session, before, year)
    left = [pupil for pupil in pupils if pupil.child_id not in done]
    schools = {school.id: school for school in session.scalars(select(School))}
    plan = RollOver(year, [], [], [], len(pupils) - len(left))
    for pupil in left:
        if pupil.coming is None:
            plan.leaving.append(pupil)
        elif teaches(schools[pupil.school_id].kind.value, pupil.coming):
            plan.going_on.append(pupil)
        else:
            plan.to_enrol.append(pupil)
    return plan


def _pupils(session: Session, before: SchoolYear, year: SchoolYear) -> Sequence[Pupil]:
    lives_here = exists().where(
        and_(
            ChildFamily.child_id == Child.id,
            ChildFamily.family_id == Family.id,
            Family.state == FamilyState.VALIDATED,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > year.starts_on),
        )
    )
    rows = session.execute(
        select(Child, SchoolEnrolment.level, School.id, School.name)
        .join(SchoolEnrolment, SchoolEnrolment.child_id == Child.id)
        .join(School, School.id == SchoolEnrolment.school_id)
        .where(
            SchoolEnrolment.school_year_id == before.id,
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
            lives_here,
        )
        .order_by(School.name, SchoolEnrolment.level, Child.search_text, Child.id)
    )
    return [
        Pupil(child.id, child.full_name, school_id, name, Level(level.value), next_level(Level(level.value)))
        for child, level, school_id, name in rows
    ]


def roll_over(session: Session, *, actor: Actor, now: datetime, plan: RollOver) -> int:
    """Enrol those who go on in the new year, in their school and the next level; return how many.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    session.add_all(
        SchoolEnrolment(
            child_id=pupil.child_id,
            school_id=pupil.school_id,
            school_year_id=plan.year.id,
            level=tables.Level(pupil.coming.value),
            state=EnrolmentState.VALIDATED,
            decided_at=now,
        )
        for pupil in plan.going_on
        if pupil.coming is not None
    )
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="roll_over_schools",
        subject_kind="school_year",
        subject_id=plan.year.id,
        after={
            "going_on": len(plan.going_on),
            "to_enrol": len(plan.to_enrol),
            "leaving": len(plan.leaving),
        },
    )
    session.flush()
    return len(plan.going_on)
