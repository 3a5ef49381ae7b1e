"""Documents given and taken back by families; what was examined once is never overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.documents.rules import Validity, valid_until
from domain.documents.storage import NewFile
from domain.documents.subjects import Subject, find_subject
from domain.errors import Refusal
from models.attendance import AbsenceJustification
from models.demarches import AddressChange
from models.documents import Document, DocumentState, DocumentSubject, DocumentType, StoredFile


@dataclass(frozen=True, slots=True)
class Submission:
    """A document given; once the caller has committed, nothing names the bytes under ``unused_keys``."""

    document: Document
    unused_keys: tuple[str, ...] = ()


def submit_document(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    type_code: str,
    subject: DocumentSubject,
    subject_id: int,
    file: NewFile,
    issued_on: date | None = None,
    family_id: int | None = None,
) -> Submission:
    """Give a document to the service; it waits for review.

    One of the same kind that this family gave and that nobody examined yet is replaced and forgotten; refused,
    accepted and expired ones stay in the file. The very same file sent twice has one effect.

    Args:
        subject: whom the kind is about; with ``subject_id``, the family, adult or child itself.
        family_id: which family gives it, for a child of two; without it, the actor's.

    Raises:
        Refusal: ``unknown_document_type``, ``not_your_family``, ``issue_date_in_future``,
            ``document_out_of_date`` (``last_day``, ``months``).
    """
    kind = session.scalar(
        select(DocumentType).where(DocumentType.code == type_code, DocumentType.subject == subject)
    )
    if kind is None:
        raise Refusal("unknown_document_type")
    person = find_subject(
        session, actor=actor, today=local_day(now), kind=subject, subject_id=subject_id,
        is_health=kind.is_health, family_id=family_id,
    )  # fmt: skip
    if person is None:
        raise Refusal("not_your_family")
    require_fresh(kind, issued_on, local_day(now))
    waiting = _waiting(session, kind, person)
    twin = next((one for one, waits in waiting if waits.sha256 == file.sha256), None)
    if twin is not None:
        return Submission(twin, (file.key,))
    document = _write(session, kind, person, file, issued_on)
    _trail(session, actor, now, "submit_document", document, kind, person)
    for one, _ in waiting:
        _trail(session, actor, now, "withdraw_document", one, kind, person)
    return Submission(document, _forget(session, waiting))


def correct_document(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    document_id: int,
    issued_on: date | None,
    valid_until: date | None,
) -> Document:
    """Correct the dates of a document: the day that it bears, and the last day that it holds.

    Raises:
        Refusal: ``not_allowed``, ``document_withdrawn``, ``issue_date_in_future``, ``document_dates_order``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    document = session.get(Document, document_id)
    if document is None:
        raise Refusal("document_withdrawn")
    if issued_on is not None and issued_on > local_day(now):
        raise Refusal("issue_date_in_future")
    if issued_on is not None and valid_until is not None and valid_until < issued_on:
        raise Refusal("document_dates_order")
    before = _dates(document)
    document.issued_on, document.valid_until = issued_on, valid_until
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="correct_document",
        subject_kind="document",
        subject_id=document.id,
        family_id=document.given_by_family_id,
        before=before,
        after=_dates(document),
    )
    return document


def _dates(document: Document) -> dict[str, str]:
    return {"issued_on": str(document.issued_on or ""), "valid_until": str(document.valid_until or "")}


def require_fresh(kind: DocumentType, issued_on: date | None, today: date) -> None:
    """Check the date that a document bears.

    Raises:
        Refusal: ``issue_date_in_future``, ``document_out_of_date`` (``last_day``, ``months``).
    """
    if issued_on is None:
        return
    if issued_on > today:
        raise Refusal("issue_date_in_future")
    if Validity(kind.validity) is Validity.MONTHS:
        last = valid_until(Validity.MONTHS, issued_on, months=kind.validity_months)
        if last is not None and last < today:
            raise Refusal("document_out_of_date", last_day=last, months=kind.validity_months)


def _write(
    session: Session, kind: DocumentType, person: Subject, file: NewFile, issued_on: date | None
) -> Document:
    row = StoredFile(
        key=file.key,
        filename=file.filename,
        media_type=file.media_type,
        size=file.size,
        pages=file.pages,
        sha256=file.sha256,
    )
    session.add(row)
    session.flush()
    document = Document(
        document_type_id=kind.id,
        family_id=person.id if person.kind is DocumentSubject.FAMILY else None,
        guardian_id=person.id if person.kind is DocumentSubject.GUARDIAN else None,
        child_id=person.id if person.kind is DocumentSubject.CHILD else None,
        file_id=row.id,
        issued_on=issued_on,
        given_by_family_id=person.family_id,
    )
    session.add(document)
    session.flush()
    return document


def _waiting(session: Session, kind: DocumentType, person: Subject) -> Sequence[tuple[Document, StoredFile]]:
    """Return what this family gave of the kind about the person, and nobody examined.

    The proof of a new address and the certificate of an absence stay with what they prove.
    """
    column = {
        DocumentSubject.FAMILY: Document.family_id,
        DocumentSubject.GUARDIAN: Document.guardian_id,
        DocumentSubject.CHILD: Document.child_id,
    }[person.kind]
    rows = session.execute(
        select(Document, StoredFile)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .where(
            Document.document_type_id == kind.id,
            column == person.id,
            Document.state == DocumentState.SUBMITTED,
            Document.given_by_family_id == person.family_id,
            ~exists().where(AddressChange.proof_id == Document.id),
            ~exists().where(AbsenceJustification.document_id == Document.id),
        )
        .order_by(Document.id)
    )
    return [(row.Document, row.StoredFile) for row in rows]


def _forget(session: Session, waiting: Sequence[tuple[Document, StoredFile]]) -> tuple[str, ...]:
    """Delete rows that still wait; one that an agent decides at this moment stays, with its file."""
    keys = []
    for document, file in waiting:
        gone = session.execute(
            delete(Document)
            .where(Document.id == document.id, Document.state == DocumentState.SUBMITTED)
            .execution_options(synchronize_session="fetch")
        )
        if gone.rowcount:  # type: ignore[attr-defined]
            session.delete(file)
            keys.append(file.key)
    session.flush()
    return tuple(keys)


def _trail(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    document: Document,
    kind: DocumentType,
    person: Subject,
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="document",
        subject_id=document.id,
        family_id=person.family_id,
        after={"kind": kind.code, "about": person.kind.value, "about_id": person.id},
    )
