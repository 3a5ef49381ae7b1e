"""Direct debit in the SEPA core scheme: accounts, mandates, days and returns. Pure.

Source: EPC016-06, SEPA Direct Debit Core Rulebook.
"""

import re
from datetime import date, timedelta
from enum import StrEnum

import holidays
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.eu import at_02
from stdnum.exceptions import ValidationError

from domain.dates import add_months
from domain.errors import Refusal

# A mandate that nothing was collected with for so long lapses (rulebook, 4.6.1).
LAPSE_MONTHS = 36
# Reasons that say that no later debit can succeed: wrong, closed or blocked account, no mandate, dead debtor.
ENDING_REASONS = frozenset({"AC01", "AC04", "AC06", "AC13", "AG01", "MD01", "MD07"})

FRENCH_OVERSEAS = frozenset({"BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"})


def read_iban(text: str) -> str:
    """Return an IBAN as one word, its check digits and national key verified.

    Raises:
        Refusal: ``iban_wrong``; ``iban_outside_sepa`` for an account that no euro debit reaches.
    """
    try:
        iban = IBAN(re.sub(r"[\s.-]", "", text), validate_bban=True)
    except SchwiftyException as error:
        raise Refusal("iban_wrong") from error
    if not iban.in_sepa_zone:
        raise Refusal("iban_outside_sepa", country=iban.country_code)
    return str(iban)


def read_bic(text: str, iban: str) -> str:
    """Return a BIC in capitals; an empty one is looked up by the account's bank, and may stay empty.

    Raises:
        Refusal: ``bic_wrong``, also when it is of another country than the account.
    """
    if not text.strip():
        known = IBAN(iban).bic
        return str(known) if known else ""
    try:
        bic = BIC(text)
    except SchwiftyException as error:
        raise Refusal("bic_wrong") from error
    if _iban_country(bic.country_code) != iban[:2]:
        raise Refusal("bic_wrong")
    return str(bic)


def _iban_country(country: str) -> str:
    """Return whose IBANs a country's banks use: those of the French overseas departments are France's."""
    return "FR" if country in FRENCH_OVERSEAS else country


def read_creditor_id(text: str) -> str:
    """Return a creditor identifier (ICS) as one word.

    Raises:
        Refusal: ``creditor_id_wrong``.
    """
    try:
        return str(at_02.validate(text))
    except ValidationError as error:
        raise Refusal("creditor_id_wrong") from error


def masked_iban(iban: str) -> str:
    """Return an account as its holder recognises it and nobody else can use it: ``FR76 •••• 0143``."""
    return f"{iban[:4]} •••• {iban[-4:]}"


def written_iban(iban: str) -> str:
    """Return an account in groups of four, as banks print it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def is_lapsed(signed_on: date, last_used_on: date | None, on: date) -> bool:
    """Whether a mandate can no longer be used on a day: nothing was collected with it for 36 months."""
    return add_months(last_used_on or signed_on, LAPSE_MONTHS) <= on


def is_banking_day(day: date) -> bool:
    """Whether the euro's payment system (TARGET) works on a day."""
    return day.weekday() < 5 and day not in holidays.financial_holidays("ECB", years=day.year)


def banking_day_from(day: date) -> date:
    """Return the day itself if banks work on it, else the next one on which they do."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def require_collection_day(day: date, *, today: date, notice_days: int) -> None:
    """Refuse a day on which no debit may be made, or of which families would be told too late.

    Raises:
        Refusal: ``not_banking_day``; ``notice_too_short``, with the first possible day.
    """
    earliest = banking_day_from(today + timedelta(days=notice_days))
    if day < earliest:
        raise Refusal("notice_too_short", days=notice_days, earliest=earliest)
    if not is_banking_day(day):
        raise Refusal("not_banking_day", next_day=banking_day_from(day))


class Left(StrEnum):
    """Why an announced debit leaves its batch before the file is written."""

    NOTHING_DUE = "DUE0"
    NO_MANDATE = "MAND"
    BY_STAFF = "STAF"


def amount_to_collect(announced_cents: int, due_cents: int) -> int:
    """Return what a debit takes: what is still due, and never more than was announced."""
    return max(0, min(announced_cents, due_cents))


def ends_mandate(reason_code: str) -> bool:
    """Whether a return says that the mandate or its account is of no more use."""
    return reason_code in ENDING_REASONS
