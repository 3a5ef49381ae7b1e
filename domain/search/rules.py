"""What a typed text may mean, which words a name is found by, and how near two words are. Pure.

A misspelt word is found by what it shares with the right one: the beginnings of both, with a letter or two left
out (a symmetric deletion index). "hernandes" and "hernandez" share "hernand".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from rapidfuzz.distance import OSA

from domain.family.names import search_key
from domain.family.rules import CODE_LENGTH, is_family_code

MAX_TERMS, MAX_LENGTH = 8, 80
# A shorter word is one letter away from too many others.
SHORTEST_MISSPELT, PARTIAL, LONG = 4, 5, 7
# Variants are made of a word's beginning, so that a long one has not hundreds of them.
BEGINNING = 7
_DAY = re.compile(r"\b(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>(?:19|20)?\d{2})\b")
_ISO_DAY = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b")
_CENTURY = 2000
_FIGURES = re.compile(r"[\d\s.\-+()/]+")
_NUMBER = re.compile(r"(?P<series>[A-Z]?)(?P<year>20\d{2})?[ -]?(?P<sequence>\d{1,6})", re.IGNORECASE)
_ENOUGH_FIGURES = 4


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """The number of an invoice, a payment or a refund, or a part of it; empty or None where it was left out."""

    series: str
    year: int | None
    sequence: int

    def written(self, series: str, years: Iterable[int]) -> list[str]:
        """Return the whole numbers that it may stand for, in one series."""
        if self.series not in ("", series):
            return []
        chosen = [self.year] if self.year else list(years)
        return [f"{series}{year}-{self.sequence:06d}" for year in chosen]


@dataclass(frozen=True, slots=True)
class Sought:
    """A text as the search understands it.

    Attributes:
        terms: what each row found must hold, the longest first: words without accents, an e-mail address, or
            figures alone (a code famille, a telephone, or the beginning of one).
        figures: the figures, when the text is made of nothing else.
        born_on: the day that the text writes, in any usual manner; it is none of the terms.
        number: the number of a document, whole or not.
    """

    text: str
    terms: tuple[str, ...]
    figures: str
    born_on: date | None
    number: DocumentNumber | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.terms and self.born_on is None

    @property
    def is_address(self) -> bool:
        """Whether the text is an e-mail address, whole or not."""
        return len(self.terms) == 1 and "@" in self.terms[0]


def read_search(text: str) -> Sought:
    """Return what a typed text may mean."""
    bare = " ".join(text.split())[:MAX_LENGTH]
    born_on, rest = _day(bare)
    figures = _figures(rest)
    if figures:
        terms = [figures]
    elif "@" in rest and " " not in rest:
        terms = [rest.lower()]
    else:
        terms = sorted(dict.fromkeys(search_key(rest).split()), key=len, reverse=True)[:MAX_TERMS]
        # A single letter narrows nothing beside a word.
        terms = [term for term in terms if len(term) > 1] or terms
    return Sought(bare, tuple(terms), figures, born_on, _number(bare))


def _figures(text: str) -> str:
    if not _FIGURES.fullmatch(text):
        return ""
    figures = re.sub(r"\D", "", text.replace("(0)", ""))
    for abroad in ("0033", "33"):
        if figures.startswith(abroad) and len(figures) == len(abroad) + 9:
            figures = "0" + figures.removeprefix(abroad)
    return figures if len(figures) >= _ENOUGH_FIGURES else ""


def _day(text: str) -> tuple[date | None, str]:
    """Return the day within a text, and the text without it."""
    found = _ISO_DAY.search(text) or _DAY.search(text)
    # Figures around it make it a part of a telephone.
    if found is None or (found[0] != text and _FIGURES.fullmatch(text)):
        return None, text
    year = int(found["year"])
    try:
        day = date(year if year > 99 else _CENTURY + year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None, text
    return day, text.replace(found[0], " ").strip()


def _number(text: str) -> DocumentNumber | None:
    found = _NUMBER.fullmatch(text)
    if found is None or int(found["sequence"]) == 0:
        return None
    year = int(found["year"]) if found["year"] else None
    return DocumentNumber(found["series"].upper(), year, int(found["sequence"]))


def near_codes(figures: str) -> list[str]:
    """Return the codes famille one wrong figure, or one swap of neighbours, away from eight figures that are none."""
    if len(figures) != CODE_LENGTH or is_family_code(figures):
        return []
    changed = {
        figures[:place] + figure + figures[place + 1 :]
        for place in range(CODE_LENGTH)
        for figure in "0123456789"
    }
    swapped = {
        figures[:place] + figures[place + 1] + figures[place] + figures[place + 2 :]
        for place in range(CODE_LENGTH - 1)
    }
    return sorted(code for code in changed | swapped if is_family_code(code))


def name_words(*names: str) -> set[str]:
    """Return the words of names, and each name of several words written as one: ``ben``, ``ali``, ``benali``."""
    words: set[str] = set()
    for name in names:
        parts = search_key(name).split()
        words.update(parts)
        if len(parts) > 1:
            words.add("".join(parts))
    return {word[:MAX_LENGTH] for word in words}


def phone_words(*phones: str) -> set[str]:
    """Return stored telephone numbers as people dial them, in figures alone."""
    french = ("0" + phone.removeprefix("+33") if phone.startswith("+33") else phone for phone in phones)
    return {figures for phone in french if (figures := re.sub(r"\D", "", phone))}


def email_words(email: str) -> set[str]:
    """Return an address as it is written, and the words before its ``@``."""
    if not email:
        return set()
    return {email.lower()[:MAX_LENGTH]} | set(search_key(email.partition("@")[0]).split())


def variants(word: str) -> set[str]:
    """Return a word's beginning, whole and with a letter or two left out; none for a short word or a number."""
    if len(word) < SHORTEST_MISSPELT or not word.isalpha():
        return set()
    start = word[:BEGINNING]
    return {
        "".join(left) for gone in range(_reach(word) + 1) for left in combinations(start, len(start) - gone)
    }


def _reach(word: str) -> int:
    """Return how many letters of a word may be wrong."""
    return 2 if len(word) >= LONG else 1


def distance(typed: str, known: str) -> int | None:
    """Return how many letters are wrong, missing, too many or swapped; None when the words are not near.

    A word that is typed in part is compared with as much of the known one.
    """
    reach = _reach(typed)
    whole = OSA.distance(typed, known, score_cutoff=reach)
    part = OSA.distance(typed, known[: len(typed)], score_cutoff=reach) if len(typed) >= PARTIAL else whole
    best = min(whole, part)
    return best if best <= reach else None


def joined_terms(sought: Sought) -> Iterator[tuple[str, ...]]:
    """Give the terms with two neighbours of the text written as one word: for ``ben ali``, ``benali``."""
    words = search_key(sought.text).split()[:MAX_TERMS]
    for place in range(len(words) - 1):
        yield (*words[:place], words[place] + words[place + 1], *words[place + 2 :])
