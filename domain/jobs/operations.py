"""Handing long work to the worker, and the worker's hold on it.

A step's writes and the job's new place are one transaction, and only the worker that holds the job may write its
place. Killed, a job is taken up by the next worker where its last step ended; a worker that comes too late finds
that it holds the job no more, and its step is undone: nothing is written twice.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from models.jobs import Job, JobKind, JobState

OPEN = (JobState.WAITING, JobState.RUNNING)
STAFF = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR)
# A worker that gave no sign of life for so long is dead; the longest step takes a small part of it.
LEASE = timedelta(minutes=2)


class JobLost(Exception):
    """Another worker holds the job now: what this one wrote since its last step must be undone."""


def ask_job(
    session: Session, *, actor: Actor, kind: JobKind, subject: str, facts: Mapping[str, Any], total: int
) -> Job:
    """Hand an act to the worker; while it waits or runs, asking for it again gives the same job.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, *STAFF)
    open_now = select(Job).where(Job.kind == kind, Job.subject == subject, Job.state.in_(OPEN))
    found = session.scalars(open_now).first()
    if found is not None:
        return found
    job = Job(kind=kind, subject=subject, facts=dict(facts), total_count=total, created_by=actor.label)
    try:
        with session.begin_nested():
            session.add(job)
            session.flush()
    except IntegrityError:  # somebody asked for it at the same moment
        return session.scalars(open_now).one()
    return job


def take_job(session: Session, *, now: datetime) -> Job | None:
    """Give a job that waits, or whose worker died, to a worker; None when there is none. The caller commits.

    What was never begun goes first, then what has waited longest: long jobs take turns.
    """
    is_left = or_(
        Job.state == JobState.WAITING,
        and_(Job.state == JobState.RUNNING, Job.beat_at < now - LEASE),
    )
    holder = str(uuid4())
    waiting = select(Job.id).where(is_left).order_by(Job.beat_at.is_not(None), Job.beat_at, Job.id)
    for job_id in session.scalars(waiting).all():
        taken = session.execute(
            update(Job)
            .where(Job.id == job_id, is_left)
            .values(state=JobState.RUNNING, holder=holder, beat_at=now)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            job = session.get_one(Job, job_id, populate_existing=True)
            job.started_at = job.started_at or now
            session.flush()
            return job
    return None


def hold_job(session: Session, *, job: Job, holder: str, now: datetime) -> None:
    """Show that the worker lives, and lock the job until its step is committed.

    Args:
        holder: the job's when it was taken. The row would say whose it is now.

    Raises:
        JobLost: another worker took it.
    """
    held = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.holder == holder, Job.state == JobState.RUNNING)
        .values(beat_at=now)
        .execution_options(synchronize_session=False)
    )
    if not held.rowcount:  # type: ignore[attr-defined]
        raise JobLost


def note_step(
    session: Session,
    *,
    job: Job,
    holder: str,
    now: datetime,
    done: int,
    place: int,
    result: Mapping[str, Any],
) -> None:
    """Write how far a job is, in the transaction of the step that brought it there.

    Raises:
        JobLost: another worker took it.
    """
    hold_job(session, job=job, holder=holder, now=now)
    job.done_count, job.place, job.result = min(done, job.total_count), place, dict(result)
    session.flush()


def finish_job(session: Session, *, job: Job, now: datetime) -> None:
    """Mark a job as done."""
    job.state, job.finished_at, job.done_count = JobState.DONE, now, job.total_count
    session.flush()


def release_job(session: Session, *, job: Job, holder: str, now: datetime) -> None:
    """Let a job wait for its next turn, at the place where its last step ended.

    Raises:
        JobLost: another worker took it.
    """
    hold_job(session, job=job, holder=holder, now=now)
    job.state, job.holder = JobState.WAITING, ""
    session.flush()


def stop_job(session: Session, *, job: Job, holder: str, now: datetime, failure: str) -> None:
    """Mark a job as stopped, with the reason in words; its last step stays done.

    Raises:
        JobLost: another worker took it.
    """
    hold_job(session, job=job, holder=holder, now=now)
    job.state, job.finished_at, job.failure = JobState.FAILED, now, failure
    session.flush()


def resume_job(session: Session, *, actor: Actor, now: datetime, job_id: int) -> Job:
    """Let the worker go on with a stopped job, after its last step; asked twice, it goes on once.

    When the same was asked anew meanwhile, that one is returned.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, *STAFF)
    job = session.get_one(Job, job_id)
    others = select(Job).where(Job.kind == job.kind, Job.subject == job.subject, Job.state.in_(OPEN))
    newer = session.scalars(others).first()
    if newer is not None or job.state is not JobState.FAILED:
        return newer or job
    job.state, job.finished_at, job.failure = JobState.WAITING, None, ""
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="resume_job",
        subject_kind="job",
        subject_id=job.id,
        after={"kind": job.kind.value, "place": job.place},
    )
    session.flush()
    return job
