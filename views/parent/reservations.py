"""A parent reserves: the month's grid of a child."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.dates import add_months, first_of_month, read_month
from domain.errors import Refusal
from domain.reservations.late import late_days
from domain.reservations.operations import Outcome, save_month
from domain.reservations.queries import HomeChild, MonthGrid, family_children, month_grid
from domain.reservations.rules import Reason
from domain.reservations.waiting_boxes import save_waiting_boxes
from views.access import access, current_actor, current_family_id, may_reserve_for, visible_children
from views.extensions import db
from views.formats import month as month_name
from views.parent.blueprint import bp
from views.parent.grid import Drawn, answer_sentence, draw, read_choices, summary
from views.parent.preparing import is_prepared, ticks
from views.parent.tell import tell_reservations


@bp.get("/reservations")
@access("parent")
def reservations() -> ResponseReturnValue:
    """Let the parent choose a child; with a single one, go straight to its month."""
    children = visible_children(
        family_children(db.session(), family_id=current_family_id(), today=clock.today())
    )
    if len(children) == 1:
        return redirect(url_for(".month", child_id=children[0].id))
    return render_template("parent/reservations.html", children=children)


def _read(text: str) -> date:
    try:
        return read_month(text)
    except ValueError:
        abort(404)


def _grid(child_id: int, month: date) -> MonthGrid:
    grid = month_grid(
        db.session(), child_id=child_id, family_id=current_family_id(), month=month, now=clock.now()
    )
    if grid is None:
        abort(404)
    return grid


def _page(
    grid: MonthGrid, drawn: Drawn, answers: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    def link(month: date) -> tuple[str, str] | None:
        if not grid.first_month <= month <= grid.last_month:
            return None
        address = url_for(".month", child_id=grid.sheet.child_id, m=month.strftime("%Y-%m"))
        return address, month_name(month)

    return render_template(
        "parent/month.html",
        child=grid.sheet,
        month=grid.month,
        grid=drawn,
        siblings=_siblings(grid),
        previous=link(add_months(grid.month, -1)),
        following=link(add_months(grid.month, 1)),
        answers=answers or [],
        awaited=grid.awaited,
        late_days=late_days(db.session(), grid, clock.now()),
        has_wishes=any(found.cell.reason is Reason.WISHES_FIRST for found in grid.cells.values()),
        may_reserve=may_reserve_for(grid.sheet.child_id),
    ), status


@bp.get("/enfants/<int:child_id>/reservations")
@access("parent")
def month(child_id: int) -> ResponseReturnValue:
    """Show a child's month: what is booked, what may be, until when, at what price."""
    asked = request.args.get("m", "")
    grid = _grid(child_id, _read(asked) if asked else first_of_month(clock.today()))
    return _page(grid, draw(grid, today=clock.today()))


@bp.post("/enfants/<int:child_id>/reservations")
@access("parent")
def save(child_id: int) -> ResponseReturnValue:
    """Save the month as it is ticked; what is refused is named, the rest is kept."""
    chosen = _read(request.form.get("month", ""))
    ticked = request.form.getlist("days")
    if is_prepared(request.form):
        return _prepared(_grid(child_id, chosen), frozenset(ticked), frozenset(request.form.getlist("wait")))
    actor, now = current_actor(), clock.now()
    try:
        outcome = save_month(
            db.session(),
            actor=actor,
            now=now,
            child_id=child_id,
            family_id=current_family_id(),
            month=chosen,
            shown=read_choices(request.form.get("shown", "").split()),
            checked=read_choices(ticked),
        )
    except Refusal as refusal:
        if refusal.code in ("unknown_child", "not_your_family"):
            abort(404)
        raise
    save_waiting_boxes(
        db.session(),
        actor=actor,
        now=now,
        child_id=child_id,
        family_id=current_family_id(),
        shown=read_choices(request.form.get("shown_waiting", "").split()),
        checked=read_choices(request.form.getlist("wait")),
        outcome=outcome,
    )
    if outcome.has_changed:
        tell_reservations(outcome, child_id=child_id, family_id=current_family_id(), now=now)
    db.session.commit()
    return _answer(child_id, chosen, outcome)


def _answer(child_id: int, chosen: date, outcome: Outcome) -> ResponseReturnValue:
    if outcome.has_changed:
        flash(_("C’est enregistré : %(words)s.", words=summary(outcome)), "success")
    if outcome.refused:
        grid = _grid(child_id, chosen)
        return _page(
            grid, draw(grid, today=clock.today()), [answer_sentence(one) for one in outcome.refused], 422
        )
    if not outcome.has_changed:
        flash(_("Rien n’a changé : le mois était déjà enregistré ainsi."), "info")
    return redirect(url_for(".month", child_id=child_id, m=chosen.strftime("%Y-%m")))


def _prepared(grid: MonthGrid, ticked: frozenset[str], waiting: frozenset[str]) -> ResponseReturnValue:
    """Show the month with more boxes ticked, nothing saved: the parent still decides."""
    siblings = frozenset(child.id for child in _siblings(grid))
    added = ticks(grid, draw(grid, today=clock.today(), ticked=ticked), request.form, siblings)
    if not added - ticked and "like" in request.form:
        flash(_("Il n’y a rien à recopier pour ce mois."), "info")
    return _page(grid, draw(grid, today=clock.today(), ticked=ticked | added, waiting=waiting))


def _siblings(grid: MonthGrid) -> list[HomeChild]:
    children = visible_children(
        family_children(db.session(), family_id=grid.sheet.family_id, today=clock.today())
    )
    return [child for child in children if child.id != grid.sheet.child_id]
