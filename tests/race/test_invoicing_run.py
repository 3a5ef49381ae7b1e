"""Two workers issue at once, and one is killed in mid-run: no gap, no double, and the control total is met."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.actor import system
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from models.activities import ActivityKind
from models.base import stamp_session
from models.invoices import Invoice, InvoiceItem, InvoiceRun, RunState
from tests.invoicing.support import NOVEMBER, ON_TIME
from tests.support.databases import make_engine
from tests.support.households import ACTOR, Household, make_family, make_household, make_pupil

pytestmark = pytest.mark.race
FAMILIES = 12
WORKER = system("worker")


@pytest.fixture
def run_id(engine: Engine) -> int:
    """A started month of twelve families."""
    with Session(engine) as session:
        make_household(session, lived=start_a_month_of_twelve)
        session.commit()
        return session.scalars(select(InvoiceRun.id)).one()


def start_a_month_of_twelve(house: Household) -> None:
    session = house.session
    for number in range(FAMILIES):
        family = make_family(session, f"Famille {number}")
        child = make_pupil(session, house.setting, family, "Noé", date(2019, 1, 1 + number), "CE1")
        Household(session, house.setting, family, child, child).book(child, ActivityKind.CANTEEN, NOVEMBER, 6)
    run = preview_run(session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
    start_run(session, actor=ACTOR, now=ON_TIME, run_id=run.id)


def issue_all(address: str, run_id: int, pause: float = 0.0) -> None:
    """What a worker does: a batch, a commit, the next one."""
    engine = make_engine(address)
    with Session(engine) as session:
        while True:
            stamp_session(session, WORKER.label, ON_TIME)
            batch = issue_next_families(session, actor=WORKER, now=ON_TIME, run_id=run_id, limit=2)
            time.sleep(pause)  # killed here, the batch is written and not committed
            session.commit()
            if batch is None:
                break
    engine.dispose()


def start(work: Callable[..., None], *args: object) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    return process


def check(engine: Engine, run_id: int) -> None:
    with Session(engine) as session:
        run = session.get_one(InvoiceRun, run_id)
        numbers = session.scalars(select(Invoice.sequence).order_by(Invoice.sequence)).all()
        items = session.scalar(select(func.count()).select_from(InvoiceItem))
        distinct = session.scalar(select(func.count(func.distinct(InvoiceItem.reservation_id))))
        total = session.scalar(select(func.sum(Invoice.total_cents)))
        assert numbers == list(range(1, FAMILIES + 1))
        assert items == distinct == FAMILIES * 6
        assert run.state is RunState.ISSUED
        assert total == run.issued_total_cents == run.control_total_cents
    engine.dispose()


def test_two_workers_at_once_leave_no_gap_and_no_double(url: str, run_id: int) -> None:
    workers = [start(issue_all, url, run_id, 0.01) for _ in range(2)]
    for worker in workers:
        worker.join(120)

    assert [worker.exitcode for worker in workers] == [0, 0]
    check(make_engine(url), run_id)


def test_a_worker_killed_in_mid_run_is_taken_over_without_gap_or_double(url: str, run_id: int) -> None:
    engine = make_engine(url)
    worker = start(issue_all, url, run_id, 0.4)
    assert worker.pid is not None
    for _ in range(600):
        with Session(engine) as session:
            done = session.get_one(InvoiceRun, run_id).done_count
        if done:
            break
        time.sleep(0.1)
    time.sleep(0.1)  # into the next batch
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(30)
    with Session(engine) as session:
        between = session.get_one(InvoiceRun, run_id).done_count
    engine.dispose()

    issue_all(url, run_id)

    assert 0 < between < FAMILIES
    check(make_engine(url), run_id)
