"""Many reminders and many hand-overs: the worker does them, and dies without losing or doubling one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.jobs.operations import LEASE
from models.jobs import JobKind
from models.messages import OutboxMail
from models.recovery import HandoverBatch, Reminder
from tests.payments.card import make_parent
from tests.recovery.support import FIRST, TRESOR, remind_to_the_end
from tests.support.households import Household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.work import die_after, do_jobs, leave_to_worker

RUNS, TRESOR_HOME = "/admin/relances", "/admin/tresor"
AFTER = LEASE + timedelta(seconds=1)


@pytest.fixture
def regisseur(
    app: Flask,
    store: Session,
    stored: Household,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Visitor:
    leave_to_worker(monkeypatch, JobKind.REMINDERS, JobKind.HANDOVER)
    set_clock(FIRST)
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


def test_letters_are_written_once_and_their_mails_leave_after_a_death(
    app: Flask,
    store: Session,
    stored: Household,
    regisseur: Visitor,
    set_clock: Callable[[datetime], None],
) -> None:
    make_parent(app, store, stored.family.id, "alice@courriel.example")
    for _twice in range(2):
        follow = regisseur.submit(regisseur.get(RUNS), {}, action=RUNS)
    assert "Relances de 1 familles" in follow.text
    die_after(app, 1)
    assert store.scalars(select(OutboxMail)).all() == []

    set_clock(FIRST + AFTER)
    assert do_jobs(app) == 1

    assert len(store.scalars(select(Reminder)).all()) == len(store.scalars(select(OutboxMail)).all()) == 1
    done = regisseur.get(follow.path)
    assert "1 famille est relancée" in done.text
    assert "Relances du" in regisseur.get(done.links()["Voir le résultat"]).text


def test_a_run_that_is_refused_by_the_time_it_runs_says_why(
    app: Flask, store: Session, stored: Household, regisseur: Visitor
) -> None:
    page = regisseur.get(RUNS)
    follow = regisseur.submit(page, {}, action=RUNS)
    assert do_jobs(app) == 1
    again = regisseur.submit(page, {}, action=RUNS)
    assert again.path != follow.path

    assert do_jobs(app) == 1

    assert "Le travail s’est arrêté" in regisseur.get(again.path).text
    assert len(store.scalars(select(Reminder)).all()) == 1


def test_a_hand_over_is_made_whole_or_not_at_all(
    app: Flask,
    store: Session,
    stored: Household,
    regisseur: Visitor,
    set_clock: Callable[[datetime], None],
) -> None:
    remind_to_the_end(store, stored)
    store.commit()
    set_clock(TRESOR)
    checked = regisseur.submit(regisseur.get(TRESOR_HOME), {}, action="/verifier")
    follow = regisseur.submit(checked, {}, action=TRESOR_HOME)
    die_after(app, 0)
    assert store.scalars(select(HandoverBatch)).all() == []

    set_clock(TRESOR + AFTER)
    assert do_jobs(app) == 1

    batch = store.scalars(select(HandoverBatch)).one()
    assert batch.csv_file_id is not None
    assert batch.number in regisseur.get(regisseur.get(follow.path).links()["Voir le résultat"]).text
