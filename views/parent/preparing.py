"""Boxes ticked for the parent and not yet saved: a column, the week before, last month, a sibling's month."""

from collections.abc import Mapping
from datetime import date

from domain.dates import add_months
from domain.reservations.patterns import booked_in_month, habits
from domain.reservations.queries import MonthGrid
from views.extensions import db
from views.parent.cells import choice_value, is_box
from views.parent.grid import Drawn, Week

BUTTONS = ("fill", "copy", "like")
HELD_KINDS = ("booked", "late_booked", "past_booked")


def is_prepared(form: Mapping[str, str]) -> bool:
    """Whether the button pressed only ticks boxes."""
    return any(name in form for name in BUTTONS)


def ticks(grid: MonthGrid, drawn: Drawn, form: Mapping[str, str], siblings: frozenset[int]) -> set[str]:
    """Return the boxes that a button adds.

    Args:
        siblings: the family's other children; of others nothing is copied.
    """
    if form.get("fill", "").isdecimal():
        return _column(drawn, int(form["fill"]))
    if form.get("copy"):
        return _like_the_week_before(drawn, form["copy"])
    like = form.get("like", "")
    if like == "month":
        return _like_last_month(grid)
    if like.isdecimal() and int(like) in siblings:
        return _like_sibling(grid, int(like))
    return set()


def _column(drawn: Drawn, position: int) -> set[str]:
    rows = (row for part in drawn.weeks for row in part.days)
    cells = (row.cells[position] for row in rows if position < len(row.cells))
    return {cell.value for cell in cells if cell.value and cell.kind in ("free", "booked")}


def _like_the_week_before(drawn: Drawn, key: str) -> set[str]:
    """Tick a week like the one before; like the nearest one with the child, when two homes take turns."""
    keys = [week.key for week in drawn.weeks]
    place = keys.index(key) if key in keys else 0
    earlier = (week for week in reversed(drawn.weeks[:place]) if _was_open(week))
    week = next(earlier, None)
    if week is None:
        return set()
    before = {row.weekday: row.cells for row in week.days}
    return {
        cell.value
        for row in drawn.weeks[place].days
        for cell, earlier in zip(row.cells, before.get(row.weekday, ()), strict=False)
        if cell.value and earlier.kind in HELD_KINDS
    }


def _was_open(week: Week) -> bool:
    return any(cell.kind == "free" or cell.kind in HELD_KINDS for row in week.days for cell in row.cells)


def _like_last_month(grid: MonthGrid) -> set[str]:
    booked = booked_in_month(
        db.session(),
        child_id=grid.sheet.child_id,
        family_id=grid.sheet.family_id,
        month=add_months(grid.month, -1),
    )
    usual = habits(booked)
    return {value for value, kind, key, day in _boxes(grid) if (kind, key, day.weekday()) in usual}


def _like_sibling(grid: MonthGrid, sibling_id: int) -> set[str]:
    booked = booked_in_month(
        db.session(), child_id=sibling_id, family_id=grid.sheet.family_id, month=grid.month
    )
    theirs = {(one.kind, one.formula_key, one.day) for one in booked}
    return {value for value, kind, key, day in _boxes(grid) if (kind, key, day) in theirs}


def _boxes(grid: MonthGrid) -> list[tuple[str, str, str, date]]:
    """Return every box that may be ticked: its value, kind of activity, formula, day."""
    found = []
    for (day, position), cell in grid.cells.items():
        if is_box(cell):
            column = grid.columns[position]
            key = column.formula.key if column.formula else ""
            found.append((choice_value(cell), column.activity.kind, key, day))
    return found
