"""What waits for the school service to look at, and the decisions that families were not told of yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from models.attendance import AbsenceJustification
from models.demarches import AddressChange
from models.documents import Document, DocumentState, DocumentType, StoredFile
from models.family import Child, Family, FamilyState, Guardian

# An agent who stops in the middle of a family's documents: after that long, what is decided is told.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReviewedDocument:
    """A document on the review screens; ``about`` is whom it concerns."""

    id: int
    kind_id: int
    kind_name: str
    about: str
    family_id: int | None
    family_name: str
    is_declaration: bool
    state: DocumentState
    received_at: datetime
    issued_on: date | None
    valid_until: date | None
    refusal_reason: str
    reviewed_at: datetime | None
    reviewed_by: str
    filename: str
    media_type: str
    pages: int


def waiting_count(session: Session) -> int:
    """Return how many documents wait for the service."""
    return session.scalar(select(func.count()).select_from(_joined(select(Document.id)).subquery())) or 0


def waiting_document_ids() -> Select[*tuple[Any, ...]]:
    """Return the statement of the documents that wait: their number, and when each came."""
    return _joined(select(Document.id.label("id"), Document.created_at.label("at")))


def waiting_documents(session: Session, *, limit: int = 200) -> list[ReviewedDocument]:
    """Return the documents that wait, the oldest first."""
    return _read(session, _joined(_columns()).order_by(Document.created_at, Document.id).limit(limit))


def find_reviewed(session: Session, document_id: int) -> ReviewedDocument | None:
    """Return one document, waiting or not."""
    statement = _with_people(_columns()).where(Document.id == document_id)
    return next(iter(_read(session, statement)), None)


def family_documents(session: Session, family_id: int) -> list[ReviewedDocument]:
    """Return all that a family gave, whatever its state, the oldest first."""
    statement = _with_people(_columns()).where(Document.given_by_family_id == family_id)
    return _read(session, statement.order_by(Document.created_at, Document.id))


def next_waiting(session: Session, after: ReviewedDocument) -> int | None:
    """Return the id of the document to look at next: the same family's first, then the oldest that follows."""
    of_family = _joined(select(Document.id)).where(
        Document.id != after.id, Document.given_by_family_id == after.family_id
    )
    others = _joined(select(Document.id)).where(Document.id != after.id)
    return (
        _first_id(session, of_family.order_by(Document.created_at, Document.id))
        or neighbour(session, after, forward=True)
        or _first_id(session, others.order_by(Document.created_at, Document.id))
    )


def neighbour(session: Session, of: ReviewedDocument, *, forward: bool) -> int | None:
    """Return the id of the waiting document that comes after, or before, in the order of arrival."""
    here = (Document.created_at == of.received_at, Document.created_at)
    if forward:
        beyond = or_(here[1] > of.received_at, and_(here[0], Document.id > of.id))
        order = (Document.created_at, Document.id)
    else:
        beyond = or_(here[1] < of.received_at, and_(here[0], Document.id < of.id))
        order = (Document.created_at.desc(), Document.id.desc())  # type: ignore[assignment]
    return _first_id(session, _joined(select(Document.id)).where(beyond).order_by(*order))


def _first_id(session: Session, statement: Select[*tuple[Any, ...]]) -> int | None:
    found: int | None = session.scalar(statement.limit(1))
    return found


def untold_decisions(session: Session, family_id: int) -> list[ReviewedDocument]:
    """Return the decisions that a family was not told of, refusals first."""
    statement = _with_people(_columns()).where(_untold(), Document.given_by_family_id == family_id)
    found = _read(session, statement.order_by(Document.id))
    return sorted(found, key=lambda one: one.state is not DocumentState.REFUSED)


def may_be_told(session: Session, family_id: int) -> bool:
    """Whether a family is told of decisions now: it is validated and none of its documents waits any more.

    Before that, the answer to its declaration tells of its documents.
    """
    state = session.scalar(select(Family.state).where(Family.id == family_id))
    waiting = _joined(select(Document.id)).where(Document.given_by_family_id == family_id)
    return state is FamilyState.VALIDATED and _first_id(session, waiting) is None


def families_to_tell(session: Session, now: datetime) -> Sequence[int]:
    """Return the validated families whose last decision has waited for ``PATIENCE`` to be told."""
    return session.scalars(
        select(Family.id)
        .join(Document, Document.given_by_family_id == Family.id)
        .where(_untold(), Family.state == FamilyState.VALIDATED)
        .group_by(Family.id)
        .having(func.max(Document.reviewed_at) <= now - PATIENCE)
        .order_by(Family.id)
    ).all()


def note_told(session: Session, documents: Sequence[ReviewedDocument], now: datetime) -> None:
    """Write down that a family was told of these decisions."""
    session.execute(
        update(Document)
        .where(Document.id.in_([one.id for one in documents]))
        .values(told_at=now)
        .execution_options(synchronize_session=False)
    )


def _untold() -> ColumnElement[bool]:
    return and_(
        Document.told_at.is_(None),
        Document.reviewed_at.is_not(None),
        Document.state.in_((DocumentState.ACCEPTED, DocumentState.REFUSED)),
    )


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Keep what waits for a look of its own.

    The proof of a new address and the certificate of an absence are decided with what they prove; an unsent
    declaration is not the service's business yet.
    """
    return (
        _with_people(statement)
        .where(Document.state == DocumentState.SUBMITTED)
        .where(or_(Family.id.is_(None), Family.state != FamilyState.DRAFT))
        .where(~exists().where(AddressChange.proof_id == Document.id, AddressChange.is_waiting))
        .where(~exists().where(AbsenceJustification.document_id == Document.id))
    )


def _columns() -> Select[*tuple[Any, ...]]:
    return select(Document, DocumentType, StoredFile, Family, Guardian, Child)


def _with_people(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.join(DocumentType, DocumentType.id == Document.document_type_id)
        .join(StoredFile, StoredFile.id == Document.file_id)
        .outerjoin(Family, Family.id == func.coalesce(Document.given_by_family_id, Document.family_id))
        .outerjoin(Guardian, Guardian.id == Document.guardian_id)
        .outerjoin(Child, Child.id == Document.child_id)
    )


def _read(session: Session, statement: Select[*tuple[Any, ...]]) -> list[ReviewedDocument]:
    return [
        ReviewedDocument(
            id=document.id,
            kind_id=kind.id,
            kind_name=kind.name,
            about=child.full_name if child else guardian.full_name if guardian else "",
            family_id=family.id if family else None,
            family_name=family.name if family else "",
            is_declaration=family is not None and family.state is FamilyState.SUBMITTED,
            state=document.state,
            received_at=document.created_at,
            issued_on=document.issued_on,
            valid_until=document.valid_until,
            refusal_reason=document.refusal_reason,
            reviewed_at=document.reviewed_at,
            reviewed_by=document.reviewed_by or "",
            filename=file.filename,
            media_type=file.media_type,
            pages=file.pages,
        )
        for document, kind, file, family, guardian, child in session.execute(statement)
    ]
