"""Names of people: kept exactly as typed, shown whole, and found without accents."""

import re
import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_OTHER_SCRIPT = re.compile(r"[\W_]+")


def search_key(*texts: str) -> str:
    """Return texts in the form in which they are searched: lower case, no accent, words parted by one space.

    Letters of other scripts stay, so that a name written in them is found as typed.
    """
    # Case folds a second time: what a styled or composed letter stands for may be a capital.
    text = unicodedata.normalize("NFKD", " ".join(texts).casefold()).casefold().translate(_LETTERS)
    bare = "".join(sign for sign in text if not unicodedata.combining(sign))
    parting = _NOT_WORD if bare.isascii() else _OTHER_SCRIPT
    return parting.sub(" ", bare).strip()


def full_name(given_name: str, family_name: str) -> str:
    """Return given name then family name, as typed; either may be missing."""
    return f"{given_name} {family_name}".strip()


def sorted_name(given_name: str, family_name: str) -> str:
    """Return family name then given name, as lists for staff show it; either may be missing."""
    return f"{family_name} {given_name}".strip()


def formal_name(civility: str, given_name: str, family_name: str) -> str:
    """Return the name as a letter writes it: ``Mme Olivie Hernandez``; without civility, the name alone.

    Args:
        civility: ``mme``, ``m`` or empty, as it is stored.
    """
    titles = {"mme": "Mme", "m": "M.", "": ""}
    return f"{titles[civility]} {full_name(given_name, family_name)}".strip()
