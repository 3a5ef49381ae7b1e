"""Which PDFs are to be drawn: each try is written down before it is made, so that none blocks those behind it.

A document that makes the worker fail, or die, is tried again later and less and less often; staff see it meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from domain.messages.rules import MAX_ATTEMPTS, retry_delay
from domain.privacy.rules import GONE
from models.invoices import Invoice
from models.messages import DrawingTry, DrawnKind, PrintBatch
from models.recovery import Reminder

ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class FailedDrawing:
    """A document that could not be drawn; no next try once the last one failed."""

    kind: DrawnKind
    subject_id: int
    name: str
    attempts: int
    next_try_at: datetime | None
    error: str


_UNDRAWN = {
    # A purge has taken the names out of the oldest: there is nothing to draw.
    DrawnKind.INVOICE: (Invoice.id, and_(Invoice.file_id.is_(None), Invoice.payer_name != GONE)),
    DrawnKind.REMINDER: (Reminder.id, Reminder.file_id.is_(None)),
    DrawnKind.PRINT_BATCH: (PrintBatch.id, PrintBatch.ready_at.is_(None)),
}


def claim_undrawn(session: Session, *, kind: DrawnKind, now: datetime, limit: int) -> list[int]:
    """Return documents to draw now, those never tried first, and write the try down; the caller commits."""
    subject, is_undrawn = _UNDRAWN[kind]
    due = or_(
        DrawingTry.attempts.is_(None),
        and_(DrawingTry.attempts < MAX_ATTEMPTS, DrawingTry.next_try_at <= now),
    )
    tried = and_(DrawingTry.kind == kind, DrawingTry.subject_id == subject)
    rows = session.execute(
        select(subject, DrawingTry.attempts)
        .outerjoin(DrawingTry, tried)
        .where(is_undrawn, due)
        .order_by(func.coalesce(DrawingTry.attempts, 0), subject)
        .limit(limit)
    ).all()
    for subject_id, attempts in rows:
        _note_try(session, kind, subject_id, (attempts or 0) + 1, now)
    session.flush()
    return [row[0] for row in rows]


def _note_try(session: Session, kind: DrawnKind, subject_id: int, attempts: int, now: datetime) -> None:
    wait = retry_delay(min(attempts, MAX_ATTEMPTS - 1))
    session.merge(
        DrawingTry(kind=kind, subject_id=subject_id, attempts=attempts, next_try_at=now + wait, error="")
    )


def record_drawn(session: Session, *, kind: DrawnKind, subject_ids: Sequence[int]) -> None:
    """Forget the tries of documents that are drawn."""
    session.execute(
        delete(DrawingTry)
        .where(DrawingTry.kind == kind, DrawingTry.subject_id.in_(subject_ids))
        .execution_options(synchronize_session=False)
    )


def record_not_drawn(session: Session, *, kind: DrawnKind, subject_id: int, error: str) -> None:
    """Write down why a document could not be drawn."""
    session.execute(
        update(DrawingTry)
        .where(DrawingTry.kind == kind, DrawingTry.subject_id == subject_id)
        .values(error=error[:ERROR_LENGTH])
        .execution_options(synchronize_session=False)
    )


def failed_drawings(session: Session, limit: int = 50) -> list[FailedDrawing]:
    """Return the documents that could not be drawn so far, the most tried first."""
    rows = session.execute(
        select(DrawingTry, func.coalesce(Invoice.number, Reminder.number))
        .outerjoin(Invoice, and_(DrawingTry.kind == DrawnKind.INVOICE, Invoice.id == DrawingTry.subject_id))
        .outerjoin(
            Reminder, and_(DrawingTry.kind == DrawnKind.REMINDER, Reminder.id == DrawingTry.subject_id)
        )
        .where(_HAS_FAILED)
        .order_by(DrawingTry.attempts.desc(), DrawingTry.subject_id)
        .limit(limit)
    )
    return [
        FailedDrawing(
            kind=tried.kind,
            subject_id=tried.subject_id,
            name=number or f"lot {tried.subject_id}",
            attempts=tried.attempts,
            next_try_at=tried.next_try_at if tried.attempts < MAX_ATTEMPTS else None,
            error=tried.error,
        )
        for tried, number in rows
    ]


# A second try means that the first failed, even when the worker died without a word.
_HAS_FAILED = or_(DrawingTry.error != "", DrawingTry.attempts > 1)


def failed_drawing_count(session: Session) -> int:
    """Return how many documents could not be drawn so far."""
    return session.scalar(select(func.count()).select_from(DrawingTry).where(_HAS_FAILED)) or 0


def retry_drawings(session: Session, *, now: datetime) -> int:
    """Let every document that failed be tried again now, at the request of staff; return how many."""
    touched = session.execute(
        update(DrawingTry)
        .where(_HAS_FAILED)
        .values(attempts=1, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(touched.rowcount)  # type: ignore[attr-defined]
