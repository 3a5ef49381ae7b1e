"""Carte scolaire: check a file, replace a year's map with it, and try an address on the map."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.actor import Role
from domain.errors import Refusal
from domain.schools.rules import Level, SchoolKind
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import (
    FoundSector,
    SectorPlan,
    map_summaries,
    plan_sectors,
    replace_sectors,
    sector_of,
)
from gateways.imports.tables import Table
from models.calendar import SchoolYear
from models.imports import ImportKind, ImportRun
from views.access import access, current_actor
from views.admin.import_runs import CSV, claim, find_run, keep_upload, kept_table
from views.errors import refusal_sentence
from views.extensions import db
from views.import_reports import problem_sentence, rejects_csv
from views.school_words import segment_words, unlocated_words

ROLES = (Role.ADMINISTRATOR.value, Role.SCHOOL_AGENT.value)
SHOWN = 200
# The level that stands for its kind when an address is tried.
TRIED = {SchoolKind.NURSERY: Level.PS, SchoolKind.ELEMENTARY: Level.CP}
bp = Blueprint("admin_sectors", __name__, url_prefix="/admin/carte-scolaire")


@bp.route("/", methods=["GET", "POST"])
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Show the maps, try an address, and take a file to check; nothing is written but the file itself."""
    error = ""
    if request.method == "POST":
        try:
            run = keep_upload(ImportKind.SECTORS, COLUMNS, "secteurs.csv")
        except Refusal as refusal:
            error = refusal_sentence(refusal)
        else:
            db.session.commit()
            return redirect(url_for(".check", run_id=run.id))
    page = render_template(
        "admin/sectors.html",
        error=error,
        columns=COLUMNS,
        maps=map_summaries(db.session()),
        typed=request.args.get("adresse", "").strip(),
        answers=_tried(request.args.get("adresse", "").strip()),
    )
    return page, 422 if error else 200


def _tried(line: str) -> list[tuple[str, str, str, str]]:
    """Return what each map says of an address: year, level, school or why not, and the deciding segment."""
    if not line:
        return []
    rows = []
    for year in db.session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on.desc())):
        for kind, level in TRIED.items():
            found = sector_of(db.session(), line=line, school_year_id=year.id, level=level)
            name = _("Maternelle") if kind is SchoolKind.NURSERY else _("Élémentaire")
            if isinstance(found, FoundSector):
                rows.append((year.label, name, found.school_name, segment_words(found.segment)))
            else:
                rows.append((year.label, name, "", unlocated_words(found)))
    return rows


def _run(run_id: int) -> ImportRun:
    return find_run(run_id, ImportKind.SECTORS)


def _plan(run: ImportRun) -> tuple[Table, SectorPlan]:
    table = kept_table(run, COLUMNS)
    return table, plan_sectors(db.session(), ((row.line, row.values) for row in table.rows))


@bp.get("/<int:run_id>")
@access(*ROLES)
def check(run_id: int) -> ResponseReturnValue:
    """Show what the file holds and every fault, with its line, its column and what to do."""
    run = _run(run_id)
    _table, plan = _plan(run)
    return render_template(
        "admin/sectors_check.html",
        run=run,
        plan=plan,
        problems=[
            (problem.line, problem.column, problem_sentence(problem)) for problem in plan.problems[:SHOWN]
        ],
        hidden=max(0, len(plan.problems) - SHOWN),
    )


@bp.post("/<int:run_id>/importer")
@access(*ROLES)
def apply(run_id: int) -> ResponseReturnValue:
    """Replace the maps of the file's years, once whatever is clicked; a file with a fault replaces nothing."""
    run = _run(run_id)
    now, actor = clock.now(), current_actor()
    if not claim(run, now):
        db.session.rollback()
        return redirect(url_for(".check", run_id=run_id))
    _table, plan = _plan(run)
    counts = replace_sectors(db.session(), actor=actor, now=now, plan=plan)
    run.counts = {str(year): count for year, count in counts.items()}
    db.session.commit()
    flash(_("La carte scolaire est en place."), "success")
    return redirect(url_for(".check", run_id=run_id))


@bp.get("/<int:run_id>/a-corriger.csv")
@access(*ROLES)
def rejects(run_id: int) -> ResponseReturnValue:
    """Give the refused rows as a file to correct; it is the whole file that is imported again."""
    table, plan = _plan(_run(run_id))
    response = Response(rejects_csv(table, plan.problems), mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="secteurs-a-corriger.csv"'
    return response
