"""How dates, amounts and telephone numbers are written for French readers."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

import phonenumbers
from babel.dates import format_date
from flask import Flask
from markupsafe import Markup

from domain.clock import PARIS
from domain.dates import closing_day_and_minutes
from domain.direct_debits.rules import masked_iban
from domain.family.rules import written_family_code
from domain.money import format_euros

NBSP = "\u00a0"
LOCALE = "fr_FR"


@lru_cache(maxsize=4096)
def euros(cents: int) -> str:
    """Write cents as euros: ``14180`` gives ``141,80 €``."""
    return format_euros(cents)


@lru_cache(maxsize=4096)
def day(value: date) -> str:
    """Write a day in full: ``jeudi 12 novembre 2026``."""
    return format_date(value, "EEEE d MMMM y", locale=LOCALE).replace(" 1 ", " 1er ", 1)


@lru_cache(maxsize=4096)
def day_of_month(value: date) -> str:
    """Write a day without its year: ``jeudi 12 novembre``."""
    return format_date(value, "EEEE d MMMM", locale=LOCALE).replace(" 1 ", " 1er ", 1)


def short_day(value: date) -> str:
    """Write a day in figures: ``12/11/2026``."""
    return value.strftime("%d/%m/%Y")


@lru_cache(maxsize=4096)
def clock_time(minutes: int) -> str:
    """Write minutes since midnight as an hour: ``10 h`` or ``10 h 30``."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}{NBSP}h" + (f"{NBSP}{rest:02d}" if rest else "")


@lru_cache(maxsize=4096)
def moment(value: datetime) -> str:
    """Write an instant in Paris time: ``lundi 9 novembre à 10 h``."""
    day_, minutes = closing_day_and_minutes(value)
    return f"{day_of_month(day_)} à {clock_time(minutes)}"


def hour(value: time) -> str:
    """Write a wall-clock hour: ``8 h 30``."""
    return clock_time(value.hour * 60 + value.minute)


def local_hour(value: datetime) -> str:
    """Write the Paris hour of an instant: ``17 h 45``."""
    return hour(value.astimezone(PARIS).time())


def short_moment(value: datetime) -> str:
    """Write an instant in figures, Paris time: ``09/11/2026 10:00``."""
    return value.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")


@lru_cache(maxsize=4096)
def month(value: date) -> str:
    """Write a month: ``octobre 2026``."""
    return format_date(value, "MMMM y", locale=LOCALE)


def short_month(value: date) -> str:
    """Write a month where there is little room: ``oct. 26``."""
    return format_date(value, "MMM yy", locale=LOCALE)


def of_month(value: date) -> str:
    """Write "of" a month: ``d’octobre 2026``, ``de novembre 2026``."""
    name = month(value)
    return f"d’{name}" if name[0] in "aoAO" else f"de {name}"


@lru_cache(maxsize=4096)
def phone(value: str) -> str:
    """Write a telephone number as people dial it: ``06 12 34 56 78``."""
    if not value:
        return ""
    number = phonenumbers.parse(value, "FR")
    style = phonenumbers.PhoneNumberFormat
    kind = style.NATIONAL if number.country_code == 33 else style.INTERNATIONAL
    return phonenumbers.format_number(number, kind).replace(" ", NBSP)


def family_code(value: str | None) -> str:
    """Write a code famille in two groups: ``1002 0174``."""
    return written_family_code(value) if value else ""


def typographic(value: str) -> str:
    """Put a no-break space before double punctuation and a curly apostrophe."""
    text = re.sub(r" ([;:!?»€])", NBSP + r"\1", value.replace("'", "’")).replace("« ", f"«{NBSP}")
    # What is escaped already stays so: a name with an ampersand must not be escaped twice.
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704


def calendar_rows(days: Sequence[tuple[date, str]]) -> list[list[tuple[date, str] | None]]:
    """Lay the days of a month out in weeks from Monday to Sunday; days of other months are None."""
    cells: list[tuple[date, str] | None] = [None] * days[0][0].weekday()
    cells += days
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


FILTERS = (
    calendar_rows,
    euros,
    day,
    day_of_month,
    short_day,
    clock_time,
    hour,
    local_hour,
    moment,
    short_moment,
    month,
    of_month,
    phone,
    masked_iban,
    family_code,
    typographic,
)


def init_formats(app: Flask) -> None:
    """Give every format to the templates under its own name."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
