"""What the search box shows of families, adults and children."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.search.found import Hit, Kind
from models.calendar import SchoolYear
from models.family import Child, ChildFamily, Family, FamilyAddress, Guardian
from models.schools import EnrolmentState, School, SchoolEnrolment


def _families(session: Session, ids: Sequence[int], today: date) -> list[Hit]:
    rows = session.scalars(select(Family).where(Family.id.in_(ids))).all()
    addresses = {
        row.family_id: str(row)
        for row in session.scalars(
            select(FamilyAddress).where(
                FamilyAddress.family_id.in_(ids),
                FamilyAddress.valid_from <= today,
                or_(FamilyAddress.valid_to.is_(None), FamilyAddress.valid_to > today),
            )
        )
    }
    children: dict[int, list[str]] = {}
    for family_id, name in session.execute(
        select(ChildFamily.family_id, Child.given_name)
        .join(Child, Child.id == ChildFamily.child_id)
        .where(ChildFamily.family_id.in_(ids))
        .order_by(Child.born_on)
    ):
        children.setdefault(family_id, []).append(name)
    return [
        Hit(
            Kind.FAMILY,
            row.id,
            row.name,
            state=row.state.value,
            code=row.code or "",
            address=addresses.get(row.id, ""),
            people=tuple(dict.fromkeys(children.get(row.id, ()))),
        )
        for row in rows
    ]


def _guardians(session: Session, ids: Sequence[int], _today: date) -> list[Hit]:
    rows = session.execute(
        select(Guardian, Family.id, Family.name, Family.code)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.id.in_(ids))
    )
    return [
        Hit(
            Kind.GUARDIAN,
            adult.id,
            adult.full_name,
            email=adult.email,
            phone=adult.phone,
            families=((family_id, name, code),),
        )
        for adult, family_id, name, code in rows
    ]


def _children(session: Session, ids: Sequence[int], today: date) -> list[Hit]:
    homes: dict[int, list[tuple[int, str, str | None]]] = {}
    for child_id, family_id, name, code in session.execute(
        select(ChildFamily.child_id, Family.id, Family.name, Family.code)
        .join(Family, Family.id == ChildFamily.family_id)
        .where(ChildFamily.child_id.in_(ids))
        .order_by(Family.id)
    ):
        homes.setdefault(child_id, []).append((family_id, name, code))
    schools = dict(
        session.execute(
            select(SchoolEnrolment.child_id, School.name)
            .join(School, School.id == SchoolEnrolment.school_id)
            .join(SchoolYear, SchoolYear.id == SchoolEnrolment.school_year_id)
            .where(
                SchoolEnrolment.child_id.in_(ids),
                SchoolEnrolment.state == EnrolmentState.VALIDATED,
                SchoolYear.starts_on <= today,
                SchoolYear.ends_on >= today,
            )
        ).all()
    )
    return [
        Hit(
            Kind.CHILD,
            row.id,
            row.full_name,
            born_on=row.born_on,
            school=schools.get(row.id, ""),
            families=tuple(dict.fromkeys(homes.get(row.id, ()))),
        )
        for row in session.scalars(select(Child).where(Child.id.in_(ids)))
    ]


LOADERS = {Kind.FAMILY: _families, Kind.GUARDIAN: _guardians, Kind.CHILD: _children}
