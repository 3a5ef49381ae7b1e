"""The month's grid as the template draws it: words, names and values for every cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from domain.dates import iso_week
from domain.errors import Refusal
from domain.reservations.operations import Choice, DayAnswer, Outcome
from domain.reservations.queries import GridCell, GridColumn, MonthGrid
from domain.reservations.rules import Reason
from views.errors import refusal_sentence
from views.formats import day_of_month, euros, month, short_weekday, typographic
from views.languages import page_language
from views.parent.cells import (
    Cell,
    box_cell,
    choice_value,
    fixed_cell,
    is_box,
    is_wait_box,
    no_cell,
    wait_cell,
)
from views.words import marked


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head."""

    key: str
    name: str
    price: str
    may_fill: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A row of the grid."""

    name: str
    weekday: int
    is_today: bool
    closed: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Week:
    """The rows of one week."""

    key: str
    name: str
    short: str
    may_copy: bool
    days: Sequence[Day]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The whole grid, with its totals in cents."""

    caption: str
    columns: Sequence[Head]
    weeks: Sequence[Week]
    total_cents: int
    fixed_cents: int
    shown: Sequence[str]
    shown_waiting: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Page:
    """What every cell of the page shares."""

    today: date
    ticked: frozenset[str] | None
    waiting: frozenset[str] | None
    language: str


def read_choices(values: Iterable[str]) -> list[Choice]:
    """Read what boxes sent; what is not a choice is left out, as no page of ours sends it."""
    choices = []
    for value in values:
        day_id, _dot, formula_id = value.partition(".")
        if (
            day_id.isascii()
            and day_id.isdecimal()
            and len(day_id) < 19
            and (not formula_id or formula_id.isdecimal())
        ):
            choices.append(Choice(int(day_id), int(formula_id) if formula_id else None))
    return choices


def draw(
    grid: MonthGrid,
    *,
    today: date,
    ticked: frozenset[str] | None = None,
    waiting: frozenset[str] | None = None,
) -> Drawn:
    """Turn a month into what the template draws.

    Args:
        ticked: the boxes to show ticked instead of what is booked (after "all", "like last week", or an error).
        waiting: the same for the boxes of waiting lists.
    """
    heads = [_head(grid, position, column) for position, column in enumerate(grid.columns)]
    page = _Page(today, ticked, waiting, page_language())
    weeks = [_week(grid, days, page) for days in grid.weeks]
    held = [cell for cell in grid.cells.values() if cell.is_held]
    fixed = sum(cell.price_cents for cell in held if not cell.cell.may_cancel)
    changeable = {choice_value(cell): cell.price_cents for cell in grid.cells.values() if is_box(cell)}
    on = ticked if ticked is not None else {choice_value(cell) for cell in held}
    return Drawn(
        caption=_(
            "Réservations de %(child)s, %(month)s", child=grid.sheet.full_name, month=month(grid.month)
        ),
        columns=heads,
        weeks=[week for week in weeks if week.days],
        total_cents=fixed + sum(cents for value, cents in changeable.items() if value in on),
        fixed_cents=fixed,
        shown=list(changeable),
        shown_waiting=[choice_value(cell) for cell in grid.cells.values() if is_wait_box(cell)],
    )


def _head(grid: MonthGrid, position: int, column: GridColumn) -> Head:
    cells = [cell for (_day, place), cell in grid.cells.items() if place == position]
    prices = {cell.price_cents for cell in cells}
    price = euros(prices.pop()) if len(prices) == 1 else ""
    may_fill = any(cell.cell.may_book for cell in cells)
    return Head(key=str(position), name=column.name, price=price, may_fill=may_fill)


def _week(grid: MonthGrid, days: Sequence[date], page: _Page) -> Week:
    inside = [day for day in days if day.month == grid.month.month and day.weekday() < 5]
    drawn = [_day(grid, day, page) for day in inside]
    return Week(
        key=str(iso_week(days[0])),
        name=_("Semaine du %(day)s", day=day_of_month(inside[0])) if inside else "",
        short=f"{inside[0].day}–{inside[-1].day}" if inside else "",
        may_copy=bool(inside) and any(cell.kind == "free" for row in drawn for cell in row.cells),
        days=drawn,
    )


def _day(grid: MonthGrid, day: date, page: _Page) -> Day:
    closed = _closed(grid, day, page)
    cells: list[Cell] = []
    if not closed:
        cells = [
            _cell(grid.cells.get((day, position)), column, position, day, page)
            for position, column in enumerate(grid.columns)
        ]
    return Day(
        name=f"{short_weekday(day)} {day.day}",
        weekday=day.weekday(),
        is_today=day == page.today,
        closed=closed,
        cells=cells,
    )


def _closed(grid: MonthGrid, day: date, page: _Page) -> str:
    """Return why a whole day has no box: nothing opens, or the child is with its other home; "" otherwise."""
    kind = grid.shut_days.get(day)
    if kind is not None:
        return _shut(kind)
    if day < page.today:
        return ""
    found = [grid.cells.get((day, position)) for position in range(len(grid.columns))]
    reasons = {cell.cell.reason for cell in found if cell is not None}
    return _("Pas votre jour de garde") if reasons == {Reason.NOT_YOUR_DAY} else ""


def _shut(kind: str) -> str:
    words = {
        "public_holiday": _("Jour férié"),
        "school_holiday": _("Vacances scolaires"),
        "not_open": _("Rien n’ouvre ce jour-là"),
    }
    return words[kind]


def _cell(found: GridCell | None, column: GridColumn, position: int, day: date, page: _Page) -> Cell:
    key = str(position)
    if found is None:
        return no_cell(column, key, page.language)
    if is_box(found):
        is_on = found.is_held if page.ticked is None else choice_value(found) in page.ticked
        return box_cell(found, column, key, day, page.language, is_on=is_on)
    if is_wait_box(found):
        is_on = not found.cell.may_wait
        if page.waiting is not None:
            is_on = choice_value(found) in page.waiting
        return wait_cell(found, column, key, day, page.language, is_on=is_on)
    return fixed_cell(found, column, key, day, page.language, is_past=day < page.today)


def answer_sentence(answer: DayAnswer) -> str:
    """Return the sentence of a refused day, with its name: ``Cantine, jeudi 12 novembre : …``."""
    reason = answer.reason or Reason.CLOSED
    sentence = refusal_sentence(Refusal(reason.value, closed_at=answer.closed_at, detail=answer.detail))
    name = answer.activity_name or _("Une activité")
    words = typographic(f"{name}, {day_of_month(answer.day)} : {sentence}")
    return marked(words, [answer.activity_name or "", answer.detail or ""])


def summary(outcome: Outcome) -> str:
    """Return what was saved, in words."""
    counts = (
        (len(outcome.booked), _("1 journée réservée"), _("%(n)s journées réservées")),
        (len(outcome.cancelled), _("1 annulée"), _("%(n)s annulées")),
        (len(outcome.waiting), _("1 en liste d’attente"), _("%(n)s en liste d’attente")),
        (len(outcome.left), _("1 retirée de la liste d’attente"), _("%(n)s retirées de la liste d’attente")),
    )
    return ", ".join(one if n == 1 else many % {"n": n} for n, one, many in counts if n)
