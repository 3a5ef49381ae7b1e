"""Private documents on their way out: streamed from the file store, never from a static folder."""

from io import BytesIO

from flask import Response, abort, send_file
from sqlalchemy import select

from gateways.files import draw_page
from models.documents import Document, StoredFile
from views.extensions import db
from views.files import file_store

# What a browser may show inside the page; the rest is downloaded.
PDF = "application/pdf"
SHOWN = frozenset({PDF, "image/jpeg", "image/png"})
# A browser's own PDF reader does not open in a sandbox; uploads with active content were refused anyway.
PDF_POLICY = "script-src 'none'; base-uri 'none'; frame-ancestors 'self'"
IMAGE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


def send_page(document_id: int, number: int) -> Response:
    """Give a page of a document as a picture, which every telephone shows; the caller has checked who asks.

    404 when there is no such page, or when nothing can be drawn of the file.
    """
    file = _file_of(document_id)
    if not 1 <= number <= file.pages:
        abort(404)
    with file_store().open(file.key) as stream:
        picture = draw_page(stream.read(), file.media_type, number)
    if picture is None:
        abort(404)
    response = send_file(BytesIO(picture.data), mimetype=picture.media_type, max_age=0)
    return _private(response, IMAGE_POLICY)


def send_document(document_id: int, *, inline: bool = False) -> Response:
    """Give a document's file; the caller has checked who asks. 404 when there is none."""
    file = _file_of(document_id)
    response = send_file(
        file_store().open(file.key),
        mimetype=file.media_type,
        as_attachment=not (inline and file.media_type in SHOWN),
        download_name=file.filename,
        max_age=0,
    )
    return _private(response, PDF_POLICY if file.media_type == PDF else IMAGE_POLICY)


def _file_of(document_id: int) -> StoredFile:
    file = db.session.scalar(
        select(StoredFile).join(Document, Document.file_id == StoredFile.id).where(Document.id == document_id)
    )
    if file is None:
        abort(404)
    return file


def _private(response: Response, policy: str) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response
