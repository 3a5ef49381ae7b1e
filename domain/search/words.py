"""Rows found by their words: as they are typed, or nearly. Each statement is built once and used again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Subquery,
    Table,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from domain.search.found import Kind
from domain.search.rules import distance, variants
from models.base import Base
from models.search import ChildWord, FamilyWord, GuardianWord, WordVariant

# After every sign that a word may hold.
LAST = "\U0010ffff"
CANDIDATES, NEAREST = 1_500, 40
# From so many rows on a word is common, and nobody counts further.
COMMON = 2_000
# Of the rows that hold the rarest word, so many are looked through for the others: of what is the text, and of what
# is only nearly it.
LOOKED_THROUGH, LOOKED_THROUGH_NEAR = 10_000, 500

TABLES: dict[Kind, Table] = {
    kind: Base.metadata.tables[model.__tablename__]
    for kind, model in (
        (Kind.FAMILY, FamilyWord),
        (Kind.GUARDIAN, GuardianWord),
        (Kind.CHILD, ChildWord),
    )
}
Ids = dict[Kind, list[int]]


@dataclass(frozen=True, slots=True)
class Term:
    """A word sought: by its beginning, by known words near to it, or by both."""

    start: str = ""
    near: tuple[str, ...] = ()

    @property
    def ways(self) -> tuple[str, ...]:
        """What makes a word this one: the name of each condition."""
        return (*(["start"] if self.start else []), *(["near"] if self.near else []))

    @property
    def parts(self) -> list["Term"]:
        """The term of each way alone."""
        return [part for part in (Term(self.start), Term(near=self.near)) if part.ways]

    def facts(self, name: str) -> Iterator[tuple[str, Any]]:
        """Give what a statement must be told of this term."""
        if self.start:
            yield f"{name}_start", self.start
            yield f"{name}_end", self.start + LAST
        if self.near:
            yield f"{name}_near", self.near


# A kind, and how each of its terms is sought.
Plan = tuple[Kind, tuple[tuple[str, ...], ...]]


@dataclass(slots=True)
class Lookup:
    """The words of one search among several kinds; it counts no word twice."""

    session: Session
    limit: int
    _counts: dict[tuple[Kind, Term], int] = field(default_factory=dict)
    _is_sqlite: bool = field(init=False)

    def __post_init__(self) -> None:
        """Know the database."""
        self._is_sqlite = self.session.get_bind().dialect.name == "sqlite"

    def holding(self, wanted: Mapping[Kind, Sequence[Term]], *, looked_through: int = LOOKED_THROUGH) -> Ids:
        """Return the rows of each kind that hold every term, those with the very word first; two queries at most.

        Args:
            looked_through: how many rows of the rarest word are looked through for the others.
        """
        found: dict[Kind, dict[int, None]] = {kind: {} for kind in wanted}
        terms = self._rarest_first(
            {kind: terms for kind, terms in wanted.items() if all(t.ways for t in terms)}
        )
        if terms:
            plans = tuple((kind, tuple(one.ways for one in own)) for kind, own in terms.items())
            facts = {"most": self.limit * 2, "looked_through": looked_through} | {
                name: fact
                for kind, own in terms.items()
                for place, term in enumerate(own)
                for name, fact in term.facts(f"{kind}{place}")
            }
            rows = self.session.execute(_holders(plans, is_sqlite=self._is_sqlite), facts)
            # In the order of the words, which is that of the signs on both databases.
            for kind, _word, row_id in sorted(map(tuple, rows)):
                found[Kind(kind)][row_id] = None
        return {kind: list(ids)[: self.limit] for kind, ids in found.items()}

    def is_known(self, kind: Kind, start: str) -> bool:
        """Whether a row of this kind holds a word that begins so; only of words that were counted."""
        return self._counts[kind, Term(start)] > 0

    def _count(self, pairs: Iterable[tuple[Kind, Term]]) -> None:
        """Learn how many rows of a kind hold a term, as far as it is not known yet; one query."""
        parts = dict.fromkeys((kind, part) for kind, term in pairs for part in term.parts)
        asked = [pair for pair in parts if pair not in self._counts]
        if not asked:
            return
        if not self._counts and not self._is_sqlite:
            self.session.execute(_WEIGH_ANEW)
        plan = tuple((kind, *term.ways) for kind, term in asked)
        facts = {
            name: fact
            for place, (_kind, term) in enumerate(asked)
            for name, fact in term.facts(f"term{place}")
        }
        for place, count in self.session.execute(_counts(plan), facts):
            self._counts[asked[place]] = count

    def _rarest_first(self, wanted: Mapping[Kind, Sequence[Term]]) -> dict[Kind, list[Term]]:
        """Put the rarest word first, as the others are only looked up for the rows that hold it; leave out the vain."""
        several = {kind: terms for kind, terms in wanted.items() if len(terms) > 1}
        if not several:
            return {kind: list(terms) for kind, terms in wanted.items()}
        self._count((kind, term) for kind, terms in several.items() for term in terms)
        ordered = {kind: list(terms) for kind, terms in wanted.items() if kind not in several}
        for kind, terms in several.items():
            counts = {term: sum(self._counts[kind, part] for part in term.parts) for term in terms}
            if all(counts.values()):
                ordered[kind] = sorted(terms, key=counts.__getitem__)
        return ordered


# How PostgreSQL best joins two words is told by how common these two are, which the plan of a prepared statement forgets.
_WEIGH_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")


def _condition(word: ColumnElement[str], name: str, way: str) -> ColumnElement[bool]:
    """Return one of the conditions that make a word a term: a range of the index, or a few words."""
    if way == "near":
        return word.in_(bindparam(f"{name}_near", expanding=True))
    return (word >= bindparam(f"{name}_start")) & (word < bindparam(f"{name}_end"))


def _key(table: FromClause) -> Any:
    return next(column for column in table.c if column.name != "word")


@lru_cache(maxsize=512)
def _counts(plan: tuple[tuple[Kind, str], ...]) -> CompoundSelect[Any]:
    """Count the rows of each term, which is sought in one way, by its place."""
    parts = []
    for place, (kind, way) in enumerate(plan):
        condition = _condition(TABLES[kind].c.word, f"term{place}", way)
        some = select(literal(1)).select_from(TABLES[kind]).where(condition).limit(COMMON).subquery()
        parts.append(select(literal(place), func.count()).select_from(some))
    return union_all(*parts)


@lru_cache(maxsize=512)
def _holders(plans: tuple[Plan, ...], *, is_sqlite: bool) -> CompoundSelect[Any]:
    """Select the first rows of each kind that hold every term, with the word that the first term found."""
    return union_all(
        *(
            select(literal(plan[0].value), part.c.word, part.c.id)
            for plan in plans
            for part in _parts(plan, is_sqlite=is_sqlite)
        )
    )


def _parts(plan: Plan, *, is_sqlite: bool) -> Iterator[Subquery]:
    """Give one selection for each way of being the first term: of both at once, in order, PostgreSQL reads every word."""
    kind, (first, *others) = plan
    table = TABLES[kind]
    for way in first:
        rows = (
            select(table.c.word, _key(table).label("id"))
            .where(_condition(table.c.word, f"{kind}0", way))
            .order_by(table.c.word, _key(table))
        )
        if not others:
            yield rows.limit(bindparam("most")).subquery()
            continue
        # In no order again: the first rows that hold all are enough, and the others are not read.
        looked_at = rows.limit(bindparam("looked_through")).subquery()
        holding = [
            _held(table, looked_at.c.id, f"{kind}{place}", ways, is_sqlite=is_sqlite)
            for place, ways in enumerate(others, 1)
        ]
        yield select(looked_at.c.word, looked_at.c.id).where(*holding).limit(bindparam("most")).subquery()


def _held(table: Table, key: Any, name: str, ways: Sequence[str], *, is_sqlite: bool) -> ColumnElement[bool]:
    """Return the condition that a row, found by another word, holds this one too."""
    other = table.alias()
    # SQLite would look for each near word of each row by the index, rather than at the few words of the row.
    word = other.c.word + "" if "near" in ways and is_sqlite else other.c.word
    return exists().where(_key(other) == key, or_(*(_condition(word, name, way) for way in ways)))


# --- misspelt words

_KNOWN = (
    select(WordVariant.word, WordVariant.variant)
    .where(WordVariant.variant.in_(bindparam("variants", expanding=True)))
    .limit(bindparam("most"))
)


def near_words(session: Session, starts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the known words that each may be a misspelling of, the nearest first; none that begins with it."""
    asked = {start: variants(start) for start in starts}
    every = sorted(set().union(*asked.values()))
    known: dict[str, set[str]] = {}
    if every:
        facts = {"variants": every, "most": CANDIDATES * len(starts)}
        for word, variant in session.execute(_KNOWN, facts):
            known.setdefault(variant, set()).add(word)
    return {start: _nearest(start, own, known) for start, own in asked.items()}


def _nearest(start: str, own: Iterable[str], known: Mapping[str, set[str]]) -> tuple[str, ...]:
    words = set().union(*(known.get(variant, ()) for variant in own))
    measured = sorted(
        (far, word)
        for word in words
        if not word.startswith(start) and (far := distance(start, word)) is not None
    )
    return tuple(word for _far, word in measured[:NEAREST])
