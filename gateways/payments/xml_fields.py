"""The two XML fields that 3-D Secure v2 needs, in the letters and lengths that the bank accepts."""

import re
import unicodedata
from xml.sax.saxutils import escape

import phonenumbers

from domain.payments.gateway import BillingAddress

PROLOGUE = '<?xml version="1.0" encoding="utf-8"?>'
MAX_QUANTITY = 99
NAME_LENGTH, STREET_LENGTH, POSTCODE_LENGTH, CITY_LENGTH, MOBILE_LENGTH = 22, 50, 10, 50, 10
# What stands where the family has told nothing (non communiqué): the bank refuses an empty element.
NOT_TOLD = "NC"
_LETTERS = str.maketrans(
    {
        "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "°": "o",
        "’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-", "—": "-",
    }
)  # fmt: skip
_NOT_ACCEPTED = re.compile(r"[^A-Za-z0-9 .,'/&()-]+")


def shopping_cart(quantity: int) -> str:
    """Return ``PBX_SHOPPINGCART``: how many things are bought, between 1 and 99."""
    number = min(max(quantity, 1), MAX_QUANTITY)
    total = f"<total><totalQuantity>{number}</totalQuantity></total>"
    return f"{PROLOGUE}<shoppingcart>{total}</shoppingcart>"


def billing(address: BillingAddress) -> str:
    """Return ``PBX_BILLING``: who pays and where they live."""
    elements = [
        ("FirstName", plain(address.first_name, NAME_LENGTH) or NOT_TOLD),
        ("LastName", plain(address.last_name, NAME_LENGTH) or NOT_TOLD),
        ("Address1", plain(address.street, STREET_LENGTH) or NOT_TOLD),
        ("ZipCode", plain(address.postcode, POSTCODE_LENGTH) or NOT_TOLD),
        ("City", plain(address.city, CITY_LENGTH) or NOT_TOLD),
        ("CountryCode", address.country),
        *_mobile(address.mobile),
    ]
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements)
    return f"{PROLOGUE}<Billing><Address>{inner}</Address></Billing>"


def plain(text: str, length: int) -> str:
    """Write a text in unaccented letters, on one line, cut to ``length`` (before its XML escapes)."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    unaccented = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(_NOT_ACCEPTED.sub(" ", unaccented).split())[:length].rstrip()


def _mobile(number: str) -> list[tuple[str, str]]:
    """Return the mobile's country code and national number, or nothing when there is no usable number."""
    if not number:
        return []
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return []
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == 33:
        national = f"0{national}"
    if len(national) > MOBILE_LENGTH:
        return []
    return [("CountryCodeMobilePhone", f"+{parsed.country_code}"), ("MobilePhone", national)]
