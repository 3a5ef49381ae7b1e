"""The worker of a test: does in the test's own process what pages handed over."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from domain import clock
from domain.jobs.operations import take_job


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


def die_after(app: Flask, step_count: int) -> None:
    """Do the first steps of the job that waits, begin the next one, and die in it."""
    from views.extensions import db
    from views.jobs.office import steps_of

    with at_work(app):
        job = take_job(db.session(), now=clock.now())
        assert job is not None
        db.session.commit()
        steps = steps_of(job)
        for _step in range(step_count):
            next(steps)
            db.session.commit()
        next(steps)
        db.session.rollback()
