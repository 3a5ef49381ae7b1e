"""What the search box finds, by kind: people by their words, documents by their numbers."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.search.documents import documents
from domain.search.found import Found, Hit, Kind
from domain.search.people import LOADERS
from domain.search.rules import Sought, distance, joined_terms, name_words, near_codes, read_search
from domain.search.words import Term, ids_of, near_terms
from models.family import Child, Family, FamilyState
from models.search import ChildWord, FamilyWord, GuardianWord

SHOWN, LOOKED_AT = 8, 40
# Fewer than these are worth a look among misspellings.
FEW = 4
# The word is of somebody else in the file.
OF_OTHERS = 5

WORDS: dict[Kind, tuple[Any, str]] = {
    Kind.FAMILY: (FamilyWord, "family_id"),
    Kind.GUARDIAN: (GuardianWord, "guardian_id"),
    Kind.CHILD: (ChildWord, "child_id"),
}


def find(session: Session, text: str, *, kinds: Iterable[Kind], today: date) -> Found:
    """Return what a text finds among these kinds; a fixed number of queries."""
    sought, allowed = read_search(text), frozenset(kinds)
    found = Found(sought)
    if sought.is_empty:
        return found
    ids = _people(session, sought, allowed, found)
    for kind, keep in ids.items():
        if not keep:
            continue
        hits = _ranked(LOADERS[kind](session, keep, today), sought)
        if len(hits) > SHOWN:
            found.more.add(kind)
        found.hits[kind] = hits[:SHOWN]
    found.hits |= documents(session, sought, allowed, today)
    return found


# --- people, by their words


def _people(
    session: Session, sought: Sought, allowed: frozenset[Kind], found: Found
) -> dict[Kind, list[int]]:
    if sought.born_on is not None:
        return {Kind.CHILD: _born(session, sought)} if Kind.CHILD in allowed else {}
    kinds = [kind for kind in WORDS if kind in allowed]
    ids = _holding(session, kinds, [Term(term) for term in sought.terms])
    if sought.figures:
        if Kind.FAMILY in allowed and not ids[Kind.FAMILY]:
            ids[Kind.FAMILY] = _by_near_code(session, sought.figures)
            found.near |= {Kind.FAMILY} if ids[Kind.FAMILY] else set()
        return ids
    for kind, more in _nearly(session, kinds, ids, sought).items():
        if more and not ids[kind]:
            found.near.add(kind)
        ids[kind] = list(dict.fromkeys([*ids[kind], *more]))
    return ids


def _holding(session: Session, kinds: Sequence[Kind], terms: Sequence[Term]) -> dict[Kind, list[int]]:
    return ids_of(session, {kind: WORDS[kind] for kind in kinds}, terms, LOOKED_AT)


def _nearly(
    session: Session, kinds: Sequence[Kind], ids: dict[Kind, list[int]], sought: Sought
) -> dict[Kind, list[int]]:
    """Return what is found by misspelt words, or by two words written as one, where little was found."""
    scarce = [kind for kind in kinds if len(ids[kind]) < FEW]
    if not scarce:
        return {}
    more = _holding(session, scarce, near_terms(session, sought.terms))
    for terms in joined_terms(sought):
        if not any(more.values()):
            more = _holding(session, scarce, [Term(term) for term in terms])
    return more


def _born(session: Session, sought: Sought) -> list[int]:
    statement = select(Child.id).where(Child.born_on == sought.born_on).order_by(Child.search_text, Child.id)
    for term in sought.terms:
        statement = statement.where(Child.search_text.contains(term, autoescape=True))
    return list(session.scalars(statement.limit(LOOKED_AT)))


def _by_near_code(session: Session, figures: str) -> list[int]:
    codes = near_codes(figures)
    return list(session.scalars(select(Family.id).where(Family.code.in_(codes)))) if codes else []


def _ranked(hits: list[Hit], sought: Sought) -> list[Hit]:
    """Put first what bears the words itself, whole before begun before misspelt, and open files before closed ones."""

    def key(hit: Hit) -> tuple[int, bool, str, int]:
        own = {*name_words(hit.name), hit.code}
        is_open = hit.state in ("", FamilyState.VALIDATED.value)
        return sum(_farness(term, own) for term in sought.terms), not is_open, hit.name.casefold(), hit.id

    return sorted(hits, key=key)


def _farness(term: str, own: set[str]) -> int:
    """Return how far a term is from the nearest of a row's own words."""
    if term in own:
        return 0
    if any(word.startswith(term) for word in own):
        return 1
    measured = [far for word in own if (far := distance(term, word)) is not None]
    return min(measured, default=OF_OTHERS) + 1
