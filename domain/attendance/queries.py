"""What the roll-call reads: the day's activities of a site, and the children expected at one of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from domain.custody.queries import arrangements_of, holds_on
from domain.custody.rules import is_family_day
from domain.family.names import search_key, sorted_name
from models.accounts import StaffSite
from models.activities import Activity, ActivityDay, ActivityFormula, AgeGroup
from models.attendance import Attendance, Presence, RollCall
from models.calendar import SchoolYear
from models.custody import GuardianRight
from models.family import Child, ChildFamily, Guardian, TrustedPerson
from models.health import HealthSheet, Pai
from models.reservations import Reservation, ReservationState
from models.schools import EnrolmentState, SchoolEnrolment, Site

FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A site, and how many children it expects on a day."""

    site_id: int
    name: str
    expected: int


@dataclass(frozen=True, slots=True)
class RollHead:
    """One activity of the day: how many are expected, and how far its roll-call is."""

    activity_day_id: int
    activity_id: int
    name: str
    site_id: int
    site_name: str
    day: date
    starts_at: time
    ends_at: time
    expected: int
    present: int
    absent: int
    closed_at: datetime | None
    closed_reason: str | None


@dataclass(frozen=True, slots=True)
class RollChild:
    """A child of the roll-call with what its leader must know, and nothing more."""

    child_id: int
    family_id: int
    name: str
    about: str
    born_on: date
    is_booked: bool
    formula: str
    presence: Presence | None
    arrived_at: datetime | None
    left_at: datetime | None
    diet: str
    allergies: str
    care: str
    pai: str
    brings_meal: bool
    may_leave_alone: bool
    pickups: tuple[str, ...]


def staff_sites(session: Session, *, user_id: int | None, day: date) -> list[SiteDay]:
    """Return the sites that hold something on a day; only the person's own when it has some."""
    own = select(StaffSite.site_id).where(StaffSite.user_id == user_id)
    statement = (
        select(Site.id, Site.name, func.sum(ActivityDay.taken))
        .join(Activity, Activity.site_id == Site.id)
        .join(ActivityDay, and_(ActivityDay.activity_id == Activity.id, ActivityDay.day == day))
        .where(or_(Site.id.in_(own), ~own.exists()))
        .group_by(Site.id, Site.name)
        .order_by(Site.name)
    )
    return [SiteDay(site_id, name, expected or 0) for site_id, name, expected in session.execute(statement)]


def may_call_at(session: Session, *, user_id: int | None, site_id: int) -> bool:
    """Whether a person may make the roll-call of a site: one of its own, or any when it has none."""
    own = set(session.scalars(select(StaffSite.site_id).where(StaffSite.user_id == user_id)))
    return not own or site_id in own


def roll_heads(
    session: Session,
    *,
    site_id: int | None = None,
    day: date | None = None,
    activity_day_id: int | None = None,
) -> list[RollHead]:
    """Return the roll-calls of a site and day, in order of the clock; or one of them."""
    marks = (
        select(
            Attendance.activity_day_id.label("day_id"),
            func.sum(case((Attendance.presence == Presence.PRESENT, 1), else_=0)).label("present"),
            func.sum(case((Attendance.presence == Presence.ABSENT, 1), else_=0)).label("absent"),
        )
        .group_by(Attendance.activity_day_id)
        .subquery()
    )
    statement = (
        select(
            ActivityDay.id,
            Activity.id,
            case((AgeGroup.id.is_not(None), Activity.name + ", " + AgeGroup.name), else_=Activity.name).label(
                "name"
            ),
            Activity.site_id,
            Site.name,
            ActivityDay.day,
            Activity.starts_at,
            Activity.ends_at,
            ActivityDay.taken,
            func.coalesce(marks.c.present, 0),
            func.coalesce(marks.c.absent, 0),
            RollCall.closed_at,
            ActivityDay.closed_reason,
        )
        .join(Activity, Activity.id == ActivityDay.activity_id)
        .join(Site, Site.id == Activity.site_id)
        .outerjoin(AgeGroup, AgeGroup.id == ActivityDay.age_group_id)
        .outerjoin(marks, marks.c.day_id == ActivityDay.id)
        .outerjoin(RollCall, RollCall.activity_day_id == ActivityDay.id)
        .order_by(Activity.starts_at, Activity.position, Activity.id)
    )
    if activity_day_id is not None:
        statement = statement.where(ActivityDay.id == activity_day_id)
    else:
        statement = statement.where(Activity.site_id == site_id, ActivityDay.day == day)
    return [RollHead(*row) for row in session.execute(statement)]


def roll_children(session: Session, *, activity_day_id: int, day: date) -> list[RollChild]:
    """Return the children booked on an activity day or noted there, by family name; six queries."""
    booked = and_(
        Reservation.child_id == Child.id,
        Reservation.activity_day_id == activity_day_id,
        Reservation.state == ReservationState.RESERVED,
    )
    noted = and_(Attendance.child_id == Child.id, Attendance.activity_day_id == activity_day_id)
    rows = session.execute(
        select(
            Child,
            Reservation.family_id.label("booked_by"),
            ActivityFormula.name.label("formula"),
            Attendance,
        )
        .outerjoin(Reservation, booked)
        .outerjoin(ActivityFormula, ActivityFormula.id == Reservation.formula_id)
        .outerjoin(Attendance, noted)
        .where(or_(Reservation.id.is_not(None), Attendance.id.is_not(None)))
    ).all()
    ids = [row.Child.id for row in rows]
    levels = _levels(session, ids, day)
    sheets = _health(session, ids, day)
    pais = _pais(session, ids, day)
    families = {row.Child.id: row.booked_by or row.Attendance.family_id for row in rows}
    pickups = _pickups(session, families, day)
    found = [
        RollChild(
            child_id=child.id,
            family_id=families[child.id],
            name=sorted_name(child.given_name, child.family_name),
            about=levels.get(child.id, ""),
            born_on=child.born_on,
            is_booked=booked_by is not None,
            formula=formula or "",
            presence=mark.presence if mark else None,
            arrived_at=mark.arrived_at if mark else None,
            left_at=mark.left_at if mark else None,
            diet=child.diet.value,
            allergies=sheets[child.id].allergies if child.id in sheets else "",
            care=sheets[child.id].care_notes if child.id in sheets else "",
            pai=pais[child.id].instructions if child.id in pais else "",
            brings_meal=pais[child.id].brings_packed_meal if child.id in pais else False,
            may_leave_alone=child.may_leave_alone,
            pickups=tuple(pickups.get(child.id, ())),
        )
        for child, booked_by, formula, mark in rows
    ]
    return sorted(found, key=lambda one: search_key(one.name))


def _levels(session: Session, child_ids: list[int], day: date) -> dict[int, str]:
    rows = session.execute(
        select(SchoolEnrolment.child_id, SchoolEnrolment.level)
        .join(SchoolYear, SchoolYear.id == SchoolEnrolment.school_year_id)
        .where(
            SchoolEnrolment.child_id.in_(child_ids),
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
            SchoolYear.starts_on <= day,
            SchoolYear.ends_on >= day,
        )
    )
    return {child_id: level.value for child_id, level in rows}


def _health(session: Session, child_ids: list[int], day: date) -> dict[int, HealthSheet]:
    rows = session.scalars(
        select(HealthSheet)
        .join(SchoolYear, SchoolYear.id == HealthSheet.school_year_id)
        .where(HealthSheet.child_id.in_(child_ids), SchoolYear.starts_on <= day, SchoolYear.ends_on >= day)
    )
    return {row.child_id: row for row in rows}


def _pais(session: Session, child_ids: list[int], day: date) -> dict[int, Pai]:
    rows = session.scalars(
        select(Pai).where(Pai.child_id.in_(child_ids), Pai.valid_from <= day, Pai.valid_to > day)
    )
    return {row.child_id: row for row in rows}


def _pickups(session: Session, families: Mapping[int, int], day: date) -> dict[int, list[str]]:
    """Return who may take each child home: the adults whose right stands that day, then trusted persons."""
    family_ids = set(families.values())
    standing = and_(GuardianRight.child_id.in_(families), ~GuardianRight.may_pick_up, holds_on(day))
    barred = {
        (guardian_id, child_id)
        for guardian_id, child_id in session.execute(
            select(GuardianRight.guardian_id, GuardianRight.child_id).where(standing)
        )
    }
    found: dict[int, list[str]] = defaultdict(list)
    adults = session.scalars(
        select(Guardian).where(Guardian.family_id.in_(family_ids)).order_by(Guardian.rank)
    ).all()
    trusted = session.scalars(
        select(TrustedPerson).where(TrustedPerson.family_id.in_(family_ids), TrustedPerson.may_pick_up)
    ).all()
    for child_id, family_id in families.items():
        found[child_id] += [
            _reachable(adult.full_name, adult.phone)
            for adult in adults
            if adult.family_id == family_id and (adult.id, child_id) not in barred
        ]
        found[child_id] += [
            _reachable(person.full_name, person.phone)
            for person in trusted
            if person.family_id == family_id and person.child_id in (None, child_id)
        ]
    return found


def _reachable(name: str, phone: str) -> str:
    return f"{name}, {phone}" if phone else name


def find_children(session: Session, *, text: str, day: date) -> list[tuple[int, str, date]]:
    """Return children of the town whose name holds these words, accents apart: id, name, birth date."""
    words = search_key(text).split()
    if not words:
        return []
    statement = (
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(
            ChildFamily.valid_from <= day,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > day),
            *(Child.search_text.contains(word) for word in words),
        )
        .distinct()
        .order_by(Child.family_name, Child.given_name, Child.id)
        .limit(FOUND_AT_MOST)
    )
    return [
        (row.id, sorted_name(row.given_name, row.family_name), row.born_on)
        for row in session.scalars(statement)
    ]


def family_on(session: Session, *, child_id: int, day: date) -> int | None:
    """Return the family that a child is with on a day, which pays for it; None for a child of no family."""
    families = list(
        session.scalars(
            select(ChildFamily.family_id)
            .where(
                ChildFamily.child_id == child_id,
                ChildFamily.valid_from <= day,
                or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > day),
            )
            .order_by(ChildFamily.id)
        )
    )
    arrangements = arrangements_of(session, [child_id])[child_id]
    theirs = (family_id for family_id in families if is_family_day(arrangements, family_id, day))
    return next(theirs, families[0] if families else None)
