"""The worker of a test: does in the test's own process what pages handed over."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from domain import clock
from domain.jobs.operations import take_job
from models.jobs import JobKind


@contextmanager
def at_work(app: Flask) -> Iterator[None]:
    """Be the worker for a while."""
    with app.test_request_context("/", base_url=app.config["PREAU"].public_url):
        yield


def do_jobs(app: Flask) -> int:
    """Do every long act that waits; return how many ended."""
    # Here, and not above: a test of pure rules has no need of the whole portal.
    from views.jobs.office import do_office_jobs, has_waiting_jobs

    count = 0
    with at_work(app):
        while True:
            count += do_office_jobs()
            if not has_waiting_jobs():
                return count


def taken_steps() -> Iterator[object]:
    """Take the job that waits; return its steps, to be committed one by one."""
    from views.extensions import db
    from views.jobs.office import steps_of

    job = take_job(db.session(), now=clock.now())
    assert job is not None
    holder = job.holder
    db.session.commit()
    return steps_of(job, holder)


def die_after(app: Flask, step_count: int) -> None:
    """Do the first steps of the job that waits, begin the next one, and die in it."""
    from views.extensions import db

    with at_work(app):
        steps = taken_steps()
        for _step in range(step_count):
            next(steps)
            db.session.commit()
        next(steps)
        db.session.rollback()


def leave_to_worker(monkeypatch: pytest.MonkeyPatch, *kinds: JobKind) -> None:
    """Let the worker do these acts, however small they are."""
    from views.office_jobs.kinds import TYPES

    for kind in kinds:
        monkeypatch.setitem(TYPES, kind, replace(TYPES[kind], at_once=0))  # type: ignore[arg-type]
