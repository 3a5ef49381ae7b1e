"""Which documents an act asks for, and which of them the family has given already, for this act or another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.documents.subjects import Subject, subject_of, subjects_of
from models.documents import Document, DocumentRequirement, DocumentState, DocumentSubject, DocumentType

Key = tuple[int, DocumentSubject, int]


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """The document that counts for a need; ``state`` is today's: an accepted one past its last day is expired."""

    id: int
    state: DocumentState
    valid_until: date | None
    refusal_reason: str


@dataclass(frozen=True, slots=True)
class NeededDocument:
    """A kind of document that an act asks about one person or the family."""

    type_id: int
    type_code: str
    type_name: str
    help_text: str
    subject: DocumentSubject
    subject_id: int
    subject_name: str
    is_blocking: bool
    held: HeldDocument | None

    @property
    def is_given(self) -> bool:
        """Whether the family has nothing to do: the document is accepted, or waits for the service."""
        return self.held is not None and self.held.state in (
            DocumentState.ACCEPTED,
            DocumentState.SUBMITTED,
        )

    @property
    def is_accepted(self) -> bool:
        """Whether the service has accepted a document that still holds."""
        return self.held is not None and self.held.state is DocumentState.ACCEPTED


def needed_documents(
    session: Session,
    *,
    act: str,
    family_id: int,
    child_id: int | None = None,
    activity_id: int | None = None,
    today: date,
) -> list[NeededDocument]:
    """Return what an act asks of a family, in the order that staff gave to the kinds.

    A kind about the family is asked once, one about adults of each adult, one about children of the child of
    the act, or of each child when the act is the family's. One document serves every act that asks for its kind.

    Args:
        act: code of ``DocumentRequirement``: ``family_declaration``, ``school_enrolment``, ``sector_exemption``,
            ``address_change``, ``registration``, ``reservation`` or ``quotient``.
        activity_id: of a registration; adds what this activity alone asks for.
    """
    needs = _requirements(session, act, activity_id)
    people = [
        one
        for one in subjects_of(session, family_id, today)
        if child_id is None or one.kind is not DocumentSubject.CHILD or one.id == child_id
    ]
    held = held_documents(session, people, today)
    return [
        NeededDocument(
            type_id=kind.id,
            type_code=kind.code,
            type_name=kind.name,
            help_text=kind.help_text,
            subject=kind.subject,
            subject_id=person.id,
            subject_name=person.name,
            is_blocking=is_blocking,
            held=held.get((kind.id, person.kind, person.id)),
        )
        for kind, is_blocking in needs
        for person in people
        if person.kind is kind.subject
    ]


def _requirements(session: Session, act: str, activity_id: int | None) -> list[tuple[DocumentType, bool]]:
    """Return the kinds that an act asks for; what blocks for all or for the activity blocks."""
    rows = session.execute(
        select(DocumentType, DocumentRequirement.is_blocking)
        .join(DocumentRequirement, DocumentRequirement.document_type_id == DocumentType.id)
        .where(
            DocumentRequirement.act == act,
            DocumentType.is_active,
            or_(DocumentRequirement.activity_id.is_(None), DocumentRequirement.activity_id == activity_id),
        )
        .order_by(DocumentType.position, DocumentType.id)
    ).all()
    blocking: dict[DocumentType, bool] = {}
    for kind, is_blocking in rows:
        blocking[kind] = blocking.get(kind, False) or is_blocking
    return list(blocking.items())


def held_documents(session: Session, people: Sequence[Subject], today: date) -> Mapping[Key, HeldDocument]:
    """Return the document that counts for each kind and person: the one that holds longest, else the latest.

    What a child's other family gave counts once accepted; before that, and when refused, it is its own affair.
    """
    found: defaultdict[Key, list[Document]] = defaultdict(list)
    for document in documents_about(session, people):
        kind, subject_id = subject_of(document)
        found[document.document_type_id, kind, subject_id].append(document)
    families = {one.family_id for one in people}
    counting = {key: _counting(rows, families, today) for key, rows in found.items()}
    return {key: document for key, document in counting.items() if document is not None}


def documents_about(session: Session, people: Sequence[Subject]) -> Sequence[Document]:
    """Return every document about these people, the oldest first."""
    of: defaultdict[DocumentSubject, list[int]] = defaultdict(list)
    for one in people:
        of[one.kind].append(one.id)
    return session.scalars(
        select(Document)
        .where(
            or_(
                Document.family_id.in_(of[DocumentSubject.FAMILY]),
                Document.guardian_id.in_(of[DocumentSubject.GUARDIAN]),
                Document.child_id.in_(of[DocumentSubject.CHILD]),
            )
        )
        .order_by(Document.id)
    ).all()


def state_on(document: Document, today: date) -> DocumentState:
    """Return a document's state as of a day: the nightly job may not have run yet."""
    is_over = document.valid_until is not None and document.valid_until < today
    if document.state is DocumentState.ACCEPTED and is_over:
        return DocumentState.EXPIRED
    return document.state


def _counting(rows: Iterable[Document], families: set[int], today: date) -> HeldDocument | None:
    known = [
        (document, state)
        for document in rows
        if (state := state_on(document, today)) is DocumentState.ACCEPTED
        or document.given_by_family_id in families
        or document.child_id is None
    ]
    accepted = [document for document, state in known if state is DocumentState.ACCEPTED]
    if accepted:
        best = max(accepted, key=lambda one: (one.valid_until or date.max, one.id))
        return HeldDocument(best.id, DocumentState.ACCEPTED, best.valid_until, "")
    waiting = [document for document, state in known if state is DocumentState.SUBMITTED]
    if waiting:
        return HeldDocument(waiting[-1].id, DocumentState.SUBMITTED, None, "")
    if not known:
        return None
    last, state = known[-1]
    return HeldDocument(last.id, state, last.valid_until, last.refusal_reason)
