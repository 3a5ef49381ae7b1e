"""People who may be in the town's files already: the same child, the same e-mail, the same telephone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from domain.family.names import search_key
from models.family import Child, ChildFamily, Family, FamilyState, Guardian

# A draft is not the service's business, and a refused file is not one of the town's.
KNOWN_STATES = (FamilyState.SUBMITTED, FamilyState.VALIDATED, FamilyState.DEPARTED)


class Likeness(StrEnum):
    """What two people have in common."""

    CHILD = "child"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A person of this family (``person_name``) who looks like one of another file.

    Args:
        value: what is common: the child's birth date in ISO form, the e-mail, the telephone.
        person_id, other_person_id: of the child or the adult.
    """

    likeness: Likeness
    value: str
    person_id: int
    person_name: str
    other_person_id: int
    other_person_name: str
    other_family_id: int
    other_family_name: str
    other_family_code: str | None
    other_family_state: FamilyState


def find_duplicates(session: Session, family_id: int) -> list[Duplicate]:
    """Return who of a family looks like somebody of another file: children first, then adults.

    A child is the same when its names, without accents or punctuation, and its birth date are; a child whom the
    two families share already is no duplicate.
    """
    children = session.scalars(
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id == family_id)
    ).unique()
    adults = session.scalars(
        select(Guardian).where(Guardian.family_id == family_id).order_by(Guardian.rank)
    ).all()
    return [*_same_children(session, family_id, children), *_same_adults(session, family_id, adults)]


def _same_children(session: Session, family_id: int, children: Iterable[Child]) -> list[Duplicate]:
    mine = {child.id: child for child in children}
    if not mine:
        return []
    rows = session.execute(
        select(Child, Family)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .join(Family, Family.id == ChildFamily.family_id)
        .where(
            Child.born_on.in_({child.born_on for child in mine.values()}),
            Child.id.not_in(mine),
            Family.id != family_id,
            Family.state.in_(KNOWN_STATES),
        )
        .order_by(Family.id, Child.id)
        .distinct()
    ).all()
    return [
        _duplicate(Likeness.CHILD, child.born_on.isoformat(), child, other, family)
        for child in mine.values()
        for other, family in rows
        if child.born_on == other.born_on and _name_key(child) == _name_key(other)
    ]


def _name_key(person: Child) -> str:
    return search_key(person.given_name, person.family_name)


def _same_adults(session: Session, family_id: int, adults: Iterable[Guardian]) -> list[Duplicate]:
    found = []
    for adult in adults:
        phones = {phone for phone in (adult.phone, adult.phone_alt) if phone}
        alike: list[ColumnElement[bool]] = []
        if adult.email:
            alike.append(Guardian.email == adult.email)
        if phones:
            alike += [Guardian.phone.in_(phones), Guardian.phone_alt.in_(phones)]
        if not alike:
            continue
        rows = session.execute(
            select(Guardian, Family)
            .join(Family, Family.id == Guardian.family_id)
            .where(or_(*alike), Family.id != family_id, Family.state.in_(KNOWN_STATES))
            .order_by(Family.id, Guardian.rank)
        )
        for other, family in rows:
            if adult.email and adult.email == other.email:
                found.append(_duplicate(Likeness.EMAIL, adult.email, adult, other, family))
            shared = sorted(phones & {other.phone, other.phone_alt})
            found += [_duplicate(Likeness.PHONE, phone, adult, other, family) for phone in shared]
    return found


def _duplicate(
    likeness: Likeness, value: str, person: Child | Guardian, other: Child | Guardian, family: Family
) -> Duplicate:
    return Duplicate(
        likeness=likeness,
        value=value,
        person_id=person.id,
        person_name=person.full_name,
        other_person_id=other.id,
        other_person_name=other.full_name,
        other_family_id=family.id,
        other_family_name=family.name,
        other_family_code=family.code,
        other_family_state=family.state,
    )
