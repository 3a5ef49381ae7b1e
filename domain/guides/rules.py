"""Guides, their pages and sections; a search without accents that shows where it found what."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\w+")
# Words that stand in every section and tell none from another.
EMPTY_WORDS = frozenset(
    [
        "a",
        "ai",
        "au",
        "aux",
        "avec",
        "c",
        "ce",
        "ces",
        "cette",
        "comment",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "elle",
        "en",
        "est",
        "et",
        "faire",
        "il",
        "ils",
        "j",
        "je",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "ma",
        "mes",
        "mon",
        "n",
        "ne",
        "nos",
        "notre",
        "nous",
        "on",
        "ou",
        "par",
        "pas",
        "pour",
        "qu",
        "que",
        "qui",
        "quoi",
        "quand",
        "s",
        "sa",
        "se",
        "ses",
        "son",
        "sur",
        "un",
        "une",
        "votre",
        "vos",
        "vous",
        "y",
    ]
)
IN_TITLE, IN_PAGE_TITLE, MOST_IN_TEXT = 12, 5, 2
EXTRACT_BEFORE, EXTRACT_LENGTH = 60, 210


@dataclass(frozen=True, slots=True)
class GuideSection:
    """One task: its place in the page, its words as HTML, and the same without marks."""

    anchor: str
    title: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class GuidePage:
    """One page of a guide; the words before its first section are its introduction."""

    slug: str
    title: str
    lead: str
    html: str
    sections: tuple[GuideSection, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The pages written for one kind of reader."""

    key: str
    pages: tuple[GuidePage, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A section that answers a search.

    Args:
        extract: pieces of its text, in order; true marks a word that was searched.
    """

    guide: str
    page: GuidePage
    anchor: str
    title: str
    extract: tuple[tuple[str, bool], ...]


def plain(text: str) -> str:
    """Return a text in small letters without accents."""
    spread = unicodedata.normalize("NFD", text.lower().replace("œ", "oe"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def stems(query: str) -> tuple[str, ...]:
    """Return the beginnings to look for: ``Réserver les repas`` gives ``reserv`` and ``repas``'s ``repa``."""
    words = [plain(word) for word in WORD.findall(query)]
    kept = [word for word in words if word not in EMPTY_WORDS] or words
    return tuple(dict.fromkeys(_stem(word) for word in kept))


def _stem(word: str) -> str:
    for ending in ("ements", "ement", "ations", "ation", "ees", "er", "ez", "es", "ee"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word[:-1] if len(word) > 3 and word[-1] in "esx" else word


def search_guides(guides: Sequence[Guide], query: str) -> list[Found]:
    """Return the sections that hold every word searched, the best first; if none does, those that hold some."""
    wanted = stems(query)
    if not wanted:
        return []
    scored = []
    for place, (guide, page, section) in enumerate(_sections(guides)):
        scores = [_score(stem, page, section) for stem in wanted]
        held = sum(1 for score in scores if score)
        if any(_count(stem, f"{section.title} {section.text}") for stem in wanted):
            scored.append((-held, -sum(scores), place, _found(guide, page, section, wanted)))
    whole = [row for row in scored if -row[0] == len(wanted)] or scored
    return [row[3] for row in sorted(whole, key=lambda row: row[:3])]


def _sections(guides: Iterable[Guide]) -> Iterator[tuple[Guide, GuidePage, GuideSection]]:
    """Yield every section; a page's introduction counts as one, without an anchor."""
    for guide in guides:
        for page in guide.pages:
            yield guide, page, GuideSection("", page.title, page.html, page.lead)
            for section in page.sections:
                yield guide, page, section


def _score(stem: str, page: GuidePage, section: GuideSection) -> int:
    """Weigh a word: most in a title, and more in a short one, which says little else."""
    said = [word for word in WORD.findall(section.title) if plain(word) not in EMPTY_WORDS]
    in_title = IN_TITLE + IN_TITLE // max(1, len(said)) if _count(stem, section.title) else 0
    in_page = IN_PAGE_TITLE if section.anchor and _count(stem, page.title) else 0
    return in_title + in_page + min(MOST_IN_TEXT, _count(stem, section.text))


def _count(stem: str, text: str) -> int:
    return sum(1 for word in WORD.findall(text) if plain(word).startswith(stem))


def _found(guide: Guide, page: GuidePage, section: GuideSection, wanted: Sequence[str]) -> Found:
    pieces = tuple(_pieces(section.text, wanted))
    return Found(guide.key, page, section.anchor, section.title, pieces)


def _pieces(text: str, wanted: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text around the first word found, cut between words, with the words found set apart."""
    hits = [match for match in WORD.finditer(text) if plain(match[0]).startswith(tuple(wanted))]
    start = _start_of_word(text, hits[0].start() - EXTRACT_BEFORE) if hits else 0
    end = _start_of_word(text, start + EXTRACT_LENGTH)
    if start:
        yield "… ", False
    here = start
    for hit in hits:
        if hit.start() < here or hit.end() > end:
            continue
        if hit.start() > here:
            yield text[here : hit.start()], False
        yield hit[0], True
        here = hit.end()
    rest = text[here:end].rstrip()
    if rest or end < len(text):
        yield rest + (" …" if end < len(text) else ""), False


def _start_of_word(text: str, place: int) -> int:
    """Return where the first word begins at or after a place; the ends of the text are words' ends."""
    if place <= 0:
        return 0
    gap = text.find(" ", place)
    return len(text) if gap < 0 else gap + 1
