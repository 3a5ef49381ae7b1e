"""Sending what waits in the outbox: claim, send outside any transaction, write down what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.messages.rules import MAX_ATTEMPTS, SENT_IN_NUMBERS, retry_delay
from models.messages import MailState, OutboxMail

LEASE = timedelta(minutes=10)
ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this worker is about to send, free of the database."""

    id: int
    attempts: int
    recipient: str
    subject: str
    text_body: str
    html_body: str


def claim_due_mails(session: Session, *, now: datetime, limit: int) -> list[Claimed]:
    """Reserve the mails that are due for ten minutes, so that a second worker leaves them alone.

    What tells many families of one act goes after what a single person waits for.

    A worker that dies in between loses nothing: after the lease the mail is due again.
    """
    due = (
        select(OutboxMail.id)
        .where(OutboxMail.state == MailState.QUEUED, OutboxMail.next_try_at <= now)
        .order_by(OutboxMail.kind.in_(SENT_IN_NUMBERS), OutboxMail.next_try_at, OutboxMail.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claim = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(due), OutboxMail.state == MailState.QUEUED, OutboxMail.next_try_at <= now)
        .values(attempts=OutboxMail.attempts + 1, next_try_at=now + LEASE, updated_at=now)
        .returning(
            OutboxMail.id,
            OutboxMail.attempts,
            OutboxMail.recipient,
            OutboxMail.subject,
            OutboxMail.text_body,
            OutboxMail.html_body,
        )
        .execution_options(synchronize_session=False)
    )
    return [Claimed(*row) for row in session.execute(claim)]


def record_sent(session: Session, *, mail_id: int, now: datetime) -> None:
    """Write down that a mail has left."""
    _update(session, mail_id, state=MailState.SENT, sent_at=now, last_error="", updated_at=now)


def record_failure(session: Session, *, mail_id: int, attempts: int, now: datetime, error: str) -> None:
    """Write down that a mail could not leave: tried again later, or shown to staff when it was the last try."""
    values: dict[str, object]
    if attempts >= MAX_ATTEMPTS:
        values = {"state": MailState.FAILED}
    else:
        values = {"next_try_at": now + retry_delay(attempts)}
    _update(session, mail_id, last_error=error[:ERROR_LENGTH], updated_at=now, **values)


def retry_mail(session: Session, *, mail_id: int, now: datetime) -> None:
    """Queue a failed mail again, at the request of staff."""
    _update(session, mail_id, state=MailState.QUEUED, attempts=0, next_try_at=now, updated_at=now)


def _update(session: Session, mail_id: int, **values: object) -> None:
    statement = update(OutboxMail).where(OutboxMail.id == mail_id, OutboxMail.state != MailState.SENT)
    session.execute(statement.values(**values).execution_options(synchronize_session=False))
