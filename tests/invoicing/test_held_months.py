"""A month that changes between its preview and its issue is held for staff, and nothing wrong is issued."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.invoicing.held import held_families, resume_run
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.invoicing.queries import run_families
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceRun, RunState
from models.reservations import Reservation
from tests.invoicing.support import NOVEMBER, ON_TIME
from tests.support.households import ACTOR, Household, make_family, make_household, make_pupil

CANTEEN = ActivityKind.CANTEEN


@pytest.fixture
def house(db: Session) -> Household:
    """Two families with a month each."""
    made = make_household(db)
    made.book(made.elder, CANTEEN, NOVEMBER, 10)
    other = make_family(db, "Roux")
    child = make_pupil(db, made.setting, other, "Noé", date(2019, 1, 1), "CE1")
    Household(db, made.setting, other, child, child).book(child, CANTEEN, NOVEMBER, 6)
    return made


def issue_all(session: Session, run: InvoiceRun) -> None:
    while issue_next_families(session, actor=ACTOR, now=ON_TIME, run_id=run.id, limit=10):
        pass


def started_then_changed(house: Household) -> InvoiceRun:
    run = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
    start_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)
    first = house.session.scalars(
        select(Reservation).where(Reservation.family_id == house.family.id).order_by(Reservation.day)
    ).first()
    assert first is not None
    house.session.execute(
        Reservation.__table__.update()
        .where(Reservation.id == first.id)
        .values(state="cancelled", cancelled_at=ON_TIME)
    )
    issue_all(house.session, run)
    return run


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Invoice)) or 0


def test_a_changed_family_is_held_and_the_others_are_issued(house: Household) -> None:
    run = started_then_changed(house)

    held = held_families(house.session, run.id)
    assert run.state is RunState.FAILED
    assert [(one.name, one.previewed_cents, one.changed_cents) for one in held] == [("Martin", 3060, 2754)]
    assert count(house.session) == 1


def test_staff_accept_the_new_amount(house: Household) -> None:
    run = started_then_changed(house)

    resume_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)
    issue_all(house.session, run)

    assert run.state is RunState.ISSUED
    assert run.issued_total_cents == run.control_total_cents == 2754 + 6 * 450
    assert house.session.scalars(select(Invoice.sequence).order_by(Invoice.sequence)).all() == [1, 2]


def test_staff_set_the_family_aside_for_another_preview(house: Household) -> None:
    run = started_then_changed(house)

    resume_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id, accept_changes=False)
    issue_all(house.session, run)
    again = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)

    assert (run.state, run.control_total_cents, run.family_count) == (RunState.ISSUED, 2700, 1)
    assert again.control_total_cents == 2754


def test_a_run_resumes_once_whatever_is_clicked(house: Household) -> None:
    run = started_then_changed(house)

    for _ in range(2):
        resume_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)
    issue_all(house.session, run)
    resume_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)

    assert run.state is RunState.ISSUED
    assert count(house.session) == 2


def test_the_anomalies_are_chosen_by_the_database(house: Household) -> None:
    run = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)

    every = run_families(house.session, run.id, only_anomalies=False, offset=0, limit=1)
    odd = run_families(house.session, run.id, only_anomalies=True, offset=0, limit=10)
    after = run_families(house.session, run.id, only_anomalies=False, offset=1, limit=10)

    assert [row.name for row in every] == ["Martin"]
    assert [row.name for row in after] == ["Roux"]
    assert {row.name for row in odd} == {"Martin", "Roux"}  # no roll-call; Roux has no quotient besides
