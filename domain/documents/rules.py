"""How long a supporting document holds, and when its family is reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.dates import add_months


class Validity(StrEnum):
    """How long a kind of document holds; which one is data, edited by staff."""

    MONTHS = "months"
    SCHOOL_YEAR = "school_year"
    FOR_EVER = "for_ever"


class Standing(StrEnum):
    """Where an act stands with a document that it asks for."""

    MISSING = "missing"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    EXPIRING = "expiring"
    REFUSED = "refused"
    EXPIRED = "expired"


REMINDER_DAYS = (30, 7)


def school_year_close(starts_on: date) -> date:
    """Return the last day that a document of a school year covers: 31 August after the year's start."""
    return date(starts_on.year + 1, 8, 31)


def school_year_start(given_on: date) -> date:
    """Return the first day of the school year that a document is given for: from July on, the next one."""
    return date(given_on.year if given_on.month >= 7 else given_on.year - 1, 9, 1)


def valid_until(
    validity: Validity,
    issued_on: date | None,
    *,
    months: int | None = None,
    year_starts_on: date | None = None,
) -> date | None:
    """Return the last valid day of a document; None when it holds for ever.

    A document of three months issued on 15 August holds until 14 November: it is then under three months old.

    Args:
        validity: of its kind.
        issued_on: the date that the document bears.
        months: how many, for MONTHS.
        year_starts_on: first day of the school year that it is given for, for SCHOOL_YEAR.

    Raises:
        ValueError: the kind needs a date or a number that is not given.
    """
    match validity:
        case Validity.FOR_EVER:
            return None
        case Validity.SCHOOL_YEAR:
            if year_starts_on is None:
                raise ValueError("a document of a school year needs the year's first day")
            return school_year_close(year_starts_on)
        case Validity.MONTHS:
            if issued_on is None or months is None:
                raise ValueError("a document valid for months needs its date and their number")
            return add_months(issued_on, months) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A document in the file; ``state`` is its review's: submitted, accepted, refused or expired."""

    state: str
    valid_until: date | None = None


def is_valid_on(held: Held, day: date) -> bool:
    """Whether the document is accepted and holds on a day; its last day counts."""
    return held.state == Standing.ACCEPTED and (held.valid_until is None or day <= held.valid_until)


def standing(held: Sequence[Held], day: date) -> Standing:
    """Return where an act stands with the documents of the kind that it asks for.

    A valid one wins over a newer that waits or was refused; ``expiring`` is valid, and to be renewed soon.
    """
    valid = [document for document in held if is_valid_on(document, day)]
    if valid:
        lasting = any(document.valid_until is None for document in valid)
        left = max(
            (document.valid_until - day for document in valid if document.valid_until), default=timedelta.max
        )
        is_expiring = not lasting and left <= timedelta(days=max(REMINDER_DAYS))
        return Standing.EXPIRING if is_expiring else Standing.ACCEPTED
    states = {document.state for document in held}
    if Standing.SUBMITTED in states:
        return Standing.SUBMITTED
    if states & {Standing.ACCEPTED, Standing.EXPIRED}:
        return Standing.EXPIRED
    return Standing.REFUSED if states else Standing.MISSING


def reminder_due(
    last_valid_day: date | None,
    today: date,
    reminded_on: date | None,
    days_before: Sequence[int] = REMINDER_DAYS,
) -> int | None:
    """Return which reminder (its number of days) is to be sent today; None when none is.

    A day on which the worker did not run is caught up, one reminder at a time, the latest due; nothing leaves
    once the document has expired.

    Args:
        reminded_on: day of the last reminder sent for this document, None when none was.
    """
    if last_valid_day is None or today > last_valid_day:
        return None
    for days in sorted(days_before):
        due_on = last_valid_day - timedelta(days=days)
        if due_on <= today:
            return days if reminded_on is None or reminded_on < due_on else None
    return None
