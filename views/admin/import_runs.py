"""A file that staff bring: kept when it is checked, so that what was checked is what is written, once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from flask import abort, request
from sqlalchemy import update

from domain.errors import Refusal
from gateways.imports.tables import MAX_BYTES, Table, read_table
from models.documents import StoredFile
from models.imports import ImportKind, ImportRun
from views.access import current_actor
from views.extensions import db
from views.files import file_store

CSV = "text/csv"


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


def kept_table(run: ImportRun, columns: Sequence[str]) -> Table:
    """Read the kept file again; 404 when it is no longer there."""
    kept = db.session.get(StoredFile, run.file_id) if run.file_id else None
    if kept is None:
        abort(404)
    with file_store().open(kept.key) as stream:
        return read_table(stream.read(), columns)


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
