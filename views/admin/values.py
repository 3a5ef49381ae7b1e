"""From a row to what a list, a details page and an exported file show of it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from gateways.exports import Euros
from views.admin.titles import titles
from views.admin.words import WEEKDAYS, act, tone, word
from views.formats import clock_time, euros, family_code, month, phone, short_day, short_moment, typographic

Names = dict[tuple[type[Any], int], str]
MASKS = {"weekdays", "school_weekdays"}


def related_names(rows: Iterable[Any], linked: dict[str, type[Any]]) -> Names:
    """Return the names of the records that rows point at: one query for each kind, whatever the rows."""
    rows = list(rows)
    wanted: dict[type[Any], set[int]] = {}
    for column, model in linked.items():
        ids = {getattr(row, column) for row in rows} - {None}
        wanted.setdefault(model, set()).update(ids)
    names: Names = {}
    for model, ids in wanted.items():
        if ids:
            names |= {(model, row_id): title for row_id, title in titles(model, ids).items()}
    return names


def plain_value(row: Any, name: str, linked: dict[str, type[Any]], names: Names) -> Any:
    """Return a column's value with its type, for a file; related records by their names."""
    value = getattr(row, name)
    if name in linked:
        return names.get((linked[name], value), "") if value is not None else ""
    if name in MASKS:
        return ", ".join(day for bit, day in enumerate(WEEKDAYS) if value >> bit & 1)
    if isinstance(value, StrEnum):
        return word(value.value)
    if name == "role_names":
        return ", ".join(sorted(word(role) for role in value))
    if isinstance(value, (dict, list, frozenset, set)):
        return ", ".join(map(str, value)) if not isinstance(value, dict) else _facts(value)
    if isinstance(value, int) and name.endswith("_cents"):
        return Euros(value)
    return _named_number(name, value)


def _named_number(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "weekday":
        return WEEKDAYS[value]
    if name == "act":
        return word(value)
    if name == "at_minutes":
        return clock_time(value)
    if name == "percent_bp":
        return f"{value / 100:g} %".replace(".", ",")
    return value.strftime("%H:%M") if isinstance(value, time) else value


def _facts(value: dict[str, Any]) -> str:
    return " ; ".join(f"{key} : {item}" for key, item in value.items())


def shown(row: Any, name: str, linked: dict[str, type[Any]], names: Names) -> Markup:
    """Return a column's value as a page shows it: amounts, days and states each in their own way."""
    raw = getattr(row, name)
    value = plain_value(row, name, linked, names)
    if value is None or value == "":
        return Markup('<span class="nil">–</span>')
    if name in linked:
        return _link(linked[name], raw, value)
    if name == "month":
        return escape(month(raw))
    if isinstance(raw, StrEnum):
        return Markup('<span class="state tone-{}">{}</span>').format(tone(raw.value), value)
    return _typed(name, value)


def _link(model: type[Any], row_id: int, text: str) -> Markup:
    endpoint = f"{model.__name__.lower()}.details_view"
    return Markup('<a href="{}">{}</a>').format(url_for(endpoint, id=row_id), text)


def _typed(name: str, value: Any) -> Markup:
    match value:
        case bool():
            return Markup("oui") if value else Markup('<span class="nil">non</span>')
        case Euros():
            return Markup('<span class="amount">{}</span>').format(euros(value))
        case datetime():
            return Markup('<span class="nowrap">{}</span>').format(short_moment(value))
        case date():
            return Markup('<span class="nowrap">{}</span>').format(short_day(value))
    return escape(_written(name, str(value)))


def _written(name: str, text: str) -> str:
    """Return a text as its column is read: telephones in pairs, codes in two groups, acts in words."""
    if name in ("code", "username") and not text.isdigit():
        return text
    return WAYS[name](text) if name in WAYS else text


WAYS: dict[str, Callable[[str], str]] = {
    "phone": phone,
    "phone_alt": phone,
    "family_code": family_code,
    "code": family_code,
    "username": family_code,
    "name": typographic,
    "action": act,
}
