"""How dates, amounts and telephone numbers are written, in the language of the page."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache, partial

import phonenumbers
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from domain.clock import PARIS, local_day
from domain.dates import closing_day_and_minutes
from domain.direct_debits.rules import masked_iban
from domain.family.rules import written_family_code
from domain.money import format_euros
from domain.pricing.explain import Pen
from views.languages import FRENCH, LANGUAGES, page_language

NBSP = "\u00a0"
HOURS_A_DAY = 24


def euros(cents: int) -> str:
    """Write cents as euros: ``14180`` gives ``141,80 €``, in English ``€141.80``."""
    return _euros(cents, page_language())


@lru_cache(maxsize=4096)
def _euros(cents: int, language: str) -> str:
    if language == FRENCH:
        return format_euros(cents)
    return format_currency(Decimal(cents) / 100, "EUR", locale=LANGUAGES[language].locale)


def whole(value: int) -> str:
    """Write a whole number, its thousands apart: ``12 450``, in English ``12,450``."""
    return _whole(value, page_language())


@lru_cache(maxsize=4096)
def _whole(value: int, language: str) -> str:
    return format_decimal(value, locale=LANGUAGES[language].locale).replace("\u202f", NBSP)


def in_a_row(names: Sequence[str]) -> str:
    """Write names one after the other: ``Léo, Jade et Zoé``."""
    return format_list(names, locale=LANGUAGES[page_language()].locale)


def day(value: date) -> str:
    """Write a day in full: ``jeudi 12 novembre 2026``."""
    return _date(value, "EEEE d MMMM y", page_language())


def day_of_month(value: date) -> str:
    """Write a day without its year: ``jeudi 12 novembre``."""
    return _date(value, "EEEE d MMMM", page_language())


@lru_cache(maxsize=4096)
def _date(value: date, pattern: str, language: str) -> str:
    on = local_day(value) if isinstance(value, datetime) else value  # an instant is dated where the town is
    written = format_date(on, pattern, locale=LANGUAGES[language].locale)
    return written.replace(" 1 ", " 1er ", 1) if language == FRENCH else written


def weekday_name(value: date) -> str:
    """Write the day of the week: ``jeudi``."""
    return _date(value, "EEEE", page_language())


def short_weekday(value: date) -> str:
    """Write the day of the week where there is little room: ``jeu.``."""
    return _date(value, "EEE", page_language())


def short_day(value: date) -> str:
    """Write a day in figures: ``12/11/2026``."""
    return value.strftime("%d/%m/%Y")


def last_day(end: date) -> date:
    """Return the last day of ``[start, end[``, which is what people read after "jusqu’au"."""
    return end - timedelta(days=1)


def clock_time(minutes: int) -> str:
    """Write minutes since midnight as an hour: ``10 h`` or ``10 h 30``, in English ``10:00``."""
    return _clock_time(minutes, page_language())


@lru_cache(maxsize=4096)
def _clock_time(minutes: int, language: str) -> str:
    hours, rest = divmod(minutes, 60)
    if language == FRENCH:
        return f"{hours}{NBSP}h" + (f"{NBSP}{rest:02d}" if rest else "")
    if hours == HOURS_A_DAY:  # the end of a day, which no clock shows
        return f"{hours}:{rest:02d}"
    return format_time(time(hours, rest), "short", locale=LANGUAGES[language].locale)


def moment(value: datetime) -> str:
    """Write an instant of these weeks in Paris time: ``lundi 9 novembre à 10 h``."""
    return _moment(value, day_of_month, page_language())


def dated_moment(value: datetime) -> str:
    """Write an instant that may be of another year: ``lundi 9 novembre 2026 à 10 h``."""
    return _moment(value, day, page_language())


@lru_cache(maxsize=4096)
def _moment(value: datetime, write_day: Callable[[date], str], language: str) -> str:
    day_, minutes = closing_day_and_minutes(value)
    if language == FRENCH:
        return f"{write_day(day_)} à {clock_time(minutes)}"
    return _("%(day)s à %(time)s", day=write_day(day_), time=clock_time(minutes))


def hour(value: time) -> str:
    """Write a wall-clock hour: ``8 h 30``."""
    return clock_time(value.hour * 60 + value.minute)


def local_hour(value: datetime) -> str:
    """Write the Paris hour of an instant: ``17 h 45``."""
    return hour(value.astimezone(PARIS).time())


def short_moment(value: datetime) -> str:
    """Write an instant in figures, Paris time: ``09/11/2026 10:00``."""
    return value.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")


def month(value: date) -> str:
    """Write a month: ``octobre 2026``."""
    return _date(value, "MMMM y", page_language())


def short_month(value: date) -> str:
    """Write a month where there is little room: ``oct. 26``."""
    return _date(value, "MMM yy", page_language())


def of_month(value: date) -> str:
    """Write "of" a month: ``d’octobre 2026``, ``de novembre 2026``; the bare month in another language."""
    name = month(value)
    if page_language() != FRENCH:
        return name
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
    """Put a curly apostrophe and, in French, a no-break space before double punctuation; elsewhere no space."""
    text = value.replace("'", "’")
    if page_language() == FRENCH:
        text = re.sub(r" ([;:!?»€])", NBSP + r"\1", text).replace("« ", f"«{NBSP}")
    else:
        text = re.sub(r" ([;:])(?=\s|$)", r"\1", text)
    # What is escaped already stays so: a name with an ampersand must not be escaped twice.
    return Markup(text) if isinstance(value, Markup) else text  # noqa: S704


def pen() -> Pen:
    """Return the pen that explains prices in the language of the page."""
    return _pen(page_language())


@lru_cache
def _pen(language: str) -> Pen:
    if language == FRENCH:
        return Pen()
    locale = LANGUAGES[language].locale
    number = partial(format_decimal, locale=locale, group_separator=False)
    return Pen(
        say=_,
        euros=euros,
        number=number,
        percent=lambda value: f"{number(value.normalize(), decimal_quantization=False)}%",
        day=partial(format_date, format="d MMM y", locale=locale),
        day_of_month=partial(format_date, format="d MMM", locale=locale),
        hour=hour,
    )


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
    last_day,
    clock_time,
    hour,
    local_hour,
    moment,
    dated_moment,
    short_moment,
    month,
    of_month,
    phone,
    masked_iban,
    family_code,
    typographic,
    whole,
)


def init_formats(app: Flask) -> None:
    """Give every format to the templates under its own name."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
