"""A week that repeats: chosen once, booked until a date."""

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import InputRequired

from domain import clock
from domain.dates import first_of_month, is_in_mask
from domain.errors import Refusal
from domain.reservations.operations import Outcome
from domain.reservations.patterns import Slot, last_bookable_day, reserve_pattern
from domain.reservations.queries import GridColumn, month_grid
from views.access import access, current_actor, current_family_id
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import short_weekday, typographic, weekday_name
from views.parent.blueprint import bp
from views.parent.grid import answer_sentence, summary
from views.parent.tell import tell_reservations

SCHOOL_DAYS = range(5)
MONDAY = date(2026, 1, 5)


class PatternForm(FlaskForm):
    """From when until when the week repeats; its boxes are read apart."""

    first = DateField(_l("À partir du"), [InputRequired(_l("Indiquez le premier jour."))])
    last = DateField(_l("Jusqu’au"), [InputRequired(_l("Indiquez le dernier jour."))])


def _slot_value(column: GridColumn, weekday: int) -> str:
    return f"{column.activity.id}.{column.formula.id if column.formula else 0}.{weekday}"


def _slots(columns: list[GridColumn], values: list[str]) -> list[Slot]:
    """Read the boxes; only those that the page offers count."""
    known = {
        _slot_value(column, weekday): Slot(
            column.activity.id, column.formula.id if column.formula else None, weekday
        )
        for column in columns
        for weekday in SCHOOL_DAYS
        if is_in_mask(column.activity.weekdays, MONDAY + timedelta(days=weekday))
    }
    return [known[value] for value in values if value in known]


@bp.route("/enfants/<int:child_id>/semaine-type", methods=["GET", "POST"])
@access("parent")
def week_pattern(child_id: int) -> ResponseReturnValue:
    """Choose a week, and book it until a date; each refused day is named."""
    now = clock.now()
    tomorrow = clock.local_day(now) + timedelta(days=1)
    grid = month_grid(
        db.session(),
        child_id=child_id,
        family_id=current_family_id(),
        month=first_of_month(tomorrow),
        now=now,
    )
    if grid is None:
        abort(404)
    form = PatternForm(data={"first": tomorrow, "last": last_bookable_day(db.session(), tomorrow)})
    chosen = request.form.getlist("slots")
    problem, answers = "", list[str]()
    if form.validate_on_submit():
        try:
            outcome = reserve_pattern(
                db.session(),
                actor=current_actor(),
                now=now,
                child_id=child_id,
                family_id=current_family_id(),
                slots=_slots(grid.columns, chosen),
                first=form.first.data,
                last=form.last.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            problem = refusal_sentence(refusal)
        else:
            answers = _saved(outcome, child_id)
            if not answers:
                return redirect(url_for(".month", child_id=child_id, m=form.first.data.strftime("%Y-%m")))
    page = render_template(
        "parent/week_pattern.html",
        form=form,
        child=grid.sheet,
        weekdays=_weekdays(),
        rows=[_row(column, chosen) for column in grid.columns],
        problem=problem,
        answers=answers,
    )
    return page, 422 if form.is_submitted() else 200


def _saved(outcome: Outcome, child_id: int) -> list[str]:
    """Commit and tell what was booked; return a sentence for each refused day."""
    if outcome.has_changed:
        tell_reservations(outcome, child_id=child_id, family_id=current_family_id(), now=clock.now())
        flash(_("C’est enregistré : %(words)s.", words=summary(outcome)), "success")
    elif not outcome.refused:
        flash(_("Rien n’a changé : ces journées étaient déjà réservées."), "info")
    db.session.commit()
    return [answer_sentence(one) for one in outcome.refused]


def _weekdays() -> list[tuple[str, str]]:
    """Return each day of the school week, in full and shortly."""
    days = [MONDAY + timedelta(days=weekday) for weekday in SCHOOL_DAYS]
    return [(weekday_name(day), short_weekday(day)) for day in days]


def _row(column: GridColumn, chosen: list[str]) -> dict[str, object]:
    names = _weekdays()
    cells = []
    for weekday in SCHOOL_DAYS:
        is_open = is_in_mask(column.activity.weekdays, MONDAY + timedelta(days=weekday))
        value = _slot_value(column, weekday) if is_open else None
        label = typographic(f"{column.name}, {names[weekday][0]}")
        cells.append({"value": value, "label": label, "is_on": value in chosen})
    return {"name": column.name, "cells": cells}
