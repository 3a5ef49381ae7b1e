"""The job worker killed in the middle of a month of invoices: the next one ends it, and nobody is billed twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.invoicing.operations import preview_run, start_run
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceItem, InvoiceRun, RunState
from models.messages import OutboxMail
from models.schools import Level
from tests.invoicing.support import NOVEMBER, ON_TIME
from tests.support.households import ACTOR, Household, make_family, make_household, make_pupil
from tests.support.served import ROOT, environment

pytestmark = [pytest.mark.race, pytest.mark.timeout(280)]
# The worker issues fifty at once; four meals are enough for an invoice of their own.
FAMILIES, MEALS = 120, 4
PATIENCE_SECONDS = 120


@pytest.fixture
def run_id(engine: Engine) -> int:
    """A started month."""
    with Session(engine) as session:
        make_household(session, lived=start_a_month_of_many)
        session.commit()
        return session.scalars(select(InvoiceRun.id)).one()


def start_a_month_of_many(house: Household) -> None:
    """A few meals for each family, and every invoice to be announced by e-mail."""
    session = house.session
    for number in range(FAMILIES):
        family = make_family(
            session, f"Famille {number}", email=f"parent{number}@courriel.example", wants_e_invoice=True
        )
        child = make_pupil(session, house.setting, family, "Noé", house.elder.born_on, Level.CE1)
        Household(session, house.setting, family, child, child).book(
            child, ActivityKind.CANTEEN, NOVEMBER, MEALS
        )
    run = preview_run(session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
    start_run(session, actor=ACTOR, now=ON_TIME, run_id=run.id)


def start_worker(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "flask", "--app", "tests.support.served:create_web", "worker"]
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment(url, folder, ON_TIME), stdout=log, stderr=log
        )


def wait_for(engine: Engine, run_id: int, is_reached: Callable[[InvoiceRun], bool]) -> InvoiceRun:
    """Look at the run until it is so; as often as possible, for the kill must come between two batches."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with Session(engine) as session:
            run = session.get_one(InvoiceRun, run_id)
            if is_reached(run):
                return run
        time.sleep(0.005)
    pytest.fail("the worker did not get there")


def test_a_worker_killed_in_mid_month_is_replaced_without_loss_or_double(
    url: str, engine: Engine, run_id: int, tmp_path: Path
) -> None:
    first = start_worker(url, tmp_path)
    try:
        wait_for(engine, run_id, lambda run: run.done_count > 0)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait(20)
    with Session(engine) as session:
        between = session.get_one(InvoiceRun, run_id).done_count

    second = start_worker(url, tmp_path)
    try:
        run = wait_for(engine, run_id, lambda run: run.state is not RunState.ISSUING)
    finally:
        second.kill()
        second.wait(20)

    assert 0 < between < FAMILIES
    with Session(engine) as session:
        numbers = session.scalars(select(Invoice.sequence).order_by(Invoice.sequence)).all()
        items, distinct, total = session.execute(
            select(
                func.count(),
                func.count(InvoiceItem.reservation_id.distinct()),
                select(func.sum(Invoice.total_cents)).scalar_subquery(),
            ).select_from(InvoiceItem)
        ).one()
        told = select(OutboxMail.recipient).where(OutboxMail.kind == "invoice_issued")
        recipients = session.scalars(told).all()
    assert numbers == list(range(1, FAMILIES + 1))
    assert items == distinct == FAMILIES * MEALS
    assert run.state is RunState.ISSUED
    assert total == run.issued_total_cents == run.control_total_cents
    assert len(recipients) == len(set(recipients)) == FAMILIES
