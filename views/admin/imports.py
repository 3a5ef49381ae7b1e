"""Importer des familles: check a file, read what is wrong with it, then write the good rows."""

from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.actor import Role
from domain.errors import Refusal
from domain.family.import_rules import COLUMNS
from domain.family.importing import ImportPlan, apply_import, plan_import
from gateways.imports.tables import Table
from models.imports import ImportKind, ImportRun
from views.access import access, current_actor
from views.admin.import_runs import CSV, claim, find_run, keep_upload, kept_table
from views.errors import refusal_sentence
from views.extensions import db
from views.import_reports import problem_sentence, rejects_csv

ROLES = (Role.ADMINISTRATOR.value, Role.SCHOOL_AGENT.value)
SHOWN = 200
RUNS_SHOWN = 20
bp = Blueprint("admin_imports", __name__, url_prefix="/admin/importer-des-familles")


@bp.route("/", methods=["GET", "POST"])
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Take a file and check it; nothing is written but the file itself."""
    error = ""
    if request.method == "POST":
        try:
            run = keep_upload(ImportKind.FAMILIES, COLUMNS, "familles.csv")
        except Refusal as refusal:
            error = refusal_sentence(refusal)
        else:
            db.session.commit()
            return redirect(url_for(".check", run_id=run.id))
    page = render_template("admin/import.html", error=error, columns=COLUMNS, runs=_latest_runs())
    return page, 422 if error else 200


def _latest_runs() -> list[ImportRun]:
    """Return the files brought last, imported or not."""
    runs = select(ImportRun).where(ImportRun.kind == ImportKind.FAMILIES)
    return list(db.session.scalars(runs.order_by(ImportRun.id.desc()).limit(RUNS_SHOWN)))


def _plan(run: ImportRun, today: date) -> tuple[Table, ImportPlan]:
    table = kept_table(run, COLUMNS)
    rows = ((row.line, row.values) for row in table.rows)
    return table, plan_import(db.session(), rows, today=today)


def _run(run_id: int) -> ImportRun:
    return find_run(run_id, ImportKind.FAMILIES)


@bp.get("/<int:run_id>")
@access(*ROLES)
def check(run_id: int) -> ResponseReturnValue:
    """Show what the file holds and every fault, with its line, its column and what to do."""
    run = _run(run_id)
    _table, plan = _plan(run, clock.today())
    return render_template(
        "admin/import_check.html",
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
    """Write the good rows, once whatever is clicked."""
    run = _run(run_id)
    now = clock.now()
    actor = current_actor()
    if not claim(run, now):
        db.session.rollback()
        return redirect(url_for(".check", run_id=run_id))
    _table, plan = _plan(run, clock.local_day(now))
    result = apply_import(db.session(), actor=actor, now=now, plan=plan)
    run.counts = {
        "families": result.families,
        "guardians": result.guardians,
        "children": result.children,
        "already_there": result.already_there,
        "refused": len(plan.refused_lines),
    }
    run.problems = [
        {"line": problem.line, "sentence": problem_sentence(problem)} for problem in result.to_check
    ]
    db.session.commit()
    flash(
        _(
            "%(families)s familles et %(children)s enfants importés ; %(there)s familles étaient déjà là.",
            families=result.families,
            children=result.children,
            there=result.already_there,
        ),
        "success",
    )
    return redirect(url_for(".check", run_id=run_id))


@bp.get("/<int:run_id>/a-corriger.csv")
@access(*ROLES)
def rejects(run_id: int) -> ResponseReturnValue:
    """Give the refused rows as a file to correct and import again."""
    table, plan = _plan(_run(run_id), clock.today())
    response = Response(rejects_csv(table, plan.problems), mimetype=CSV)
    response.headers["Content-Disposition"] = 'attachment; filename="familles-a-corriger.csv"'
    return response
