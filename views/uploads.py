"""Supporting documents on their way in: checked by content, kept privately, written down."""

from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from gateways.files import CheckedFile, inspect_upload
from models.documents import Document, DocumentType, StoredFile
from views.extensions import db
from views.files import file_store


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document just written down; ``forget`` its bytes when the transaction is not committed."""

    id: int
    key: str

    def forget(self) -> None:
        """Delete the bytes, which no row names any more."""
        file_store().delete(self.key)


def checked_upload(upload: FileStorage) -> CheckedFile:
    """Return what may be kept of an upload.

    Raises:
        Refusal: see ``inspect_upload``.
    """
    return inspect_upload(upload.stream, upload.filename or "")


def keep_family_document(file: CheckedFile, *, type_code: str, family_id: int) -> KeptDocument:
    """Keep a checked file as a family's document of a kind, waiting for review; the caller commits."""
    return _keep(file, type_code, family_id=family_id)


def keep_child_document(file: CheckedFile, *, type_code: str, child_id: int) -> KeptDocument:
    """Keep a checked file as a child's document of a kind, waiting for review; the caller commits."""
    return _keep(file, type_code, child_id=child_id)


def _keep(file: CheckedFile, type_code: str, **subject: int) -> KeptDocument:
    kind = db.session.scalars(select(DocumentType.id).where(DocumentType.code == type_code)).one()
    key = file_store().put(file.data, file.media_type)
    row = StoredFile(
        key=key,
        filename=file.filename,
        media_type=file.media_type,
        size=len(file.data),
        pages=file.pages,
        sha256=file.sha256,
    )
    db.session.add(row)
    db.session.flush()
    document = Document(document_type_id=kind, file_id=row.id, **subject)
    db.session.add(document)
    db.session.flush()
    return KeptDocument(document.id, key)
