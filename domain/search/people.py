"""What the search box shows of families, adults and children: by what they are ranked, then what tells them apart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from domain.family.names import full_name
from domain.search.found import Hit, Kind
from models.calendar import SchoolYear
from models.family import Child, ChildFamily, Family, FamilyAddress, Guardian
from models.schools import EnrolmentState, School, SchoolEnrolment

# Each statement is built once: to build it is longer than to run it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TODAY: BindParameter[date] = bindparam("today")

_FAMILIES = select(Family.id, Family.name, Family.code, Family.state).where(Family.id.in_(_IDS))
_ADDRESSES = select(FamilyAddress).where(
    FamilyAddress.family_id.in_(_IDS),
    FamilyAddress.valid_from <= _TODAY,
    or_(FamilyAddress.valid_to.is_(None), FamilyAddress.valid_to > _TODAY),
)
_GIVEN_NAMES = (
    select(ChildFamily.family_id, Child.given_name)
    .join(Child, Child.id == ChildFamily.child_id)
    .where(ChildFamily.family_id.in_(_IDS))
    .order_by(Child.born_on, Child.id)
)
_GUARDIANS = (
    select(
        Guardian.id,
        Guardian.family_name,
        Guardian.given_name,
        Guardian.email,
        Guardian.phone,
        Guardian.family_id,
        Family.name,
        Family.code,
    )
    .join(Family, Family.id == Guardian.family_id)
    .where(Guardian.id.in_(_IDS))
)
_CHILDREN = select(Child.id, Child.family_name, Child.given_name, Child.born_on).where(Child.id.in_(_IDS))
_HOMES = (
    select(ChildFamily.child_id, Family.id, Family.name, Family.code)
    .join(Family, Family.id == ChildFamily.family_id)
    .where(ChildFamily.child_id.in_(_IDS))
    .order_by(Family.id)
)
_SCHOOLS = (
    select(SchoolEnrolment.child_id, School.name)
    .join(School, School.id == SchoolEnrolment.school_id)
    .join(SchoolYear, SchoolYear.id == SchoolEnrolment.school_year_id)
    .where(
        SchoolEnrolment.child_id.in_(_IDS),
        SchoolEnrolment.state == EnrolmentState.VALIDATED,
        SchoolYear.starts_on <= _TODAY,
        SchoolYear.ends_on >= _TODAY,
    )
)


def _families(session: Session, ids: Sequence[int]) -> list[Hit]:
    rows = session.execute(_FAMILIES, {"ids": ids})
    return [
        Hit(Kind.FAMILY, key, name, state=state.value, code=code or "") for key, name, code, state in rows
    ]


def _families_told(session: Session, hits: list[Hit], today: date) -> list[Hit]:
    facts = {"ids": [hit.id for hit in hits], "today": today}
    addresses = {row.family_id: str(row) for row in session.scalars(_ADDRESSES, facts)}
    children: dict[int, list[str]] = {}
    for family_id, name in session.execute(_GIVEN_NAMES, facts):
        children.setdefault(family_id, []).append(name)
    return [
        replace(hit, address=addresses.get(hit.id, ""), people=tuple(dict.fromkeys(children.get(hit.id, ()))))
        for hit in hits
    ]


def _guardians(session: Session, ids: Sequence[int]) -> list[Hit]:
    return [
        Hit(
            Kind.GUARDIAN,
            row.id,
            full_name(row.given_name, row.family_name),
            email=row.email,
            phone=row.phone,
            families=((row.family_id, row.name, row.code),),
        )
        for row in session.execute(_GUARDIANS, {"ids": ids})
    ]


def _guardians_told(_session: Session, hits: list[Hit], _today: date) -> list[Hit]:
    return hits


def _children(session: Session, ids: Sequence[int]) -> list[Hit]:
    rows = session.execute(_CHILDREN, {"ids": ids})
    return [
        Hit(Kind.CHILD, key, full_name(given, name), born_on=born_on) for key, name, given, born_on in rows
    ]


def _children_told(session: Session, hits: list[Hit], today: date) -> list[Hit]:
    facts = {"ids": [hit.id for hit in hits], "today": today}
    homes: dict[int, list[tuple[int, str, str | None]]] = {}
    for child_id, family_id, name, code in session.execute(_HOMES, facts):
        homes.setdefault(child_id, []).append((family_id, name, code))
    schools = {child_id: name for child_id, name in session.execute(_SCHOOLS, facts)}  # noqa: C416 - rows are no pairs to mypy
    return [
        replace(hit, school=schools.get(hit.id, ""), families=tuple(dict.fromkeys(homes.get(hit.id, ()))))
        for hit in hits
    ]


# What a kind is ranked by, for all that is looked at; and the rest, for what is shown.
BRIEF: dict[Kind, Callable[[Session, Sequence[int]], list[Hit]]] = {
    Kind.FAMILY: _families,
    Kind.GUARDIAN: _guardians,
    Kind.CHILD: _children,
}
TOLD: dict[Kind, Callable[[Session, list[Hit], date], list[Hit]]] = {
    Kind.FAMILY: _families_told,
    Kind.GUARDIAN: _guardians_told,
    Kind.CHILD: _children_told,
}
