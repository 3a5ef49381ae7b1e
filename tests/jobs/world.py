"""Long work for the rights matrix: an export that ended, with its file, and a purge that ended."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from models.documents import StoredFile
from models.jobs import Job, JobKind, JobState
from models.privacy import PurgeRun


def ended_work(
    session: Session, now: datetime, keep: Callable[[Session, bytes, str], StoredFile]
) -> dict[str, int]:
    """Keep a finished export and a finished purge; return their numbers."""
    job = Job(
        kind=JobKind.EXPORT,
        subject="invoice:1:0",
        facts={"screen": "invoice", "name": "Factures", "query": ""},
        state=JobState.DONE,
        done_count=3,
        total_count=3,
        started_at=now,
        finished_at=now,
        file_id=keep(session, b"PK", "application/zip").id,
    )
    purge = PurgeRun(ran_at=now, finished_at=now, is_open=False, removed={"mails": 2}, due_count=2)
    session.add_all((job, purge))
    session.flush()
    return {"job": job.id, "purge": purge.id}
