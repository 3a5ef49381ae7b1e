"""E-mails are written down in the transaction of the act that they tell of; the worker sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.messages import OutboxMail

SUBJECT_LENGTH = 240


@dataclass(frozen=True, slots=True)
class Draft:
    """An e-mail to queue; the same ``once_key`` is queued once."""

    recipient: str
    kind: str
    subject: str
    text_body: str
    html_body: str
    family_id: int
    once_key: str


def queue_mails(session: Session, *, now: datetime, drafts: Sequence[Draft]) -> int:
    """Write many e-mails into the outbox, whatever their number in two statements; return how many are new."""
    keys = [draft.once_key for draft in drafts]
    known = set(session.scalars(select(OutboxMail.once_key).where(OutboxMail.once_key.in_(keys))))
    fresh = {draft.once_key: draft for draft in drafts if draft.once_key not in known}
    session.add_all(
        OutboxMail(
            recipient=draft.recipient,
            kind=draft.kind,
            subject=" ".join(draft.subject.split())[:SUBJECT_LENGTH],
            text_body=draft.text_body,
            html_body=draft.html_body,
            family_id=draft.family_id,
            once_key=draft.once_key,
            next_try_at=now,
        )
        for draft in fresh.values()
    )
    session.flush()
    return len(fresh)


def queue_mail(
    session: Session,
    *,
    now: datetime,
    recipient: str,
    kind: str,
    subject: str,
    text_body: str,
    html_body: str = "",
    family_id: int | None = None,
    once_key: str | None = None,
) -> OutboxMail:
    """Write an e-mail into the outbox; it leaves only if this transaction is committed.

    Args:
        kind: stable name of the message, e.g. ``activation_confirm``.
        once_key: the same key is queued once; a second call gives the first mail back, unchanged.
    """
    if once_key is not None:
        earlier = session.scalar(select(OutboxMail).where(OutboxMail.once_key == once_key))
        if earlier is not None:
            return earlier
    mail = OutboxMail(
        recipient=recipient,
        kind=kind,
        subject=" ".join(subject.split())[:SUBJECT_LENGTH],
        text_body=text_body,
        html_body=html_body,
        family_id=family_id,
        once_key=once_key,
        next_try_at=now,
    )
    session.add(mail)
    session.flush()
    return mail
