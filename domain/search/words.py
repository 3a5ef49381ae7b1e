"""Rows found by their words: as they are typed, or nearly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, exists, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from domain.search.found import Kind
from domain.search.rules import distance, variants
from models.search import WordVariant

# After every sign that a word may hold.
LAST = "\U0010ffff"
CANDIDATES, NEAREST = 1500, 40


@dataclass(frozen=True, slots=True)
class Term:
    """A word sought: by its beginning, or by known words near to it."""

    start: str
    near: tuple[str, ...] = ()

    def ways(self, column: Any) -> list[ColumnElement[bool]]:
        """Return the conditions, one of which makes a word this one: each is a range of an index, or a few words."""
        begins = (column >= self.start) & (column < self.start + LAST)
        return [begins, column.in_(self.near)] if self.near else [begins]

    def held(self, model: Any, key: str, *, is_sqlite: bool) -> ColumnElement[bool]:
        """Return the condition that a row, found by another word, holds this one too."""
        other = aliased(model)
        # SQLite would look for each near word of each row by the index, rather than at the few words of the row.
        word = other.word + "" if self.near and is_sqlite else other.word
        return exists().where(getattr(other, key) == getattr(model, key), or_(*self.ways(word)))


def ids_of(
    session: Session, tables: Mapping[Kind, tuple[Any, str]], terms: Sequence[Term], limit: int
) -> dict[Kind, list[int]]:
    """Return the rows of each kind that hold every term, those with the very word first; one query.

    Args:
        tables: by kind, the table of words and its column that names the row.
    """
    found: dict[Kind, dict[int, None]] = {kind: {} for kind in tables}
    if tables:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        parts = [
            select(literal(kind.value), part.c.word, part.c.id)
            for kind, table in tables.items()
            for part in _holders(*table, terms, limit * 2, is_sqlite=is_sqlite)
        ]
        # In the order of the words, which is that of the signs on both databases.
        for kind, _word, row_id in sorted(session.execute(union_all(*parts)), key=tuple):
            found[Kind(kind)][row_id] = None
    return {kind: list(ids)[:limit] for kind, ids in found.items()}


def _holders(
    model: Any, key: str, terms: Sequence[Term], limit: int, *, is_sqlite: bool
) -> Iterator[Subquery]:
    """Select the first rows that hold every term, with the word that the first term found.

    One selection for each way of being the first term: of both at once, in order, PostgreSQL reads every word.
    """
    first, *others = terms
    holder = getattr(model, key)
    rows = select(model.word, holder.label("id")).order_by(model.word, holder).limit(limit)
    for term in others:
        rows = rows.where(term.held(model, key, is_sqlite=is_sqlite))
    for way in first.ways(model.word):
        yield rows.where(way).subquery()


def near_terms(session: Session, terms: Sequence[str]) -> list[Term]:
    """Return the terms with the known words that each may be a misspelling of."""
    asked = {term: variants(term) for term in terms}
    every = sorted(set().union(*asked.values()))
    known = (
        session.execute(
            select(WordVariant.word, WordVariant.variant)
            .where(WordVariant.variant.in_(every))
            .limit(CANDIDATES * len(terms))
        ).all()
        if every
        else []
    )
    found = []
    for term, own in asked.items():
        words = {word for word, variant in known if variant in own}
        measured = sorted((far, word) for word in words if (far := distance(term, word)) is not None)
        found.append(Term(term, tuple(word for _far, word in measured[:NEAREST])))
    # The one with the fewest words comes first: the others are only looked up for what it finds.
    return sorted(found, key=lambda term: (len(term.near), -len(term.start)))
