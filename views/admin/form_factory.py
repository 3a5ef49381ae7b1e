"""Forms of settings, made from the columns of their table."""

from enum import StrEnum
from typing import Any

from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, Date, Enum, Integer, String, Text, Time
from sqlalchemy import inspect as inspect_model
from wtforms import BooleanField, DateField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from models.base import UtcDateTime
from views.admin.fields import EurosField, MinutesField, RowField, WeekdaysField
from views.admin.words import WEEKDAYS, choices_of, options
from views.forms.fields import strip


def build_form(
    model: type[Any], columns: tuple[str, ...], labels: dict[str, str], rows: dict[str, type[Any]]
) -> type[BaseForm]:
    """Return a form with one field for each column, in order.

    Args:
        labels: the French label of each column.
        rows: the table that each foreign key chooses from.
    """
    fields = {name: _field(model, name, labels[name], rows) for name in columns}
    return type(f"{model.__name__}Form", (BaseForm,), fields)


def _field(model: type[Any], name: str, label: str, rows: dict[str, type[Any]]) -> Any:
    column = inspect_model(model).columns[name]
    is_required = _is_required(column)
    checks: list[Any] = [InputRequired(_l("Remplissez ce champ."))] if is_required else [Optional()]
    if name in rows:
        return RowField(label, checks, model=rows[name], is_required=not column.nullable)
    special = {"weekdays": WeekdaysField, "school_weekdays": WeekdaysField, "at_minutes": MinutesField}
    if name in special:
        return special[name](label, [] if special[name] is WeekdaysField else checks)
    if name == "weekday":
        days = [("", "–"), *((str(bit), day) for bit, day in enumerate(WEEKDAYS))]
        return SelectField(label, choices=options(days), coerce=_whole)
    default = column.default.arg if column.default is not None and column.default.is_scalar else None
    return _typed(column, label, checks, default)


def _is_required(column: Any) -> bool:
    """Whether a row cannot do without a value: words left out are no words, but a number left out is no number."""
    return not column.nullable and (column.default is None or isinstance(column.type, Integer))


def _whole(value: Any) -> int | None:
    return int(value) if value not in ("", None, "None") else None


def _typed(column: Any, label: str, checks: list[Any], default: Any) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return _choice(kind.enum_class, column.nullable, label, default)
    if isinstance(kind, Boolean):
        return BooleanField(label, default=default)
    if column.name.endswith("_cents"):
        return EurosField(label, checks, default=default, render_kw={"inputmode": "decimal"})
    if isinstance(kind, UtcDateTime):
        msg = f"An instant is set by an operation, not by a form: {column}"
        raise TypeError(msg)
    simple = {Integer: IntegerField, Date: DateField, Time: TimeField}
    for type_, field in simple.items():
        if isinstance(kind, type_):
            return field(label, checks, default=default)
    return _words(kind, label, checks, default)


def _words(kind: Any, label: str, checks: list[Any], default: Any) -> Any:
    if isinstance(kind, Text):
        return TextAreaField(label, checks, default=default, filters=[strip], render_kw={"rows": 3})
    length = [Length(max=kind.length)] if isinstance(kind, String) and kind.length else []
    return StringField(label, [*checks, *length], default=default or "", filters=[strip])


def _choice(kind: type[StrEnum], is_nullable: bool, label: str, default: Any) -> SelectField:
    empty = [("", "–")] if is_nullable else []

    def coerce(value: Any) -> StrEnum | None:
        return kind(value) if value not in (None, "None") and (value or not is_nullable) else None

    checks = [Optional()] if is_nullable else [InputRequired()]
    return SelectField(
        label, checks, choices=options([*empty, *choices_of(kind)]), coerce=coerce, default=default
    )
