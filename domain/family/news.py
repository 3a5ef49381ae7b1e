"""What others did on a family's file of late: what its adults read when they come back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor
from models.audit import AuditEntry

# However often somebody signs in, the news of a week stay in sight; after a month they are none.
AT_LEAST, AT_MOST = timedelta(days=7), timedelta(days=30)
# One act a line: what is written twice, as for each line of a batch, is told once.
READ = 40


@dataclass(frozen=True, slots=True)
class News:
    """An act on the file.

    Args:
        child_id: the child that it concerns, None when it is the family.
        booked, cancelled: how many days a change of bookings booked and cancelled.
    """

    at: datetime
    action: str
    child_id: int | None
    booked: int = 0
    cancelled: int = 0


def news_since(last_sign_in: datetime | None, now: datetime) -> datetime:
    """Return from when on acts are news: since the last visit, but a week at least and a month at most."""
    earliest = now - AT_MOST
    return max(earliest, min(last_sign_in or earliest, now - AT_LEAST))


def family_news(
    session: Session, *, actor: Actor, family_id: int, since: datetime, actions: Collection[str]
) -> list[News]:
    """Return the acts of these kinds that somebody else did on a family's file, the newest first; one query.

    Of several alike about the same child the newest is told.
    """
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.family_id == family_id,
            AuditEntry.at >= since,
            AuditEntry.action.in_(sorted(actions)),
            AuditEntry.by != actor.label,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(READ)
    )
    found: dict[tuple[str, int | None], News] = {}
    for entry in entries:
        child_id = entry.subject_id if entry.subject_kind == "child" else None
        booked, cancelled = (entry.after or {}).get("booked", ()), (entry.before or {}).get("cancelled", ())
        one = News(entry.at, entry.action, child_id, len(booked), len(cancelled))
        found.setdefault((entry.action, child_id), one)
    return list(found.values())
