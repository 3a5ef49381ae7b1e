"""Private documents on their way out: streamed from the file store, never from a static folder."""

from flask import Response, abort, send_file
from sqlalchemy import select

from models.documents import Document, StoredFile
from views.extensions import db
from views.files import file_store

# What a browser may show inside the page; the rest is downloaded.
PDF = "application/pdf"
SHOWN = frozenset({PDF, "image/jpeg", "image/png"})
# A browser's own PDF reader does not open in a sandbox; uploads with active content were refused anyway.
PDF_POLICY = "script-src 'none'; base-uri 'none'; frame-ancestors 'self'"
IMAGE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


def send_document(document_id: int, *, inline: bool = False) -> Response:
    """Give a document's file; the caller has checked who asks. 404 when there is none."""
    file = db.session.scalar(
        select(StoredFile).join(Document, Document.file_id == StoredFile.id).where(Document.id == document_id)
    )
    if file is None:
        abort(404)
    response = send_file(
        file_store().open(file.key),
        mimetype=file.media_type,
        as_attachment=not (inline and file.media_type in SHOWN),
        download_name=file.filename,
        max_age=0,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = PDF_POLICY if file.media_type == PDF else IMAGE_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
