"""How strong a password must be: the three cases of the CNIL's recommendation of 2022 (delibération 2022-100)."""

import re
from collections.abc import Iterable
from enum import StrEnum

from domain.errors import Refusal
from domain.family.names import search_key

MIXED_LENGTH = 12
PLAIN_LENGTH = 14
PHRASE_WORDS = 7
MAX_LENGTH = 128
_WORD = re.compile(r"[^\W\d_]{2,}")


class PasswordWeakness(StrEnum):
    """Why a password is refused; also the Refusal's code."""

    TOO_SHORT = "password_too_short"
    TOO_PLAIN = "password_too_plain"
    TOO_LONG = "password_too_long"
    PERSONAL = "password_personal"


def password_weakness(password: str, personal: Iterable[str] = ()) -> PasswordWeakness | None:
    """Return why a password is too weak, None when it is strong enough.

    Strong enough is any of: 12 characters with capitals, small letters, figures and other signs; 14 with
    capitals, small letters and figures; a phrase of 7 different words.

    Args:
        password: as it will be hashed.
        personal: what others know of the person (names, e-mail, code famille): one that makes up most of the
            password is refused.
    """
    if len(password) > MAX_LENGTH:
        return PasswordWeakness.TOO_LONG
    if _is_personal(password, personal):
        return PasswordWeakness.PERSONAL
    if len({word.casefold() for word in _WORD.findall(password)}) >= PHRASE_WORDS:
        return None
    if len(password) < MIXED_LENGTH:
        return PasswordWeakness.TOO_SHORT
    has_three = all(any(test(sign) for sign in password) for test in (str.isupper, str.islower, str.isdigit))
    has_other = any(not sign.isalnum() for sign in password)
    if has_three and (has_other or len(password) >= PLAIN_LENGTH):
        return None
    return PasswordWeakness.TOO_PLAIN


def _is_personal(password: str, personal: Iterable[str]) -> bool:
    bare = search_key(password).replace(" ", "")
    parts = (part for text in personal for part in (text, text.partition("@")[0]))
    known = (search_key(part).replace(" ", "") for part in parts)
    return any(len(text) >= 4 and text in bare and len(text) * 2 >= len(bare) for text in known)


def check_password(password: str, personal: Iterable[str] = ()) -> None:
    """Accept a password strong enough.

    Raises:
        Refusal: a ``PasswordWeakness`` code, with the lengths that are asked for.
    """
    weakness = password_weakness(password, personal)
    if weakness is not None:
        raise Refusal(
            weakness.value,
            mixed_length=MIXED_LENGTH,
            plain_length=PLAIN_LENGTH,
            words=PHRASE_WORDS,
            max_length=MAX_LENGTH,
        )
