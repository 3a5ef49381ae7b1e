"""Reading jobs for the screens."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.jobs.operations import LEASE, OPEN
from domain.privacy.files import doom_files
from models.jobs import Job, JobKind, JobState

FILE_DAYS = timedelta(days=7)


def latest_job(session: Session, kind: JobKind, subject: str) -> Job | None:
    """Return the last job of a kind about a subject."""
    found = select(Job).where(Job.kind == kind, Job.subject == subject).order_by(Job.id.desc()).limit(1)
    return session.scalars(found).first()


def is_interrupted(job: Job, now: datetime) -> bool:
    """Whether the worker that had a job gives no sign of life: the next one takes it up by itself."""
    return job.state is JobState.RUNNING and job.beat_at is not None and job.beat_at < now - LEASE


def open_jobs(session: Session, kinds: Collection[JobKind]) -> list[Job]:
    """Return the jobs of these kinds that wait or run, the oldest first."""
    found = select(Job).where(Job.kind.in_(kinds), Job.state.in_(OPEN)).order_by(Job.id)
    return list(session.scalars(found))


def waiting_count(session: Session) -> int:
    """Return how many jobs wait for a worker."""
    return session.scalar(select(func.count()).where(Job.state == JobState.WAITING)) or 0


def ended_jobs(session: Session, kinds: Collection[JobKind], limit: int) -> list[Job]:
    """Return the jobs of these kinds that ended last, the latest first."""
    found = select(Job).where(Job.kind.in_(kinds), Job.finished_at.is_not(None))
    return list(session.scalars(found.order_by(Job.finished_at.desc(), Job.id.desc()).limit(limit)))


def forget_job_files(session: Session, *, now: datetime) -> int:
    """Remove the files of jobs whose week is over; the job stays as the record."""
    rows = session.scalars(
        select(Job).where(Job.file_id.is_not(None), Job.finished_at <= now - FILE_DAYS)
    ).all()
    files = [row.file_id for row in rows]
    for row in rows:
        row.file_id = None
    session.flush()
    return doom_files(session, files, now)
