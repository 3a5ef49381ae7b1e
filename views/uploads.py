"""Supporting documents on their way in: checked by content, kept privately, written down."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import FileStorage

from domain import clock
from domain.documents.operations import submit_document
from domain.documents.storage import NewFile
from domain.errors import Refusal
from gateways.files import CheckedFile, combine_files, inspect_upload
from models.documents import DocumentSubject
from views.access import current_actor
from views.extensions import db
from views.files import file_store


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document just written down; call ``forget`` or ``settle`` when the transaction has ended.

    Args:
        key: of its bytes.
        unused_keys: what the committed transaction leaves without a name.
    """

    id: int
    key: str
    unused_keys: tuple[str, ...] = ()

    def forget(self) -> None:
        """After a rollback: delete the bytes, which no row names any more."""
        file_store().delete(self.key)

    def settle(self) -> None:
        """After the commit: delete the bytes of what this document replaces."""
        for key in self.unused_keys:
            file_store().delete(key)


def checked_upload(upload: FileStorage) -> CheckedFile:
    """Return what may be kept of an upload.

    Raises:
        Refusal: see ``inspect_upload``.
    """
    # A large upload waits in a temporary file, which nobody else closes.
    with closing(upload):
        return inspect_upload(upload.stream, upload.filename or "")


def checked_uploads(uploads: Sequence[FileStorage]) -> CheckedFile:
    """Return what may be kept of the pages of one document, as one file.

    Raises:
        Refusal: see ``inspect_upload`` and ``combine_files``.
    """
    return combine_files([checked_upload(upload) for upload in uploads])


def keep_family_document(file: CheckedFile, *, type_code: str, family_id: int) -> KeptDocument:
    """Keep a checked file as a family's document of a kind, waiting for review; the caller commits."""
    return keep_document(file, type_code=type_code, subject=DocumentSubject.FAMILY, subject_id=family_id)


def keep_child_document(file: CheckedFile, *, type_code: str, child_id: int, family_id: int) -> KeptDocument:
    """Keep a checked file as a child's document, given by one of its families; the caller commits."""
    return keep_document(
        file, type_code=type_code, subject=DocumentSubject.CHILD, subject_id=child_id, family_id=family_id
    )


def keep_document(
    file: CheckedFile,
    *,
    type_code: str,
    subject: DocumentSubject,
    subject_id: int,
    issued_on: date | None = None,
    family_id: int | None = None,
) -> KeptDocument:
    """Keep a checked file and give it as a document; the caller commits, then calls ``settle``.

    Raises:
        Refusal: see ``submit_document``; the bytes are forgotten then.
    """
    key = file_store().put(file.data, file.media_type)
    new = NewFile(key, file.filename, file.media_type, len(file.data), file.pages, file.sha256)
    try:
        given = submit_document(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            type_code=type_code,
            subject=subject,
            subject_id=subject_id,
            file=new,
            issued_on=issued_on,
            family_id=family_id,
        )
    except Refusal:
        file_store().delete(key)
        raise
    return KeptDocument(given.document.id, key, given.unused_keys)
