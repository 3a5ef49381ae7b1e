"""Decisions on documents, and the one e-mail that tells a family of them."""

from datetime import date

from domain import clock
from domain.documents.queue import may_be_told, note_told, untold_decisions
from domain.documents.review import decide_document, last_day_of
from models.documents import Document, DocumentState, DocumentType
from views.access import current_actor
from views.extensions import db
from views.mailing import absolute, tell_family


def answer_document(
    document_id: int, *, accept: bool, reason: str = "", valid_until: date | None = None
) -> Document:
    """Decide on a document; with the family's last one, tell it of all its decisions. The caller commits.

    An agent goes through a family's documents one by one, and the family gets one e-mail, not five; what an
    agent leaves half done is told by the worker an hour later. Documents of a declaration are told with its
    answer.

    Raises:
        Refusal: see ``decide_document``.
    """
    document = decide_document(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        document_id=document_id,
        accept=accept,
        reason=reason,
        valid_until=valid_until,
    )
    family_id = document.given_by_family_id
    if family_id is not None and may_be_told(db.session(), family_id):
        tell_decisions(family_id)
    return document


def proposed_last_day(document_id: int) -> date | None:
    """Return the last day that a document holds, by its decision or else by its kind; None for ever."""
    document = db.session.get_one(Document, document_id)
    kind = db.session.get_one(DocumentType, document.document_type_id)
    return document.valid_until or last_day_of(kind, document)


def tell_decisions(family_id: int) -> None:
    """Tell a family of the decisions that it does not know of, in one e-mail; the caller commits."""
    decisions = untold_decisions(db.session(), family_id)
    if not decisions:
        return
    refused = [one for one in decisions if one.state is DocumentState.REFUSED]
    tell_family(
        "documents_decided",
        family_id,
        refused=refused,
        accepted=[one for one in decisions if one.state is DocumentState.ACCEPTED],
        url=absolute("parent.documents"),
    )
    note_told(db.session(), decisions, clock.now())
