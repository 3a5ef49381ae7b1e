"""Travaux en cours: everything that the worker does for the service, and the page of one act."""

from io import BytesIO

from flask import Blueprint, abort, jsonify, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from domain import clock
from domain.jobs.operations import OPEN, resume_job
from domain.jobs.queries import is_interrupted
from models.documents import StoredFile
from models.jobs import Job, JobState
from views.access import access, current_actor
from views.admin.export import XLSX
from views.admin.job_rows import ended_rows, open_rows, who_asked
from views.extensions import db
from views.invoice_documents import read_pdf
from views.jobs import wake
from views.office_jobs.exports import screen
from views.office_jobs.kinds import TYPES
from views.office_jobs.start import CHORE

bp = Blueprint("admin_jobs", __name__, url_prefix="/admin/travaux")
STAFF = ("administrator", "school_agent", "regisseur")


@bp.get("")
@access(*STAFF)
def index() -> ResponseReturnValue:
    """Show what runs, since when, how far and for whom; and what ended last."""
    roles = current_actor().roles
    return render_template("admin/jobs.html", rows=open_rows(roles), ended=ended_rows(roles))


@bp.get("/<int:job_id>")
@access(*STAFF)
def job(job_id: int) -> ResponseReturnValue:
    """Show one act: how far it is, or how it ended."""
    found = _job(job_id)
    job_type = TYPES[found.kind]
    is_done = found.state is JobState.DONE
    return render_template(
        "admin/job.html",
        job=found,
        is_open=found.state in OPEN,
        is_waiting=found.state is JobState.WAITING,
        is_interrupted=is_interrupted(found, clock.now()),
        total=_total(found),
        title=job_type.title(found.facts),
        unit=job_type.unit,
        who=who_asked([found.created_by])[found.created_by],
        said=job_type.said(found.facts, found.result) if is_done else "",
        href=_href(found) if is_done else "",
    )


def _total(found: Job) -> int | None:
    """Return of how many things the progress is told; None when only the end of it is known."""
    return found.total_count if TYPES[found.kind].is_counted else None


def _href(found: Job) -> str:
    if found.file_id is not None:
        return url_for(".file", job_id=found.id)
    return TYPES[found.kind].href(found.subject, found.facts, found.result)


@bp.get("/<int:job_id>/avancement")
@access(*STAFF)
def progress(job_id: int) -> ResponseReturnValue:
    """Say how far an act is, to the script of the progress bar."""
    found = _job(job_id)
    return jsonify(
        done=found.done_count,
        total=_total(found),
        waiting=found.state is JobState.WAITING,
        finished=found.state not in OPEN,
    )


@bp.post("/<int:job_id>/reprendre")
@access(*STAFF)
def resume(job_id: int) -> ResponseReturnValue:
    """Let the worker go on with an act that stopped."""
    _job(job_id)
    found = resume_job(db.session(), actor=current_actor(), now=clock.now(), job_id=job_id)
    going_on = found.id
    db.session.commit()
    wake(CHORE)
    return redirect(url_for(".job", job_id=going_on))


@bp.get("/<int:job_id>/fichier")
@access(*STAFF)
def file(job_id: int) -> ResponseReturnValue:
    """Give the workbook of a list, to whoever may look at that list."""
    found = _job(job_id)
    kept = db.session.get(StoredFile, found.file_id) if found.file_id is not None else None
    if kept is None or not current_actor().roles & screen(found.facts["screen"]).readers:
        abort(404)
    data = BytesIO(read_pdf(kept.id))
    return send_file(data, mimetype=XLSX, as_attachment=True, download_name=kept.filename, max_age=0)


def _job(job_id: int) -> Job:
    """Return an act that this person may look at; 404 otherwise."""
    found = db.session.get(Job, job_id)
    if found is None or not current_actor().roles & TYPES[found.kind].roles:
        abort(404)
    return found
