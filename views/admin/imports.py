"""Importer des familles: check a file, read what is wrong with it, then write the good rows."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from domain.actor import Role
from domain.errors import Refusal
from domain.family.import_rules import COLUMNS
from models.imports import ImportKind, ImportRun
from models.jobs import JobKind
from views.access import access
from views.admin.import_runs import (
    begin_check,
    begin_writing,
    check_page,
    find_run,
    keep_upload,
    rejects_answer,
)
from views.errors import refusal_sentence
from views.extensions import db
from views.office_jobs.imports import found_in
from views.office_jobs.start import follow

ROLES = (Role.ADMINISTRATOR.value, Role.SCHOOL_AGENT.value)
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
            return follow(JobKind.IMPORT_CHECK, begin_check(run))
    page = render_template("admin/import.html", error=error, columns=COLUMNS, runs=_latest_runs())
    return page, 422 if error else 200


def _latest_runs() -> list[ImportRun]:
    """Return the files brought last, imported or not."""
    runs = select(ImportRun).where(ImportRun.kind == ImportKind.FAMILIES)
    return list(db.session.scalars(runs.order_by(ImportRun.id.desc()).limit(RUNS_SHOWN)))


def _run(run_id: int) -> ImportRun:
    return find_run(run_id, ImportKind.FAMILIES)


@bp.get("/<int:run_id>")
@access(*ROLES)
def check(run_id: int) -> ResponseReturnValue:
    """Show what the file holds, its faults, and once it is written what came of it."""
    return check_page(_run(run_id), "admin/import_check.html", JobKind.IMPORT_FAMILIES)


@bp.post("/<int:run_id>/verifier")
@access(*ROLES)
def check_again(run_id: int) -> ResponseReturnValue:
    """Check the file again: a school that was missing may have been added since."""
    return follow(JobKind.IMPORT_CHECK, begin_check(_run(run_id)))


@bp.post("/<int:run_id>/importer")
@access(*ROLES)
def apply(run_id: int) -> ResponseReturnValue:
    """Write the good rows, once whatever is clicked."""
    run = _run(run_id)
    found = run.found or found_in(run)
    return begin_writing(run, JobKind.IMPORT_FAMILIES, found["families"])


@bp.get("/<int:run_id>/a-corriger.csv")
@access(*ROLES)
def rejects(run_id: int) -> ResponseReturnValue:
    """Give the refused rows as a file to correct and import again."""
    return rejects_answer(_run(run_id), "familles-a-corriger.csv")
