"""The month's grid as the template draws it: words, names and values for every cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from domain.dates import closing_day_and_minutes, iso_week
from domain.errors import Refusal
from domain.reservations.operations import Choice, DayAnswer
from domain.reservations.queries import GridCell, GridColumn, MonthGrid
from domain.reservations.rules import DayState, Reason
from views.errors import refusal_sentence
from views.formats import clock_time, day_of_month, euros, moment, month, typographic

WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
FIXED = {
    DayState.FULL: "full",
    DayState.WAITING: "waiting",
    DayState.OFFERED: "offered",
    DayState.TOO_LATE: "late",
    DayState.CLOSED: "closed",
    DayState.NOT_OPEN_YET: "none",
    DayState.NOT_ELIGIBLE: "none",
}


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head."""

    key: str
    name: str
    price: str
    may_fill: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell; ``value`` is None when nothing can be changed."""

    kind: str
    value: str | None
    label: str
    price_cents: int
    note: str


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


@dataclass(frozen=True, slots=True)
class Words:
    """What every box says, looked up once a page: the catalogue is slow to ask a hundred times."""

    cancellable: str
    bookable: str
    until: str


NOWHERE = Cell("none", None, "", 0, "")


def choice_value(cell: GridCell) -> str:
    """Return what the box of a cell sends: the day, and the formula when there are several."""
    return f"{cell.activity_day_id}.{cell.formula_id}" if cell.formula_id else str(cell.activity_day_id)


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


def draw(grid: MonthGrid, *, today: date, ticked: frozenset[str] | None = None) -> Drawn:
    """Turn a month into what the template draws.

    Args:
        ticked: the boxes to show ticked instead of what is booked (after "all", "like last week", or an error).
    """
    heads = [_head(grid, position, column) for position, column in enumerate(grid.columns)]
    words = _words()
    weeks = [_week(grid, days, today, ticked, words) for days in grid.weeks]
    held = [cell for cell in grid.cells.values() if cell.is_held]
    fixed = sum(cell.price_cents for cell in held if not cell.cell.may_cancel)
    changeable = {choice_value(cell): cell.price_cents for cell in grid.cells.values() if _is_box(cell)}
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
    )


def _is_box(cell: GridCell) -> bool:
    return cell.cell.may_book or (cell.is_held and cell.cell.may_cancel)


def _head(grid: MonthGrid, position: int, column: GridColumn) -> Head:
    cells = [cell for (_day, place), cell in grid.cells.items() if place == position]
    prices = {cell.price_cents for cell in cells}
    price = euros(prices.pop()) if len(prices) == 1 else ""
    may_fill = any(cell.cell.may_book for cell in cells)
    return Head(key=str(position), name=column.name, price=price, may_fill=may_fill)


def _week(
    grid: MonthGrid, days: Sequence[date], today: date, ticked: frozenset[str] | None, words: Words
) -> Week:
    inside = [day for day in days if day.month == grid.month.month and day.weekday() < 5]
    drawn = [_day(grid, day, today, ticked, words) for day in inside]
    number = iso_week(days[0])
    return Week(
        key=str(number),
        name=_("Semaine du %(day)s", day=day_of_month(inside[0])) if inside else "",
        short=f"{inside[0].day}–{inside[-1].day}" if inside else "",
        may_copy=bool(inside) and any(cell.kind == "free" for row in drawn for cell in row.cells),
        days=drawn,
    )


def _day(grid: MonthGrid, day: date, today: date, ticked: frozenset[str] | None, words: Words) -> Day:
    kind = grid.shut_days.get(day)
    cells: list[Cell] = []
    if kind is None:
        for position, column in enumerate(grid.columns):
            found = grid.cells.get((day, position))
            cells.append(_cell(found, column, day, today, ticked, words) if found else NOWHERE)
    return Day(
        name=f"{WEEKDAYS[day.weekday()]} {day.day}",
        weekday=day.weekday(),
        is_today=day == today,
        closed=_shut(kind) if kind else "",
        cells=cells,
    )


def _shut(kind: str) -> str:
    words = {
        "public_holiday": _("Jour férié"),
        "school_holiday": _("Vacances scolaires"),
        "not_open": _("Rien n’ouvre ce jour-là"),
    }
    return words[kind]


def _words() -> Words:
    return Words(
        cancellable=_("annulable jusqu’au %(moment)s"),
        bookable=_("à réserver avant le %(moment)s"),
        until=_("jusqu’au %(moment)s"),
    )


def _cell(
    found: GridCell, column: GridColumn, day: date, today: date, ticked: frozenset[str] | None, words: Words
) -> Cell:
    value = choice_value(found)
    if _is_box(found):
        is_on = value in ticked if ticked is not None else found.is_held
        until = words.cancellable if found.is_held else words.bookable
        label = ", ".join(
            (
                column.name,
                day_of_month(day),
                euros(found.price_cents),
                until % {"moment": moment(found.until)},
            )
        )
        note = words.until % {"moment": short_limit(found.until)}
        return Cell("booked" if is_on else "free", value, label, found.price_cents, note)
    if found.is_held:
        kind = "past_booked" if day < today else "late_booked"
        return Cell(kind, None, "", found.price_cents, "")
    if day < today:
        return Cell("past", None, "", found.price_cents, "")
    return Cell(FIXED[found.cell.state], None, "", found.price_cents, _note(found))


def _note(found: GridCell) -> str:
    """Return what a day that cannot be booked says of itself."""
    match found.cell.state:
        case DayState.NOT_OPEN_YET if found.opens_at is not None:
            return _("Ouvre %(moment)s", moment=moment(found.opens_at))
        case DayState.CLOSED:
            return found.closed_reason
        case DayState.TOO_LATE:
            return _("depuis %(moment)s", moment=short_limit(found.until))
        case _:
            return ""


def short_limit(instant: datetime) -> str:
    """Write a deadline shortly: ``mar. 24, 10 h``; midnight is the end of the day before."""
    day, minutes = closing_day_and_minutes(instant)
    return f"{WEEKDAYS[day.weekday()]} {day.day}, {clock_time(minutes)}"


def answer_sentence(answer: DayAnswer) -> str:
    """Return the sentence of a refused day, with its name: ``Cantine, jeudi 12 novembre : …``."""
    reason = answer.reason or Reason.CLOSED
    sentence = refusal_sentence(Refusal(reason.value, closed_at=answer.closed_at, detail=answer.detail))
    name = answer.activity_name or _("Une activité")
    return typographic(f"{name}, {day_of_month(answer.day)} : {sentence}")


def summary(booked: int, cancelled: int) -> str:
    """Return what was saved, in words."""
    parts: list[Any] = []
    if booked:
        parts.append(_("1 journée réservée") if booked == 1 else _("%(n)s journées réservées", n=booked))
    if cancelled:
        parts.append(_("1 annulée") if cancelled == 1 else _("%(n)s annulées", n=cancelled))
    return ", ".join(parts)
