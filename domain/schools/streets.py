"""Street names as people write them, brought to one form, and addresses cut into number and street."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.family.names import search_key

_STREET_TYPES = {
    "all": "allee",
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "boul": "boulevard",
    "ch": "chemin",
    "che": "chemin",
    "chem": "chemin",
    "crs": "cours",
    "fbg": "faubourg",
    "fg": "faubourg",
    "ham": "hameau",
    "imp": "impasse",
    "lot": "lotissement",
    "pas": "passage",
    "pass": "passage",
    "pl": "place",
    "q": "quai",
    "r": "rue",
    "res": "residence",
    "rte": "route",
    "sen": "sente",
    "sq": "square",
}
_FULL_TYPES = frozenset(_STREET_TYPES.values()) | {
    "clos",
    "mail",
    "parc",
    "sentier",
    "venelle",
    "villa",
    "voie",
}
_SAINTS = {"st": "saint", "ste": "sainte"}
_SMALL_WORDS = frozenset({"a", "au", "aux", "d", "de", "des", "du", "en", "l", "la", "le", "les", "et"})
_NUMBER = re.compile(r"(\d{1,4})([a-z]*)")
_LATIN_SUFFIXES = frozenset({"bis", "ter", "quater", "quinquies"})


def street_key(name: str) -> str:
    """Return the form in which street names are compared: ``R. DES ECOLES`` and ``Rue des Écoles`` are one.

    Case, accents, punctuation and articles go; abbreviated types of street and saints are written in full.
    """
    words = search_key(name).split()
    if words:
        words[0] = _STREET_TYPES.get(words[0], words[0])
    head, tail = words[:1], [_SAINTS.get(word, word) for word in words[1:]]
    return " ".join(head + [word for word in tail if word not in _SMALL_WORDS])


@dataclass(frozen=True, slots=True)
class StreetAddress:
    """One way to read the first line of an address; ``number`` is None when there is none."""

    street_key: str
    number: int | None = None
    suffix: str = ""


def readings(line: str) -> Iterator[StreetAddress]:
    """Yield the ways to read an address line, the likeliest first; the caller keeps the first known street.

    ``12 bis, rue des Écoles`` has its number first. Else the whole may be a street (``Rue du 11 Novembre 1918``
    lacks its number), or the number may be at the end (``R. DES ECOLES 12``).
    """
    words = search_key(line).split()
    leading = _leading(words)
    if leading is not None:
        yield leading
        return
    yield StreetAddress(street_key(line))
    for length in (1, 2):
        trailing = _trailing(words, length)
        if trailing is not None:
            yield trailing


def _leading(words: list[str]) -> StreetAddress | None:
    match = _NUMBER.fullmatch(words[0]) if words else None
    if match is None or not _is_suffix(match[2]):
        return None
    number, suffix, rest = int(match[1]), match[2], words[1:]
    if not suffix and rest and _is_separate_suffix(rest):
        suffix, rest = rest[0], rest[1:]
    return StreetAddress(street_key(" ".join(rest)), number, suffix) if rest else None


def _trailing(words: list[str], length: int) -> StreetAddress | None:
    """Read the last ``length`` words as the number: ``12``, ``12bis``, or ``12 bis``."""
    if len(words) <= length:
        return None
    match = _NUMBER.fullmatch("".join(words[-length:]))
    if match is None or not _is_suffix(match[2]) or (length == 2 and not words[-2].isdecimal()):
        return None
    if length == 2 and not match[2]:
        return None
    return StreetAddress(street_key(" ".join(words[:-length])), int(match[1]), match[2])


def _is_suffix(text: str) -> bool:
    return text in _LATIN_SUFFIXES or len(text) <= 1


def _is_separate_suffix(rest: list[str]) -> bool:
    """Whether the word after the number is its suffix; a lone letter is, only before a type of street."""
    if rest[0] in _LATIN_SUFFIXES:
        return True
    is_letter = len(rest[0]) == 1 and rest[0].isalpha()
    return is_letter and len(rest) > 1 and _STREET_TYPES.get(rest[1], rest[1]) in _FULL_TYPES
