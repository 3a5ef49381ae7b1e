"""Staff look at a document: it is accepted until a day, or refused with the reason that the family reads."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.documents import rules
from domain.errors import Refusal
from models.documents import Document, DocumentState, DocumentType
from models.family import ChildFamily, Guardian

Reviewers = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)


def decide_document(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    document_id: int,
    accept: bool,
    reason: str = "",
    valid_until: date | None = None,
) -> Document:
    """Accept a document that waits, or refuse it with a reason; of two agents at once the second is told.

    Args:
        valid_until: the last day that it holds; without it, what its kind says (see ``last_day_of``).

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``document_already_decided`` (``state``),
            ``document_withdrawn`` when its family has replaced it meanwhile.
    """
    require_role(actor, *Reviewers)
    if not accept and not reason.strip():
        raise Refusal("reason_missing")
    decided = session.execute(
        update(Document)
        .where(Document.id == document_id, Document.state == DocumentState.SUBMITTED)
        .values(
            state=DocumentState.ACCEPTED if accept else DocumentState.REFUSED,
            refusal_reason="" if accept else reason.strip(),
            reviewed_at=now,
            reviewed_by=actor.label,
        )
        .execution_options(synchronize_session=False)
    )
    document = session.get(Document, document_id, populate_existing=True)
    if document is None:
        raise Refusal("document_withdrawn")
    if decided.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("document_already_decided", state=document.state.value)
    if accept:
        kind = session.get_one(DocumentType, document.document_type_id)
        document.valid_until = valid_until or last_day_of(kind, document)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="accept_document" if accept else "refuse_document",
        subject_kind="document",
        subject_id=document.id,
        family_id=family_of(session, document),
        before={"state": DocumentState.SUBMITTED.value},
        after={
            "state": document.state.value,
            "reason": document.refusal_reason,
            "valid_until": document.valid_until.isoformat() if document.valid_until else None,
        },
    )
    return document


def last_day_of(kind: DocumentType, document: Document) -> date | None:
    """Return the last day that a document holds by its kind; None when it holds for ever.

    Months count from the date that the document bears, else from the day that it was received; a document of
    the school year given from July on is the next year's.
    """
    received_on = local_day(document.created_at)
    return rules.valid_until(
        rules.Validity(kind.validity),
        document.issued_on or received_on,
        months=kind.validity_months,
        year_starts_on=rules.school_year_start(received_on),
    )


def family_of(session: Session, document: Document) -> int | None:
    """Return the family that gave a document; of an older one, that of its adult or its child."""
    if document.given_by_family_id is not None:
        return document.given_by_family_id
    if document.family_id is not None:
        return document.family_id
    if document.guardian_id is not None:
        return session.scalar(select(Guardian.family_id).where(Guardian.id == document.guardian_id))
    return session.scalar(
        select(ChildFamily.family_id)
        .where(ChildFamily.child_id == document.child_id)
        .order_by(ChildFamily.valid_from)
        .limit(1)
    )
