"""One cell of the month's grid: what it says, and its markup, drawn once for all the families that see it.

A town has a few thousand different cells (a day, an activity, a price, a state) and shows each of them to
hundreds of families; drawing them anew was half of a page's time.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from domain.dates import closing_day_and_minutes
from domain.reservations.queries import GridCell, GridColumn
from domain.reservations.rules import DayState, Reason
from views.formats import clock_time, day_of_month, euros, moment, short_weekday, typographic

CELLS_KEPT = 16_384
FIXED = {
    DayState.FULL: "full",
    DayState.WAITING: "waiting",
    DayState.OFFERED: "offered",
    DayState.TOO_LATE: "late",
    DayState.CLOSED: "closed",
    DayState.NOT_OPEN_YET: "none",
    DayState.NOT_ELIGIBLE: "none",
}

WHY_NOT = {
    Reason.NOT_YOUR_DAY: _l("Pas votre jour"),
    Reason.BOOKED_BY_OTHER_HOME: _l("Réservé par l’autre famille"),
    Reason.DOCUMENT_MISSING: _l("Document manquant"),
    Reason.NOT_REGISTERED: _l("Pas d’inscription"),
    Reason.TOO_YOUNG: _l("Trop jeune"),
    Reason.TOO_OLD: _l("Trop âgé"),
    Reason.WRONG_LEVEL: _l("Autres classes"),
    Reason.WRONG_SCHOOL: _l("Autres classes"),
    Reason.WISHES_FIRST: _l("Places attribuées par vœux"),
}


class Cell(NamedTuple):
    """A cell; ``value`` is None when nothing can be changed; a box of ``full`` or ``waiting`` is a waiting one."""

    kind: str
    value: str | None
    markup: Markup


class _Seen(NamedTuple):
    """All that the look of a cell depends on; two families that share it share the markup."""

    language: str
    column_key: str
    column_name: str
    kind: str
    value: str | None = None
    is_held: bool = False
    is_wait: bool = False
    day: date | None = None
    price_cents: int = 0
    until: datetime | None = None
    note: str = ""


def choice_value(cell: GridCell) -> str:
    """Return what the box of a cell sends: the day, and the formula when there are several."""
    return f"{cell.activity_day_id}.{cell.formula_id}" if cell.formula_id else str(cell.activity_day_id)


def is_box(cell: GridCell) -> bool:
    """Whether the parent may still tick or untick this cell."""
    return cell.cell.may_book or (cell.is_held and cell.cell.may_cancel)


def is_wait_box(cell: GridCell) -> bool:
    """Whether the parent may put the child on this day's waiting list, or take it off."""
    return cell.cell.may_wait or (cell.cell.state is DayState.WAITING and cell.cell.may_cancel)


def no_cell(column: GridColumn, key: str, language: str) -> Cell:
    """Return the cell of a day on which the activity is not held."""
    return _drawn(_Seen(language, key, column.name, "none"))


def box_cell(found: GridCell, column: GridColumn, key: str, day: date, language: str, *, is_on: bool) -> Cell:
    """Return a cell that the parent may change; ``is_on`` says whether its box is ticked."""
    kind = "booked" if is_on else "free"
    return _drawn(
        _Seen(
            language,
            key,
            column.name,
            kind,
            choice_value(found),
            is_held=found.is_held,
            day=day,
            price_cents=found.price_cents,
            until=found.until,
        )
    )


def wait_cell(
    found: GridCell, column: GridColumn, key: str, day: date, language: str, *, is_on: bool
) -> Cell:
    """Return a full day's cell, whose box joins or leaves the waiting list."""
    kind = "waiting" if is_on else "full"
    return _drawn(
        _Seen(
            language,
            key,
            column.name,
            kind,
            choice_value(found),
            is_wait=True,
            day=day,
            price_cents=found.price_cents,
            until=found.until,
        )
    )


def fixed_cell(
    found: GridCell, column: GridColumn, key: str, day: date, language: str, *, is_past: bool
) -> Cell:
    """Return a cell that can no longer be changed, with the reason when there is one."""
    if found.is_held:
        return _drawn(_Seen(language, key, column.name, "past_booked" if is_past else "late_booked"))
    if is_past:
        return _drawn(_Seen(language, key, column.name, "past"))
    refused = _why_not(found.cell.reason)
    if refused:
        return _drawn(_Seen(language, key, column.name, "refused", note=refused))
    return _drawn(_Seen(language, key, column.name, FIXED[found.cell.state], note=_note(found)))


def _why_not(reason: Reason | None) -> str:
    """Return why a day is not this child's or this family's, in two or three words; "" for any other reason."""
    return str(WHY_NOT[reason]) if reason in WHY_NOT else ""


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
    return f"{short_weekday(day)} {day.day}, {clock_time(minutes)}"


@lru_cache(maxsize=CELLS_KEPT)
def _drawn(seen: _Seen) -> Cell:
    """Draw a cell by its macro; what it says depends on ``seen`` and on nothing else."""
    label, note = _words(seen)
    page = current_app.jinja_env.get_template("components/grid_cell.html").module
    markup = page.grid_cell(seen, label, note)  # type: ignore[attr-defined]
    return Cell(seen.kind, seen.value, Markup(markup))  # noqa: S704 (drawn by an escaping template)


def _words(seen: _Seen) -> tuple[str, str]:
    """Return the accessible name of a box, and the note under it."""
    if seen.day is None or seen.until is None:
        return "", seen.note
    until = moment(seen.until)
    if seen.is_wait:
        when = _("complet : liste d’attente")
    elif seen.is_held:
        when = _("annulable jusqu’au %(moment)s", moment=until)
    else:
        when = _("à réserver avant le %(moment)s", moment=until)
    label = ", ".join((seen.column_name, day_of_month(seen.day), euros(seen.price_cents), when))
    return typographic(label), "" if seen.is_wait else _(
        "jusqu’au %(moment)s", moment=short_limit(seen.until)
    )
