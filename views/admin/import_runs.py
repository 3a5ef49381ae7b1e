"""A file that staff bring: kept when it is checked, so that what was checked is what is written, once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from domain import clock
from domain.errors import Refusal
from domain.jobs.queries import latest_job
from gateways.imports.tables import MAX_BYTES, read_table
from models.documents import StoredFile
from models.imports import ImportKind, ImportRun
from models.jobs import Job, JobKind
from views.access import current_actor
from views.extensions import db
from views.files import file_store
from views.import_reports import rejects_csv
from views.office_jobs.imports import PAGES, found_in, kept_table
from views.office_jobs.start import begin, follow
from views.office_jobs.task import Task

CSV = "text/csv"
SHOWN = 200


def keep_upload(kind: ImportKind, columns: Sequence[str], usual_name: str) -> ImportRun:
    """Read the uploaded file and keep it as an import to check; the caller commits.

    Raises:
        Refusal: ``import_no_file``, or one of ``read_table``.
    """
    upload = request.files.get("file")
    data = upload.stream.read(MAX_BYTES + 1) if upload and upload.filename else b""
    if not data:
        raise Refusal("import_no_file")
    table = read_table(data, columns)
    current_actor()
    digest = hashlib.sha256(data).hexdigest()
    kept = StoredFile(
        key=file_store().put(data, CSV),
        filename=((upload.filename if upload else None) or usual_name)[:200],
        media_type=CSV,
        size=len(data),
        sha256=digest,
    )
    db.session.add(kept)
    db.session.flush()
    run = ImportRun(
        kind=kind, filename=kept.filename, sha256=digest, file_id=kept.id, row_count=len(table.rows)
    )
    db.session.add(run)
    db.session.flush()
    return run


def find_run(run_id: int, kind: ImportKind) -> ImportRun:
    """Return an import of a kind; 404 without it."""
    run = db.session.get(ImportRun, run_id)
    if run is None or run.kind is not kind:
        abort(404)
    return run


def begin_check(run: ImportRun) -> Task | Job:
    """Check a kept file, now or by the worker; the caller commits."""
    facts = {"kind": run.kind.value, "file": run.filename}
    return begin(JobKind.IMPORT_CHECK, subject=str(run.id), facts=facts, total=run.row_count)


def begin_writing(run: ImportRun, kind: JobKind, total: int) -> ResponseReturnValue:
    """Write a checked file once, whatever is clicked, now or by the worker; show how far it is."""
    if not claim(run, clock.now()):
        db.session.rollback()
        return redirect(url_for(PAGES[run.kind.value], run_id=run.id))
    facts = {"kind": run.kind.value, "file": run.filename}
    return follow(kind, begin(kind, subject=str(run.id), facts=facts, total=total))


def check_page(run: ImportRun, template: str, kind: JobKind) -> ResponseReturnValue:
    """Show what a file holds and every fault, with its line, its column and what to do; or how far its check is."""
    check = latest_job(db.session(), JobKind.IMPORT_CHECK, str(run.id))
    if check is not None and not run.found:
        return redirect(url_for("admin_jobs.job", job_id=check.id))
    found = run.found or found_in(run)
    return render_template(
        template,
        run=run,
        found=found,
        writing=latest_job(db.session(), kind, str(run.id)),
        problems=found["problems"][:SHOWN],
        hidden=max(0, len(found["problems"]) - SHOWN),
    )


def rejects_answer(run: ImportRun, name: str) -> Response:
    """Give the refused rows as a file to correct; 404 when the file is no longer there."""
    table = kept_table(run)
    if table is None:
        abort(404)
    found = run.found or found_in(run)
    response = Response(rejects_csv(table, found["problems"]), mimetype=CSV)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def claim(run: ImportRun, now: datetime) -> bool:
    """Mark a file as imported; False when another click did it before, or does it now."""
    claimed = db.session.execute(
        update(ImportRun)
        .where(ImportRun.id == run.id, ImportRun.applied_at.is_(None))
        .values(applied_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(run)
    return bool(claimed.rowcount)  # type: ignore[attr-defined]
