"""What the search box finds, by kind: people by their words, documents by their numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.search.documents import documents
from domain.search.found import Found, Hit, Kind
from domain.search.people import BRIEF, TOLD
from domain.search.rules import Sought, distance, joined_terms, name_words, near_codes, read_search
from domain.search.words import LOOKED_THROUGH_NEAR, TABLES, Ids, Lookup, Term, near_words
from models.family import Child, Family, FamilyState

SHOWN, LOOKED_AT = 8, 40
# Fewer than these are worth a look among misspellings.
FEW = 4
# The word is of somebody else in the file.
OF_OTHERS = 5


def find(session: Session, text: str, *, kinds: Iterable[Kind], today: date) -> Found:
    """Return what a text finds among these kinds; a fixed number of queries."""
    sought, allowed = read_search(text), frozenset(kinds)
    found = Found(sought)
    if sought.is_empty:
        return found
    for kind, ids in _people(session, sought, allowed, found).items():
        if not ids:
            continue
        hits = _ranked(BRIEF[kind](session, ids), sought)
        if len(hits) > SHOWN:
            found.more.add(kind)
        found.hits[kind] = TOLD[kind](session, hits[:SHOWN], today)
    found.hits |= documents(session, sought, allowed, today)
    return found


# --- people, by their words


def _people(session: Session, sought: Sought, allowed: frozenset[Kind], found: Found) -> Ids:
    if sought.born_on is not None:
        return {Kind.CHILD: _born(session, sought)} if Kind.CHILD in allowed else {}
    kinds = [kind for kind in TABLES if kind in allowed]
    words = Lookup(session, LOOKED_AT)
    ids = words.holding({kind: [Term(term) for term in sought.terms] for kind in kinds})
    if sought.figures:
        if Kind.FAMILY in allowed and not ids[Kind.FAMILY]:
            ids[Kind.FAMILY] = _by_near_code(session, sought.figures)
            found.near |= {Kind.FAMILY} if ids[Kind.FAMILY] else set()
        return ids
    if not sought.is_address:
        _add(found, ids, _nearly(words, ids, sought))
    elif Kind.GUARDIAN in allowed and not any(ids.values()):
        _add(found, ids, _by_words_of_address(words, sought))
    return ids


def _add(found: Found, ids: Ids, more: Ids) -> None:
    """Put behind what holds the words what nearly holds them, and note the kinds found by that alone."""
    for kind, near in more.items():
        if near and not ids[kind]:
            found.near.add(kind)
        ids[kind] = list(dict.fromkeys([*ids[kind], *near]))


def _nearly(words: Lookup, ids: Ids, sought: Sought) -> Ids:
    """Return what is found by misspelt words, or by two words written as one, where little was found."""
    scarce = [kind for kind in ids if len(ids[kind]) < FEW]
    if not scarce:
        return {}
    more = _misspelt(words, scarce, sought.terms)
    for terms in joined_terms(sought):
        if not any(more.values()):
            more = words.holding({kind: [Term(term) for term in terms] for kind in scarce})
    return more


def _misspelt(words: Lookup, kinds: Sequence[Kind], starts: Sequence[str]) -> Ids:
    """Correct the words that nothing of a kind holds; where that finds little, any of them."""
    near = near_words(words.session, starts)
    more: Ids = {kind: [] for kind in kinds}
    if not any(near.values()):
        return more
    first = {kind: _corrected(words, kind, near) for kind in kinds} if len(starts) > 1 else {}
    more |= words.holding({kind: terms for kind, terms in first.items() if terms})
    either = {kind: _either(words, kind, near) for kind in kinds if len(more[kind]) < FEW}
    second = {kind: terms for kind, terms in either.items() if terms != first.get(kind)}
    for kind, ids in words.holding(second, looked_through=LOOKED_THROUGH_NEAR).items():
        more[kind] = list(dict.fromkeys([*more[kind], *ids]))
    return more


def _corrected(words: Lookup, kind: Kind, near: Mapping[str, tuple[str, ...]]) -> list[Term]:
    """Return the terms with known words in the place of those that no row of this kind holds, if there is one."""
    terms = [Term(one) if words.is_known(kind, one) else Term(near=near[one]) for one in near]
    return terms if any(not term.start for term in terms) else []


def _either(words: Lookup, kind: Kind, near: Mapping[str, tuple[str, ...]]) -> list[Term]:
    """Return the terms as they were typed or corrected; of several, those that no row of this kind holds only corrected."""
    if len(near) == 1:
        return [Term(*one) for one in near.items()]
    return [Term(one if words.is_known(kind, one) else "", known) for one, known in near.items()]


def _by_words_of_address(words: Lookup, sought: Sought) -> Ids:
    """Return the adults that have the words before the ``@`` in their names or in their address, or nearly."""
    local = read_search(sought.terms[0].partition("@")[0])
    ids = words.holding({Kind.GUARDIAN: [Term(term) for term in local.terms]} if local.terms else {})
    return ids if any(ids.values()) else _nearly(words, ids, local)


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
