"""The children of a declaration: who they are, what those who look after them must know."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.clock import local_day
from domain.errors import Refusal
from domain.family.declaring import begun_family, note_declared, trail_declared
from domain.family.names import full_name, search_key
from domain.family.operations import apply_changes, refresh_search
from models.calendar import SchoolYear
from models.documents import Document, StoredFile
from models.family import Child, ChildFamily, Diet, Family, Sex
from models.health import HealthSheet


@dataclass(frozen=True, slots=True)
class DeclaredChild:
    """A child's identity as typed."""

    family_name: str
    born_on: date
    given_name: str = ""
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Care:
    """What those who look after the child must know, and what they may do.

    Args:
        level: a school level, ``none`` before school, ``other`` after it.
        has_pai: whether the child has a projet d'accueil individualisé; its document is then asked for.
    """

    level: str
    diet: str
    allergies: str
    care_notes: str
    doctor: str
    vaccines_up_to_date: bool
    has_pai: bool
    allows_photos: bool
    may_leave_alone: bool


def declare_child(
    session: Session, *, actor: Actor, now: datetime, child: DeclaredChild, child_id: int | None = None
) -> Child:
    """Add a child to the declaration, or correct one; the same child added twice is there once.

    Raises:
        Refusal: ``child_name_missing``, ``born_in_future``, ``unknown_child``, ``declaration_begins_with_you``;
            see ``open_declaration``.
    """
    if not full_name(child.given_name, child.family_name):
        raise Refusal("child_name_missing")
    if child.born_on > local_day(now):
        raise Refusal("born_in_future")
    family, _demarche = begun_family(session, actor)
    row = _twin(session, family, child) if child_id is None else _child_of(session, family, child_id)
    if row is None:
        row = Child(family_name=child.family_name, born_on=child.born_on)
        session.add(row)
        session.flush()
        session.add(ChildFamily(child_id=row.id, family_id=family.id, valid_from=child.born_on))
    apply_changes(row, asdict(child) | {"sex": Sex(child.sex)})
    row.search_text = search_key(row.family_name, row.given_name)
    link = session.scalars(
        select(ChildFamily).where(ChildFamily.child_id == row.id, ChildFamily.family_id == family.id)
    ).one()
    link.valid_from = min(link.valid_from, child.born_on)
    note_declared(session, actor, now, family, "declare_child", "child", row)
    return row


def _twin(session: Session, family: Family, child: DeclaredChild) -> Child | None:
    """Return the child of this name and birth that the declaration holds already."""
    same_day = (
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id == family.id, Child.born_on == child.born_on)
    )
    key = search_key(child.family_name, child.given_name)
    return next((one for one in session.scalars(same_day) if one.search_text == key), None)


def _child_of(session: Session, family: Family, child_id: int) -> Child:
    child = session.scalar(
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(Child.id == child_id, ChildFamily.family_id == family.id)
    )
    if child is None:
        raise Refusal("unknown_child")
    return child


def declare_care(session: Session, *, actor: Actor, now: datetime, child_id: int, care: Care) -> Child:
    """Note a child's level, meals, health and authorisations; the health goes on this school year's sheet.

    The trail says that it changed, never what it says.

    Raises:
        Refusal: ``unknown_child``, ``no_school_year``, ``declaration_begins_with_you``; see ``open_declaration``.
    """
    family, demarche = begun_family(session, actor)
    child = _child_of(session, family, child_id)
    child.diet = Diet(care.diet)
    child.allows_photos, child.may_leave_alone = care.allows_photos, care.may_leave_alone
    year = school_year_of(session, local_day(now))
    if year is None:
        raise Refusal("no_school_year")
    sheet = health_sheet(session, child.id, year.id)
    if sheet is None:
        sheet = HealthSheet(child_id=child.id, school_year_id=year.id)
        session.add(sheet)
    sheet.allergies, sheet.care_notes, sheet.doctor = care.allergies, care.care_notes, care.doctor
    sheet.vaccines_up_to_date = care.vaccines_up_to_date
    said = demarche.answers.get("children", {}) | {
        str(child.id): {"level": care.level, "has_pai": care.has_pai}
    }
    demarche.answers = demarche.answers | {"children": said}
    note_declared(session, actor, now, family, "declare_care", "child", child)
    return child


def school_year_of(session: Session, today: date) -> SchoolYear | None:
    """Return the school year that a day is of, or the next one in summer; None when none is set up."""
    return session.scalar(
        select(SchoolYear).where(SchoolYear.ends_on >= today).order_by(SchoolYear.starts_on).limit(1)
    )


def health_sheet(session: Session, child_id: int, year_id: int) -> HealthSheet | None:
    """Return a child's sheet of a school year."""
    return session.scalar(
        select(HealthSheet).where(HealthSheet.child_id == child_id, HealthSheet.school_year_id == year_id)
    )


def withdraw_child(session: Session, *, actor: Actor, now: datetime, child_id: int) -> Sequence[str]:
    """Take a child out of the declaration, with its documents; return the keys of files that nothing names now.

    Raises:
        Refusal: ``unknown_child``, ``child_of_two_families``; see ``open_declaration``.
    """
    family, demarche = begun_family(session, actor)
    child = _child_of(session, family, child_id)
    homes = session.scalars(select(ChildFamily.family_id).where(ChildFamily.child_id == child_id)).all()
    if set(homes) != {family.id}:
        raise Refusal("child_of_two_families")
    rows = session.execute(
        select(Document, StoredFile)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(Document.child_id == child_id)
    ).all()
    trail_declared(
        session, actor, now, family, "withdraw_child", "child", child.id, {"name": child.full_name}
    )
    keys = [file.key for _document, file in rows]
    for document, _file in rows:
        session.delete(document)
    session.flush()
    for _document, file in rows:
        session.delete(file)
    session.flush()
    session.execute(delete(Child).where(Child.id == child_id))
    session.expire_all()
    said = {key: one for key, one in demarche.answers.get("children", {}).items() if key != str(child_id)}
    demarche.answers = demarche.answers | {"children": said}
    refresh_search(session, family)
    return keys
