"""The documents that a family should give again: refused ones, and those that end or have ended."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from domain.documents.reminders import is_about_same, is_asked_for, is_renewed
from domain.documents.rules import REMINDER_DAYS
from domain.documents.subjects import subject_of
from models.documents import Document, DocumentState, DocumentSubject, DocumentType


@dataclass(frozen=True, slots=True)
class WantedAgain:
    """A document to give again.

    Args:
        reason: the service's, when it was refused; "" otherwise.
        last_day: of one that ends or has ended; None for a refused one.
    """

    kind_code: str
    kind_name: str
    is_health: bool
    subject: DocumentSubject
    subject_id: int
    reason: str
    last_day: date | None

    @property
    def child_id(self) -> int | None:
        """The child that it is about, None when it is about an adult or the family."""
        return self.subject_id if self.subject is DocumentSubject.CHILD else None


def documents_wanted_again(session: Session, *, family_id: int, today: date) -> list[WantedAgain]:
    """Return what a family should send again, the refused ones first; one query.

    A refused document counts until a newer one of its kind about the same person is given. One that ends counts
    from the first reminder on, and only if a lasting act asks for its kind.
    """
    is_refused = and_(Document.state == DocumentState.REFUSED, ~_is_followed())
    ends = and_(
        Document.state.in_((DocumentState.ACCEPTED, DocumentState.EXPIRED)),
        Document.valid_until <= today + timedelta(days=max(REMINDER_DAYS)),
        is_asked_for(),
        ~is_renewed(),
        ~_is_followed(),
    )
    rows = session.execute(
        select(Document, DocumentType)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .where(Document.given_by_family_id == family_id, DocumentType.is_active, or_(is_refused, ends))
        .order_by(Document.valid_until.is_not(None), Document.valid_until, Document.id)
    ).all()
    return [_wanted(document, kind) for document, kind in rows]


def _wanted(document: Document, kind: DocumentType) -> WantedAgain:
    subject, subject_id = subject_of(document)
    is_refused = document.state is DocumentState.REFUSED
    return WantedAgain(
        kind_code=kind.code,
        kind_name=kind.name,
        is_health=kind.is_health,
        subject=subject,
        subject_id=subject_id,
        reason=document.refusal_reason if is_refused else "",
        last_day=None if is_refused else document.valid_until,
    )


def _is_followed() -> ColumnElement[bool]:
    newer = aliased(Document)
    return exists().where(
        newer.document_type_id == Document.document_type_id,
        newer.given_by_family_id == Document.given_by_family_id,
        newer.id > Document.id,
        is_about_same(newer),
    )
