"""What an agent must know of a family's children and adults today: school, activities, health, rights; and what leaves."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from domain.custody.queries import holds_on
from models.activities import Activity, ActivityRegistration, RegistrationState
from models.calendar import SchoolYear
from models.custody import GuardianRight
from models.family import Child, ChildFamily, Guardian
from models.health import HealthSheet, Pai
from models.schools import EnrolmentState, School, SchoolClass, SchoolEnrolment

RIGHTS = (
    GuardianRight.has_parental_authority,
    GuardianRight.may_reserve,
    GuardianRight.may_see_health,
    GuardianRight.may_pick_up,
)


@dataclass(frozen=True, slots=True)
class Schooling:
    """Where a child goes to school this year; ``class_name`` is empty while nobody has said."""

    school: str
    level: str
    class_name: str


@dataclass(frozen=True, slots=True)
class Situation:
    """The children and adults of a family on a day, by their numbers.

    Attributes:
        activities: the activities that the family may book for a child, by their short names.
        with_pai, with_allergies: the children whose health asks for care; never what it is.
        limited: the adults whose rights over a child are limited, with the children's given names.
    """

    schooling: Mapping[int, Schooling]
    activities: Mapping[int, list[str]]
    with_pai: frozenset[int]
    with_allergies: frozenset[int]
    limited: Mapping[int, list[str]]


def situation(session: Session, family_id: int, today: date) -> Situation:
    """Return what is to be known of a family's children and adults; five queries."""
    children = select(ChildFamily.child_id).where(ChildFamily.family_id == family_id)
    year = exists().where(
        SchoolYear.id == SchoolEnrolment.school_year_id,
        SchoolYear.starts_on <= today,
        SchoolYear.ends_on >= today,
    )
    schooling = session.execute(
        select(SchoolEnrolment.child_id, School.name, SchoolEnrolment.level, SchoolClass.name)
        .join(School, School.id == SchoolEnrolment.school_id)
        .outerjoin(SchoolClass, SchoolClass.id == SchoolEnrolment.school_class_id)
        .where(
            SchoolEnrolment.child_id.in_(children), SchoolEnrolment.state == EnrolmentState.VALIDATED, year
        )
    )
    activities = session.execute(
        select(ActivityRegistration.child_id, Activity.short_name)
        .join(Activity, Activity.id == ActivityRegistration.activity_id)
        .where(
            ActivityRegistration.family_id == family_id,
            ActivityRegistration.state == RegistrationState.VALIDATED,
            ActivityRegistration.valid_from <= today,
            or_(ActivityRegistration.valid_to.is_(None), ActivityRegistration.valid_to > today),
        )
        .order_by(Activity.position, Activity.id)
    )
    pais = select(Pai.child_id).where(
        Pai.child_id.in_(children), Pai.valid_from <= today, Pai.valid_to > today
    )
    sheets = (
        select(HealthSheet.child_id)
        .join(SchoolYear, SchoolYear.id == HealthSheet.school_year_id)
        .where(
            HealthSheet.child_id.in_(children),
            HealthSheet.allergies != "",
            SchoolYear.starts_on <= today,
            SchoolYear.ends_on >= today,
        )
    )
    limits = session.execute(
        select(GuardianRight.guardian_id, Child.given_name)
        .join(Guardian, Guardian.id == GuardianRight.guardian_id)
        .join(Child, Child.id == GuardianRight.child_id)
        .where(Guardian.family_id == family_id, holds_on(today), or_(*(~right for right in RIGHTS)))
        .order_by(Child.born_on)
    )
    return Situation(
        schooling={
            child_id: Schooling(school, level.value, name or "")
            for child_id, school, level, name in schooling
        },
        activities=_by_number(activities),
        with_pai=frozenset(session.scalars(pais)),
        with_allergies=frozenset(session.scalars(sheets)),
        limited=_by_number(limits),
    )


def _by_number(rows: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for number, name in rows:
        if name not in found[number]:
            found[number].append(name)
    return found
