"""Meals for the kitchen and staff for the children, day by day."""

from collections.abc import Iterator
from datetime import date, timedelta

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.attendance.headcount import SiteMeals, meals, staffing
from domain.dates import monday_of
from gateways.exports import Cell, csv_chunks, xlsx_bytes
from models.family import Diet
from views.access import access
from views.admin.export import XLSX
from views.extensions import db

bp = Blueprint("admin_headcount", __name__, url_prefix="/admin/effectifs")
READERS = ("administrator", "school_agent", "activity_leader")
WEEK = timedelta(days=7)


def _monday() -> date:
    """Return the Monday of the week asked for; on a week-end, the coming one."""
    today = clock.today()
    try:
        day = date.fromisoformat(request.args.get("semaine", ""))
    except ValueError:
        day = today + timedelta(days=2) if today.weekday() >= 5 else today
    return monday_of(day)


@bp.get("")
@access(*READERS)
def index() -> ResponseReturnValue:
    """Show a week: meals by site and diet, and the staff that the ratios ask for."""
    monday = _monday()
    return render_template(
        "admin/headcount.html",
        monday=monday,
        previous=monday - WEEK,
        following=monday + WEEK,
        meals=meals(db.session(), first=monday, end=monday + WEEK),
        staffing=staffing(db.session(), first=monday, end=monday + WEEK),
        diets=diet_names(),
    )


def diet_names() -> dict[str, str]:
    """Return the menus by code."""
    return {
        Diet.STANDARD.value: _("Standard"),
        Diet.NO_PORK.value: _("Sans porc"),
        Diet.NO_MEAT.value: _("Sans viande"),
    }


@bp.get("/repas.<kind>")
@access(*READERS)
def export(kind: str) -> ResponseReturnValue:
    """Give the week's meals to the kitchen, as CSV or XLSX."""
    if kind not in ("csv", "xlsx"):
        abort(404)
    monday = _monday()
    diets = diet_names()
    header = [
        _("Jour"),
        _("Site"),
        *diets.values(),
        _("Moins de 6 ans"),
        _("Paniers-repas (PAI)"),
        _("Total"),
    ]
    rows = _rows(meals(db.session(), first=monday, end=monday + WEEK), list(diets))
    name = f"repas-{monday.isoformat()}.{kind}"
    if kind == "csv":
        answer = Response(b"".join(csv_chunks(header, rows)), mimetype="text/csv")
    else:
        answer = Response(xlsx_bytes(header, rows, title=_("Repas")), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(found: list[SiteMeals], diets: list[str]) -> Iterator[list[Cell]]:
    for one in found:
        counts = [one.diets[diet] for diet in diets]
        yield [one.day, one.site_name, *counts, one.under_six, one.packed, one.cooked]
