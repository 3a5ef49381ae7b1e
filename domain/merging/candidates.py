"""Whom a file, an adult or a child may be one with: what looks alike, and what an agent searches for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from domain.family.duplicates import find_duplicates
from domain.family.names import search_key
from domain.merging.operations import ROWS, Merged
from models.family import Child, ChildFamily, Family, FamilyState, Guardian

FOUND, SUSPECTED = 20, 50
# A draft or a waiting declaration is answered first.
SETTLED = (FamilyState.VALIDATED, FamilyState.DEPARTED, FamilyState.REFUSED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file or a person; ``families`` are the files that it is, or is of, with their codes."""

    id: int
    name: str
    families: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two children or two files that look like one."""

    kind: Merged
    one: Candidate
    other: Candidate


def describe(session: Session, kind: Merged, row_id: int) -> Candidate | None:
    """Return a file or a person as lists show it; None when there is none."""
    row = session.get(ROWS[kind], row_id)
    return None if row is None else _candidate(session, row)


def candidates(session: Session, kind: Merged, row_id: int, text: str) -> list[Candidate]:
    """Return what a row may be merged with.

    Of a file: those that hold these words, else those that share a child, an e-mail or a telephone; of a child:
    those born the same day; of an adult: the file's other one.
    """
    match kind:
        case Merged.FAMILY:
            found = _files(session, row_id, text)
        case Merged.CHILD:
            born_on = select(Child.born_on).where(Child.id == row_id).scalar_subquery()
            statement = select(Child).where(Child.born_on == born_on)
            found = _rows(session, _holding(statement, Child.search_text, text))
        case Merged.GUARDIAN:
            file = select(Guardian.family_id).where(Guardian.id == row_id).scalar_subquery()
            found = _rows(session, select(Guardian).where(Guardian.family_id == file))
    return [_candidate(session, row) for row in found if row.id != row_id]


def suspicions(session: Session) -> list[Suspicion]:
    """Return the children entered twice, and the settled files in which two adults have one e-mail."""
    pairs = [(Merged.CHILD, *ids) for ids in _twin_children(session)]
    pairs += [(Merged.FAMILY, *ids) for ids in _same_emails(session)]
    found = []
    for kind, one_id, other_id in pairs:
        one, other = describe(session, kind, one_id), describe(session, kind, other_id)
        if one is not None and other is not None:
            found.append(Suspicion(kind, one, other))
    return found


def _twin_children(session: Session) -> list[tuple[int, int]]:
    other = aliased(Child)
    rows = session.execute(
        select(Child.id, other.id)
        .join(other, and_(other.born_on == Child.born_on, other.search_text == Child.search_text))
        .where(Child.id < other.id, Child.search_text != "", _is_settled(Child.id), _is_settled(other.id))
        .order_by(Child.id, other.id)
        .limit(SUSPECTED)
    )
    return [(row[0], row[1]) for row in rows]


def _is_settled(child_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(
        ChildFamily.child_id == child_id, Family.id == ChildFamily.family_id, Family.state.in_(SETTLED)
    )


def _same_emails(session: Session) -> list[tuple[int, int]]:
    other, other_file = aliased(Guardian), aliased(Family)
    rows = session.execute(
        select(Guardian.family_id, other.family_id)
        .join(other, other.email == Guardian.email)
        .join(Family, Family.id == Guardian.family_id)
        .join(other_file, other_file.id == other.family_id)
        .where(
            Guardian.email != "",
            Guardian.family_id < other.family_id,
            Family.state.in_(SETTLED),
            other_file.state.in_(SETTLED),
        )
        .distinct()
        .order_by(Guardian.family_id, other.family_id)
        .limit(SUSPECTED)
    )
    return [(row[0], row[1]) for row in rows]


def _files(session: Session, family_id: int, text: str) -> Sequence[Any]:
    statement = select(Family).where(Family.state.in_(SETTLED))
    if not text.strip():
        alike = {one.other_family_id for one in find_duplicates(session, family_id)}
        return _rows(session, statement.where(Family.id.in_(alike)))
    return _rows(session, _holding(statement, Family.search_text, text))


def _holding(statement: Select[Any], column: InstrumentedAttribute[str], text: str) -> Select[Any]:
    """Keep the rows that hold each word, without accents."""
    for term in search_key(text).split():
        statement = statement.where(column.contains(term, autoescape=True))
    return statement


def _rows(session: Session, statement: Select[Any]) -> Sequence[Any]:
    return session.scalars(statement.limit(FOUND)).all()


def _candidate(session: Session, row: Any) -> Candidate:
    match row:
        case Family():
            return Candidate(row.id, row.name, ((row.name, row.code),))
        case Guardian():
            own = Family.id == row.family_id
        case _:
            own = Family.id.in_(select(ChildFamily.family_id).where(ChildFamily.child_id == row.id))
    files = session.execute(select(Family.name, Family.code).where(own).order_by(Family.id)).all()
    return Candidate(row.id, row.full_name, tuple((file.name, file.code) for file in files))
