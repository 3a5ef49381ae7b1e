"""Family files: the code famille, the letter's secret, telephone numbers. Names and passwords stand beside.

What a person types is read generously (spaces, dots, look-alike letters) and kept in one form.
"""

import phonenumbers
from stdnum import luhn

from domain.family.names import formal_name, full_name, search_key, sorted_name
from domain.family.passwords import PasswordWeakness, check_password, password_weakness

__all__ = [
    "PasswordWeakness",
    "check_password",
    "formal_name",
    "full_name",
    "is_family_code",
    "make_family_code",
    "normalise_phone",
    "password_weakness",
    "read_family_code",
    "read_secret",
    "search_key",
    "sorted_name",
    "written_family_code",
    "written_secret",
]

CODE_LENGTH = 8
LARGEST_NUMBER = 9_999_999
_CODE_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CODE_PARTINGS = str.maketrans(dict.fromkeys(" .-_/\t\u00a0\u202f\u2009\u2010\u2011\u2013"))

# Without the letters and figures that a reader of a printed letter takes for one another.
SECRET_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # noqa: S105 - an alphabet, not a secret
SECRET_LENGTH = 10
_SECRET_GROUP = 5

PHONE_REGION = "FR"
FRANCE = 33
# After the zero that the country code replaces.
FRENCH_FIGURES = 9


def make_family_code(number: int) -> str:
    """Return the code famille of a serial number: seven figures and Luhn's check digit.

    The check digit finds any single wrong figure and nearly every swap of two neighbours.

    Raises:
        ValueError: the number is not within 1 to 9,999,999.
    """
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValueError(f"no code famille for number {number}")
    body = f"{number:07d}"
    return f"{body}{luhn.calc_check_digit(body)}"


def is_family_code(code: str) -> bool:
    """Whether a text is a code famille as it is stored: eight figures, the last one right."""
    return len(code) == CODE_LENGTH and code.isascii() and code.isdecimal() and luhn.is_valid(code)


def read_family_code(text: str) -> str | None:
    """Return the code famille that a person typed, without its spaces, dots and dashes; None when it is not one.

    The letters O and I (or l) are read as the figures 0 and 1.
    """
    code = text.strip().upper().translate(_CODE_PARTINGS).translate(_CODE_LOOK_ALIKES)
    return code if is_family_code(code) else None


def written_family_code(code: str) -> str:
    """Return a code famille as people see it: ``1002 0174``, with a no-break space."""
    return f"{code[:4]}\u00a0{code[4:]}"


def read_secret(text: str) -> str:
    """Return the activation secret that a person typed: capitals, without spaces and dashes.

    Signs out of the alphabet stay: they make the secret wrong rather than shorter.
    """
    return text.strip().upper().translate(_CODE_PARTINGS)


def written_secret(secret: str) -> str:
    """Return a secret as the letter shows it: ``ABCDE-FGHJK``."""
    return "-".join(secret[start : start + _SECRET_GROUP] for start in range(0, len(secret), _SECRET_GROUP))


def normalise_phone(text: str, region: str = PHONE_REGION) -> str | None:
    """Return a telephone number in E.164 form (``+33612345678``); None when it is not a telephone number.

    A number without country code is one of ``region``. Its length is checked, not whether its range is attributed:
    ranges open every year, and a family is not refused for a list out of date.
    """
    try:
        number = phonenumbers.parse(text.strip(), region)
    except phonenumbers.NumberParseException:
        return None
    figures = phonenumbers.national_significant_number(number)
    is_wrong_french = number.country_code == FRANCE and (len(figures) != FRENCH_FIGURES or figures[0] == "0")
    if is_wrong_french or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
