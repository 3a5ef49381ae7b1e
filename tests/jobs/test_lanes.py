"""The worker's lanes: what is quick is done while a long act is held, and a worker that stops leaves it for the next."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event

import pytest
from flask import Flask
from huey.signals import SIGNAL_COMPLETE
from sqlalchemy.orm import Session

from domain.jobs.operations import ask_job
from domain.messages.operations import queue_mail
from models.jobs import Job, JobKind, JobState
from models.messages import MailState, OutboxMail
from tests.support.households import ACTOR, AUGUST
from tests.support.work import do_jobs
from views.jobs.lanes import Lane, LaneWorker, wanted_lanes
from views.jobs.work import CHORES
from views.office_jobs.kinds import TYPES
from views.office_jobs.task import Task

# Only a lane that waits for another one ever comes near it.
PATIENCE_SECONDS = 60


@dataclass
class HeldAct:
    """A long act that stands still in its first step until it may go on; how often it was begun, and ended."""

    has_begun: Event = field(default_factory=Event)
    may_go_on: Event = field(default_factory=Event)
    ended: int = 0

    def steps(self, task: Task) -> Iterator[None]:
        self.has_begun.set()
        assert self.may_go_on.wait(PATIENCE_SECONDS)
        task.place = task.done = 1
        yield
        self.ended += 1
        task.done = task.total


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldAct:
    act = HeldAct()
    monkeypatch.setitem(
        TYPES,  # type: ignore[arg-type]
        JobKind.EXPORT,
        replace(TYPES[JobKind.EXPORT], steps=act.steps),
    )
    return act


@pytest.fixture
def asked(store: Session, held: HeldAct) -> int:
    """The number of the long act, asked for."""
    facts = {"screen": "family", "name": "Familles", "query": ""}
    job = ask_job(store, actor=ACTOR, kind=JobKind.EXPORT, subject="held", facts=facts, total=2)
    store.commit()
    return job.id


@contextmanager
def working(app: Flask) -> Iterator[LaneWorker]:
    """Run the worker's threads in this process."""
    app.extensions["stopping"] = Event()
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    worker = LaneWorker(app.extensions["queues"], app.extensions["stopping"], by_clock=False)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextmanager
def told_of(app: Flask, chore: str) -> Iterator[Event]:
    """Give what is set once the worker has done a chore."""
    is_done = Event()

    def note(_signal: str, task: object) -> None:
        if getattr(task, "name", "") == f"{chore}_now":
            is_done.set()

    queue = app.extensions["queues"][CHORES[chore].lane]
    queue.signal(SIGNAL_COMPLETE)(note)
    try:
        yield is_done
    finally:
        queue.disconnect_signal(note)


@pytest.mark.parametrize("chore", ["mails", "documents"])
def test_what_is_quick_is_done_while_a_long_act_is_held(
    app: Flask, store: Session, held: HeldAct, asked: int, chore: str
) -> None:
    mail = queue_mail(
        store, now=AUGUST, recipient="a@courriel.example", kind="password_reset", subject="S", text_body="T"
    )
    store.commit()

    with told_of(app, chore) as is_done, working(app):
        app.extensions["tasks"]["jobs"]()
        assert held.has_begun.wait(PATIENCE_SECONDS)
        app.extensions["tasks"][chore]()
        is_quick = is_done.wait(PATIENCE_SECONDS)
        meanwhile = (held.ended, store.get_one(Job, asked, populate_existing=True).state)
        store.rollback()
        held.may_go_on.set()

    assert is_quick
    assert meanwhile == (0, JobState.RUNNING)
    assert store.get_one(OutboxMail, mail.id, populate_existing=True).state is (
        MailState.SENT if chore == "mails" else MailState.QUEUED
    )


def test_a_worker_that_stops_leaves_a_long_act_after_its_step_for_the_next_one(
    app: Flask, store: Session, held: HeldAct, asked: int
) -> None:
    with working(app):
        app.extensions["tasks"]["jobs"]()
        assert held.has_begun.wait(PATIENCE_SECONDS)
        app.extensions["stopping"].set()
        held.may_go_on.set()
    left = store.get_one(Job, asked, populate_existing=True)
    assert (left.state, left.place, held.ended) == (JobState.WAITING, 1, 0)

    app.extensions["stopping"] = Event()
    assert do_jobs(app) == 1

    assert (store.get_one(Job, asked, populate_existing=True).state, held.ended) == (JobState.DONE, 1)


def test_every_chore_has_a_lane_and_a_process_may_serve_only_some(app: Flask) -> None:
    queues = app.extensions["queues"]

    assert {chore.lane for chore in CHORES.values()} == set(Lane) == set(queues)
    assert wanted_lanes(queues, []) == queues
    assert list(wanted_lanes(queues, ["long"])) == [Lane.LONG]
