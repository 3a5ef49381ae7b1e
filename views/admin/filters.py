"""Filters that live in the address: one readable name each, and nothing filtered when left empty."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from flask_admin.model.filters import BaseFilter
from sqlalchemy.orm import InstrumentedAttribute

from views.admin.titles import title_of, titled
from views.admin.words import LABELS, choices_of
from views.extensions import db

Options = Callable[[], list[tuple[str, str]]]


class ColumnFilter(BaseFilter):
    """A filter on one column; ``key`` is its name in the address.

    Args:
        column: the column compared.
        label: what the field is called; the column's usual label by default.
    """

    kind = "text"
    sign = ""

    def __init__(self, column: InstrumentedAttribute[Any], label: str = "", options: Any = None) -> None:
        super().__init__(label or LABELS[column.key], options=options)
        self.column = column
        self.key = column.key + self.sign

    def operation(self) -> str:
        """Return nothing: the label says it all."""
        return ""

    def apply(self, query: Any, value: Any, _alias: Any = None) -> Any:
        """Keep the rows whose column is the value."""
        return query.filter(self.column == value)


class ChoiceFilter(ColumnFilter):
    """One of the values of an enumeration."""

    kind = "choice"

    def __init__(self, column: InstrumentedAttribute[Any], kind: type[StrEnum], label: str = "") -> None:
        super().__init__(column, label, options=choices_of(kind))
        self.values = kind

    def clean(self, value: str) -> StrEnum:
        """Return the value as the column holds it; a value of no member is refused."""
        return self.values(value)


class YesNoFilter(ColumnFilter):
    """Yes or no."""

    kind = "choice"

    def __init__(self, column: InstrumentedAttribute[Any], label: str = "") -> None:
        super().__init__(column, label, options=[("1", "oui"), ("0", "non")])

    def clean(self, value: str) -> bool:
        """Return the answer."""
        if value not in ("0", "1"):
            raise ValueError(value)
        return value == "1"


class RowFilter(ColumnFilter):
    """One row of a small table (a site, a school, an activity)."""

    kind = "choice"

    def __init__(self, column: InstrumentedAttribute[Any], model: type[Any], label: str = "") -> None:
        super().__init__(column, label)
        self.model = model

    def get_options(self, _view: Any) -> list[tuple[str, str]]:
        """Return the rows to choose from, in the order of their names."""
        rows = db.session.scalars(titled(self.model).limit(500))
        return sorted(((str(row.id), title_of(row)) for row in rows), key=lambda pair: pair[1])

    def clean(self, value: str) -> int:
        """Return the row's number."""
        return int(value)


class DayFilter(ColumnFilter):
    """A day, exactly."""

    kind = "day"

    def clean(self, value: str) -> date:
        """Return the day; what is not one is refused."""
        return date.fromisoformat(value)


class FromDayFilter(DayFilter):
    """From a day on."""

    sign = "_from"

    def apply(self, query: Any, value: Any, _alias: Any = None) -> Any:
        """Keep the rows of that day and later."""
        return query.filter(self.column >= value)


class ToDayFilter(DayFilter):
    """Up to a day, included."""

    sign = "_to"

    def apply(self, query: Any, value: Any, _alias: Any = None) -> Any:
        """Keep the rows of that day and earlier."""
        return query.filter(self.column <= value)


class NumberFilter(ColumnFilter):
    """The number of a related record; filled by links, e.g. from a family's page to its invoices."""

    kind = "number"

    def clean(self, value: str) -> int:
        """Return the number."""
        return int(value)
