"""Staff look at a document: it is accepted until a day, or refused with the reason that the family reads."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from models.documents import Document, DocumentState
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
    """Accept a document or refuse it with a reason.

    Args:
        valid_until: the last day that it holds, when the reviewer knows it.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``.
    """
    require_role(actor, *Reviewers)
    if not accept and not reason.strip():
        raise Refusal("reason_missing")
    document = session.get_one(Document, document_id)
    before = {"state": document.state.value}
    document.state = DocumentState.ACCEPTED if accept else DocumentState.REFUSED
    document.refusal_reason = "" if accept else reason.strip()
    document.valid_until = valid_until or document.valid_until
    document.reviewed_at, document.reviewed_by = now, actor.label
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="accept_document" if accept else "refuse_document",
        subject_kind="document",
        subject_id=document.id,
        family_id=family_of(session, document),
        before=before,
        after={"state": document.state.value, "reason": document.refusal_reason},
    )
    return document


def family_of(session: Session, document: Document) -> int | None:
    """Return the family that a document belongs to, through its adult or its child if need be."""
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
