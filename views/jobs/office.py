"""The worker does the long acts of the back office, step by step; each step is committed with the job's new place."""

import logging
from collections.abc import Iterator
from math import inf
from time import monotonic

from domain import clock
from domain.actor import Actor, Role, system
from domain.errors import Refusal
from domain.jobs.operations import (
    JobLost,
    finish_job,
    hold_job,
    note_step,
    release_job,
    stop_job,
    take_job,
)
from domain.jobs.queries import waiting_count
from models.accounts import User
from models.base import stamp_session
from models.jobs import Job, JobState
from views.errors import refusal_sentence
from views.extensions import db
from views.jobs.stopping import is_stopping
from views.office_jobs.kinds import TYPES
from views.office_jobs.task import Task

log = logging.getLogger(__name__)
_END = object()
TURN_SECONDS = 20
BROKEN = "Une erreur du portail l’a arrêté ({error}). Ce qui était fait le reste : reprenez, ou prévenez l’administrateur."


def do_office_jobs() -> int:
    """Do every job that waits, or whose worker died; return how many ended.

    One that may be left between two steps gives way after a while to the other long acts, and goes on in a next
    turn. When the worker stops, each is left after its step.
    """
    session, count = db.session(), 0
    while not is_stopping():
        job = take_job(session, now=clock.now())
        holder = job.holder if job is not None else ""
        session.commit()
        if job is None or not _do(job, holder):
            break
        count += 1
    return count


def has_waiting_jobs() -> bool:
    """Whether another turn has something to do."""
    return waiting_count(db.session()) > 0


def _do(job: Job, holder: str) -> bool:
    """Do a job to its end, or write down why not; False when it is left for another turn."""
    session, turn_ends = db.session(), inf
    try:
        for task in steps_of(job, holder):
            session.commit()
            if not task.is_reading:  # what was only read would be read again in the next turn
                turn_ends = min(turn_ends, monotonic() + TURN_SECONDS)
            if job.state is JobState.RUNNING and _gives_way(job, turn_ends):
                release_job(session, job=job, holder=holder, now=clock.now())
                session.commit()
                return False
    except JobLost:
        session.rollback()
        log.warning("job %s was taken up by another worker", job.id)
    except Refusal as refusal:
        session.rollback()
        _stop(job, holder, refusal_sentence(refusal))
    except (
        Exception
    ) as error:  # whatever an act meets, its agent reads that it stopped, and the next one is done
        session.rollback()
        log.exception("job %s stopped", job.id)
        _stop(job, holder, BROKEN.format(error=type(error).__name__))
    return True


def _gives_way(job: Job, turn_ends: float) -> bool:
    """Whether a job is left after this step: its turn is over, or the worker stops."""
    return is_stopping() or (monotonic() > turn_ends and TYPES[job.kind].takes_turns)


def steps_of(job: Job, holder: str) -> Iterator[Task]:
    """Do a job from its place on; yield it after each step, whose writes and new place the caller commits together.

    The end of the job is in the transaction of its last step.
    """
    session, task = db.session(), _task(job)
    steps = TYPES[job.kind].steps(task)
    is_over = False
    while not is_over:
        stamp_session(session, task.actor.label, clock.now())
        if not task.is_reading:  # a step that writes is held against other workers from its beginning
            hold_job(session, job=job, holder=holder, now=clock.now())
        is_over = next(steps, _END) is _END
        job.file_id = task.file_id
        note_step(
            session,
            job=job,
            holder=holder,
            now=clock.now(),
            done=task.done,
            place=task.place,
            result=task.result,
        )
        if is_over:
            finish_job(session, job=job, now=clock.now())
        yield task


def _task(job: Job) -> Task:
    return Task(
        actor=_asker(job.created_by),
        subject=job.subject,
        facts=job.facts,
        total=job.total_count,
        done=job.done_count,
        place=job.place,
        result=dict(job.result),
        file_id=job.file_id,
        is_reading=TYPES[job.kind].is_reading,
    )


def _asker(label: str) -> Actor:
    """Return who asked, with the rights that they have now."""
    name, _, number = label.partition(":")
    if name != "user":
        return system("worker")
    user = db.session.get_one(User, int(number))
    roles = frozenset(Role(role.name) for role in user.roles) if user.active else frozenset()
    return Actor(label=label, user_id=user.id, roles=roles)


def _stop(job: Job, holder: str, sentence: str) -> None:
    try:
        stop_job(db.session(), job=job, holder=holder, now=clock.now(), failure=sentence)
        db.session.commit()
    except JobLost:
        db.session.rollback()
