"""Long acts handed to the worker: one at a time, taken up after a death, and never written twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.jobs.operations import (
    LEASE,
    JobLost,
    ask_job,
    finish_job,
    hold_job,
    note_step,
    release_job,
    resume_job,
    stop_job,
    take_job,
)
from domain.jobs.queries import ended_jobs, forget_job_files, latest_job, open_jobs
from models.audit import AuditEntry
from models.documents import StoredFile
from models.jobs import Job, JobKind, JobState
from models.privacy import DoomedFile
from tests.support.households import ACTOR, AUGUST

LATER = AUGUST + LEASE + timedelta(seconds=1)


def ask(session: Session, subject: str = "1") -> Job:
    return ask_job(
        session, actor=ACTOR, kind=JobKind.REMINDERS, subject=subject, facts={"families": [1]}, total=4
    )


def test_the_same_act_asked_twice_is_one_job_until_it_ends(db: Session) -> None:
    first = ask(db)

    assert ask(db).id == first.id
    assert ask(db, "2").id != first.id
    taken = take_job(db, now=AUGUST)
    assert taken is not None
    assert ask(db).id == first.id
    finish_job(db, job=taken, now=AUGUST)
    assert ask(db).id != first.id


def test_a_parent_hands_nothing_to_the_worker(db: Session) -> None:
    parent = Actor(label="user:1", user_id=1, roles=frozenset({Role.PARENT}))

    with pytest.raises(Refusal, match="not_allowed"):
        ask_job(db, actor=parent, kind=JobKind.EXPORT, subject="", facts={}, total=1)


def test_a_job_is_taken_once_while_its_worker_lives(db: Session) -> None:
    ask(db)

    job = take_job(db, now=AUGUST)

    assert job is not None
    assert job.state is JobState.RUNNING
    assert take_job(db, now=AUGUST + LEASE) is None


def test_a_job_of_a_dead_worker_goes_on_at_its_place_and_the_dead_one_writes_nothing_more(
    db: Session,
) -> None:
    ask(db)
    job = take_job(db, now=AUGUST)
    assert job is not None
    note_step(db, job=job, holder=job.holder, now=AUGUST, done=2, place=2, result={"families": 2})
    dead = job.holder

    again = take_job(db, now=LATER)

    assert again is not None
    assert (again.id, again.place, again.done_count, again.result) == (job.id, 2, 2, {"families": 2})
    with pytest.raises(JobLost):
        hold_job(db, job=again, holder=dead, now=LATER)
    with pytest.raises(JobLost):
        release_job(db, job=again, holder=dead, now=LATER)
    hold_job(db, job=again, holder=again.holder, now=LATER)


def test_a_sign_of_life_keeps_a_job(db: Session) -> None:
    ask(db)
    job = take_job(db, now=AUGUST)
    assert job is not None

    hold_job(db, job=job, holder=job.holder, now=AUGUST + LEASE)

    assert take_job(db, now=LATER) is None


def test_jobs_take_turns(db: Session) -> None:
    first, second = ask(db, "1"), ask(db, "2")
    job = take_job(db, now=AUGUST)
    assert job is not None
    assert job.id == first.id
    note_step(db, job=job, holder=job.holder, now=AUGUST, done=1, place=1, result={})
    release_job(db, job=job, holder=job.holder, now=AUGUST)

    turns = [take_job(db, now=AUGUST), take_job(db, now=AUGUST)]

    assert [one.id for one in turns if one] == [second.id, first.id]
    assert job.place == 1


def test_a_stopped_job_says_why_and_goes_on_where_it_was_when_asked(db: Session) -> None:
    ask(db)
    job = take_job(db, now=AUGUST)
    assert job is not None
    note_step(db, job=job, holder=job.holder, now=AUGUST, done=3, place=3, result={})
    stop_job(db, job=job, holder=job.holder, now=AUGUST, failure="Le fichier n’est plus là.")

    assert ended_jobs(db, list(JobKind), 5)[0].failure == "Le fichier n’est plus là."
    for _twice in range(2):
        assert resume_job(db, actor=ACTOR, now=LATER, job_id=job.id).id == job.id
    again = take_job(db, now=LATER)

    assert again is not None
    assert (again.place, again.failure) == (3, "")
    assert len(db.scalars(select(AuditEntry).where(AuditEntry.action == "resume_job")).all()) == 1


def test_a_stopped_job_that_was_asked_anew_is_not_done_beside_it(db: Session) -> None:
    job = ask(db)
    take_job(db, now=AUGUST)
    stop_job(db, job=job, holder=job.holder, now=AUGUST, failure="Non.")
    newer = ask(db)

    assert resume_job(db, actor=ACTOR, now=LATER, job_id=job.id).id == newer.id
    assert [one.id for one in open_jobs(db, list(JobKind))] == [newer.id]
    found = latest_job(db, JobKind.REMINDERS, "1")
    assert found is not None
    assert found.id == newer.id


def test_a_file_is_forgotten_after_a_week_and_the_job_stays(db: Session) -> None:
    job = ask(db)
    taken = take_job(db, now=AUGUST)
    assert taken is not None
    file = StoredFile(key="k", filename="a.xlsx", media_type="x", size=1, sha256="0" * 64)
    db.add(file)
    db.flush()
    job.file_id = file.id
    finish_job(db, job=taken, now=AUGUST)

    assert forget_job_files(db, now=AUGUST + timedelta(days=6)) == 0
    assert forget_job_files(db, now=AUGUST + timedelta(days=7)) == 1

    assert (job.file_id, job.state) == (None, JobState.DONE)
    assert db.scalars(select(DoomedFile.key)).all() == ["k"]
