"""The documents that a parent's account sees, beside the people that they are about."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.documents.needs import documents_about, state_on
from domain.documents.subjects import Subject, sight_of, subject_of, subjects_of
from models.documents import Document, DocumentState, DocumentType, StoredFile


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """A document in its giver's list.

    Args:
        state: today's: an accepted one past its last day is expired.
        is_latest: whether the family gave no newer one of the kind about the person.
    """

    id: int
    kind_code: str
    kind_name: str
    subject: Subject
    state: DocumentState
    given_at: datetime
    valid_until: date | None
    refusal_reason: str
    filename: str
    is_latest: bool

    @property
    def asks_for_another(self) -> bool:
        """Whether the family should send it again: it is the last of its kind and no longer counts."""
        return self.is_latest and self.state in (DocumentState.REFUSED, DocumentState.EXPIRED)


def seen_documents(
    session: Session, *, actor: Actor, today: date
) -> Sequence[tuple[Subject, list[SeenDocument]]]:
    """Return what the actor's families gave and the actor may read, by person, the newest first.

    A child's other family keeps its own papers, and a health document takes the right to see it, as in
    ``may_read_file``. People without a document are left out.
    """
    sight = sight_of(session, actor, today)
    people = [one for family_id in sorted(sight.families) for one in subjects_of(session, family_id, today)]
    by_person = {(one.kind, one.id, one.family_id): one for one in people}
    documents = documents_about(session, people)
    kinds = {one.id: one for one in session.scalars(select(DocumentType))}
    names = _filenames(session, documents)
    found: dict[Subject, list[SeenDocument]] = defaultdict(list)
    newer: set[tuple[Subject, int]] = set()
    for document in reversed(documents):
        kind = kinds[document.document_type_id]
        person = by_person.get((*subject_of(document), document.given_by_family_id or 0))
        if person is None or not sight.covers(person, is_health=kind.is_health):
            continue
        found[person].append(
            SeenDocument(
                id=document.id,
                kind_code=kind.code,
                kind_name=kind.name,
                subject=person,
                state=state_on(document, today),
                given_at=document.created_at,
                valid_until=document.valid_until,
                refusal_reason=document.refusal_reason,
                filename=names[document.file_id],
                is_latest=(person, kind.id) not in newer,
            )
        )
        newer.add((person, kind.id))
    return [(person, found[person]) for person in people if found[person]]


def givable_kinds(
    session: Session, *, actor: Actor, family_id: int, today: date
) -> Sequence[tuple[Subject, list[DocumentType]]]:
    """Return the kinds of document that the actor may give of its own accord, by person of a family."""
    sight = sight_of(session, actor, today)
    kinds = session.scalars(
        select(DocumentType).where(DocumentType.is_active).order_by(DocumentType.position, DocumentType.id)
    ).all()
    found = [
        (
            one,
            [
                kind
                for kind in kinds
                if kind.subject is one.kind and sight.covers(one, is_health=kind.is_health)
            ],
        )
        for one in subjects_of(session, family_id, today)
    ]
    return [(person, wanted) for person, wanted in found if wanted]


def _filenames(session: Session, documents: Sequence[Document]) -> dict[int, str]:
    ids = [one.file_id for one in documents]
    rows = session.execute(select(StoredFile.id, StoredFile.filename).where(StoredFile.id.in_(ids)))
    return {row.id: row.filename for row in rows}
