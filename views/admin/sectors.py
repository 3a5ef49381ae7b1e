"""Carte scolaire: check a file, replace a year's map with it, and try an address on the map."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain.actor import Role
from domain.errors import Refusal
from domain.schools.rules import Level, SchoolKind
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import FoundSector, map_summaries, sector_of
from models.calendar import SchoolYear
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
from views.school_words import segment_words, unlocated_words

ROLES = (Role.ADMINISTRATOR.value, Role.SCHOOL_AGENT.value)
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
            return follow(JobKind.IMPORT_CHECK, begin_check(run))
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


@bp.get("/<int:run_id>")
@access(*ROLES)
def check(run_id: int) -> ResponseReturnValue:
    """Show what the file holds, its faults, and once it is in place what came of it."""
    return check_page(_run(run_id), "admin/sectors_check.html", JobKind.IMPORT_SECTORS)


@bp.post("/<int:run_id>/verifier")
@access(*ROLES)
def check_again(run_id: int) -> ResponseReturnValue:
    """Check the file again: a school that was missing may have been added since."""
    return follow(JobKind.IMPORT_CHECK, begin_check(_run(run_id)))


@bp.post("/<int:run_id>/importer")
@access(*ROLES)
def apply(run_id: int) -> ResponseReturnValue:
    """Replace the maps of the file's years, once whatever is clicked; a file with a fault replaces nothing."""
    run = _run(run_id)
    found = run.found or found_in(run)
    return begin_writing(run, JobKind.IMPORT_SECTORS, found["rows"])


@bp.get("/<int:run_id>/a-corriger.csv")
@access(*ROLES)
def rejects(run_id: int) -> ResponseReturnValue:
    """Give the refused rows as a file to correct; it is the whole file that is imported again."""
    return rejects_answer(_run(run_id), "secteurs-a-corriger.csv")
