"""What the five digits of ``erreur`` mean."""

import re

from domain.payments.gateway import Cause, Outcome

PAID_CODE, PENDING_CODE, CANCELLED_CODE, PLATFORM_CODE = "00000", "99999", "00001", "00003"
_FORM = re.compile(r"[0-9]{5}")

_CODES: dict[str, tuple[Outcome, Cause]] = {
    PAID_CODE: (Outcome.PAID, Cause.NONE),
    PENDING_CODE: (Outcome.PENDING, Cause.NONE),
    CANCELLED_CODE: (Outcome.CANCELLED, Cause.CANCELLED),
    "00030": (Outcome.CANCELLED, Cause.TIMED_OUT),
    "00015": (Outcome.ALREADY_PAID, Cause.ALREADY_PAID),
    PLATFORM_CODE: (Outcome.REFUSED, Cause.PLATFORM),
    "00004": (Outcome.REFUSED, Cause.WRONG_CARD_DETAILS),
    "00006": (Outcome.REFUSED, Cause.MERCHANT_ACCOUNT),
    "00008": (Outcome.REFUSED, Cause.EXPIRED_CARD),
    "00010": (Outcome.REFUSED, Cause.MERCHANT_ACCOUNT),
    "00011": (Outcome.REFUSED, Cause.WRONG_AMOUNT),
    "00021": (Outcome.REFUSED, Cause.CARD_NOT_ACCEPTED),
    "00029": (Outcome.REFUSED, Cause.CARD_NOT_ACCEPTED),
    "00033": (Outcome.REFUSED, Cause.COUNTRY),
    "00040": (Outcome.REFUSED, Cause.NOT_AUTHENTICATED),
}

# 001xx: the issuing bank's own reason (ISO 8583). What is not here is said no further than "refused".
_BANK_REASONS: dict[str, Cause] = {
    "14": Cause.WRONG_CARD_DETAILS,
    "33": Cause.EXPIRED_CARD,
    "34": Cause.LOST_OR_STOLEN,
    "38": Cause.WRONG_CARD_DETAILS,
    "41": Cause.LOST_OR_STOLEN,
    "43": Cause.LOST_OR_STOLEN,
    "51": Cause.INSUFFICIENT_FUNDS,
    "54": Cause.EXPIRED_CARD,
    "55": Cause.WRONG_CARD_DETAILS,
    "61": Cause.INSUFFICIENT_FUNDS,
}


def is_error_code(code: str) -> bool:
    """Say whether a text has the form of an error code."""
    return _FORM.fullmatch(code) is not None


def meaning(code: str) -> tuple[Outcome, Cause]:
    """Return what a code says; one that nobody told us of is a refusal, for only 00000 is money."""
    if code in _CODES:
        return _CODES[code]
    if code.startswith("001"):
        return Outcome.REFUSED, _BANK_REASONS.get(code[3:], Cause.BANK_REFUSED)
    return Outcome.REFUSED, Cause.UNKNOWN
