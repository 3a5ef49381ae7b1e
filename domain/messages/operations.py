"""E-mails are written down in the transaction of the act that they tell of; the worker sends them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.messages import OutboxMail

SUBJECT_LENGTH = 240


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
