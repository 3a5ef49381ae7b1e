"""Rows found by their words: as they are typed, or nearly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

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

    def matches(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a word is this one."""
        begins: ColumnElement[bool] = (column >= self.start) & (column < self.start + LAST)
        return or_(begins, column.in_(self.near)) if self.near else begins


def ids_of(session: Session, model: Any, key: str, terms: Sequence[Term], limit: int) -> list[int]:
    """Return the rows that hold every term, those with the very word first.

    Args:
        model: the table of words.
        key: its column that names the row.
    """
    first, *others = terms
    holder = getattr(model, key)
    statement = select(holder).where(first.matches(model.word)).order_by(model.word, holder).limit(limit * 2)
    for term in others:
        other = aliased(model)
        statement = statement.where(exists().where(getattr(other, key) == holder, term.matches(other.word)))
    return list(dict.fromkeys(session.scalars(statement)))[:limit]


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
