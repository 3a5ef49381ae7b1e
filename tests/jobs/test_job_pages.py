"""Long acts by their pages: followed, left and found again; killed, they go on; refused, they say why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo.settings import build_settings
from domain.actor import Role
from domain.family import importing
from domain.jobs.operations import LEASE, JobLost
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.family import Child, Family
from models.imports import ImportRun
from models.invoices import InvoiceRun
from models.jobs import Job, JobKind, JobState
from models.messages import OutboxMail
from models.schools import Level
from tests.invoicing.support import NOVEMBER, ON_TIME
from tests.support.households import (
    ACTOR,
    AUGUST,
    Household,
    instant,
    make_family,
    make_household,
    make_pupil,
)
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from tests.support.work import at_work, die_after, do_jobs, leave_to_worker, taken_steps
from views.extensions import db
from views.office_jobs import invoicing, mails
from views.office_jobs.kinds import TYPES

FILE = Path(__file__).parents[2] / "demo" / "data" / "familles.csv"
IMPORTS, WORKS = "/admin/importer-des-familles/", "/admin/travaux"
# The first lines of the older tool's file: three steps of families, and some faults.
DATA = b"".join(FILE.read_bytes().splitlines(keepends=True)[:121])
ROWS = 120


def sign_in(app: Flask, store: Session, role: Role) -> Visitor:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    user.display_name = "Sam Durand"
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def agent(app: Flask, store: Session, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    leave_to_worker(monkeypatch, JobKind.IMPORT_CHECK)
    build_settings(store, actor=ACTOR, now=AUGUST)
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's affair
    return sign_in(app, store, Role.SCHOOL_AGENT)


def bring(agent: Visitor, data: bytes) -> Page:
    answer = agent.client.post(IMPORTS, data={"file": (BytesIO(data), "familles.csv")})
    assert answer.status_code == 302
    return agent.get(answer.headers["Location"])


def families(store: Session) -> int:
    store.expire_all()
    return store.scalar(select(func.count()).select_from(Family)) or 0


def planned(store: Session) -> int:
    """Return how many families the check of the file found."""
    store.expire_all()
    return int(store.scalars(select(ImportRun)).one().found["families"])


def checked(app: Flask, store: Session, agent: Visitor) -> str:
    """Bring the file and let the worker check it; return the address of its check."""
    bring(agent, DATA)
    assert do_jobs(app) == 1
    return f"{IMPORTS}{store.scalars(select(ImportRun.id)).one()}"


def test_a_long_file_is_checked_then_written_by_the_worker_once(
    app: Flask, store: Session, agent: Visitor
) -> None:
    page = bring(agent, DATA)
    assert page.path.startswith(WORKS)
    assert "Vérification de familles.csv" in page.text
    assert do_jobs(app) == 1
    check = agent.get(page.path).links()["Voir le résultat"]
    assert "n’est pas une date" in agent.get(check).text
    assert families(store) == 0

    for _twice in range(2):
        assert agent.client.post(f"{check}/importer").status_code == 302
    waiting = agent.get(check)
    assert f"0 / {planned(store)}" in waiting.text
    assert "Travaux en cours" in waiting.links()
    assert do_jobs(app) == 1

    assert families(store) == planned(store)
    done = agent.get(check).text
    assert f"{planned(store)} familles" in done
    assert "Importé le" in done
    ended = agent.get(WORKS).text
    assert "Import de familles.csv" in ended
    assert "Sam Durand" in ended


def test_the_check_of_a_file_says_how_far_it_is(
    app: Flask, store: Session, agent: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHECKED_AT_ONCE", 50)
    page = bring(agent, DATA)
    counts = []

    with at_work(app):
        for _step in taken_steps():
            db.session.commit()
            counts.append(agent.client.get(f"{page.path}/avancement").json["done"])

    assert counts == [50, 100, ROWS]
    assert "n’est pas une date" in agent.get(agent.get(page.path).links()["Voir le résultat"]).text


def test_a_worker_that_dies_in_an_import_is_replaced_without_loss_or_double(
    app: Flask, store: Session, agent: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    check = checked(app, store, agent)
    agent.client.post(f"{check}/importer")
    set_clock(instant(date(2026, 11, 23), 9))
    die_after(app, 1)
    between = families(store)
    job = store.scalars(select(Job).where(Job.kind == JobKind.IMPORT_FAMILIES)).one()
    assert 0 < between == job.done_count < planned(store)
    assert do_jobs(app) == 0, "its lease is not over"

    set_clock(instant(date(2026, 11, 23), 9) + LEASE + timedelta(seconds=1))
    assert do_jobs(app) == 1

    assert families(store) == planned(store)
    run = store.scalars(select(ImportRun)).one()
    children = store.scalar(select(func.count()).select_from(Child))
    assert (run.counts["families"], run.counts["children"], run.counts["already_there"]) == (
        planned(store),
        children,
        0,
    )
    trail = store.scalars(select(AuditEntry).where(AuditEntry.action == "import_families")).all()
    assert [entry.after["families"] for entry in trail if entry.after] == [planned(store)]


def test_a_worker_that_comes_back_after_another_took_its_job_writes_nothing(
    app: Flask, store: Session, agent: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    check = checked(app, store, agent)
    agent.client.post(f"{check}/importer")
    began = instant(date(2026, 11, 23), 9)
    set_clock(began)
    with at_work(app):
        asleep = taken_steps()
        next(asleep)
        db.session.commit()
        written = families(store)
        set_clock(began + LEASE + timedelta(seconds=1))
        with at_work(app):
            other = taken_steps()
            next(other)
            db.session.commit()

        with pytest.raises(JobLost):
            next(asleep)
        db.session.rollback()

    assert 0 < written < families(store) == 2 * written < planned(store)


def test_an_act_that_stops_says_why_and_goes_on_when_asked(
    app: Flask, store: Session, agent: Visitor
) -> None:
    check = checked(app, store, agent)
    agent.client.post(f"{check}/importer")
    run = store.scalars(select(ImportRun)).one()
    kept, run.file_id = run.file_id, None
    store.commit()
    assert do_jobs(app) == 1

    page = agent.get(check)
    assert "Le travail s’est arrêté" in page.text
    run.file_id = kept
    store.commit()
    page = agent.submit(page, action="/reprendre")
    assert page.path.startswith(WORKS)
    assert do_jobs(app) == 1

    assert families(store) == planned(store)


def test_a_page_that_follows_refreshes_itself_without_a_script_and_may_be_stopped(
    app: Flask, store: Session, agent: Visitor
) -> None:
    page = bring(agent, DATA)

    assert 'http-equiv="refresh"' in page.response.text
    still = agent.get(f"{page.path}?suivi=non")
    assert 'http-equiv="refresh"' not in still.response.text
    assert agent.client.get(f"{page.path}/avancement").json == {
        "done": 0,
        "total": ROWS,
        "finished": False,
        "waiting": True,
    }
    do_jobs(app)
    assert 'http-equiv="refresh"' not in agent.get(page.path).response.text
    assert agent.client.get(f"{page.path}/avancement").json["finished"]


def test_each_role_sees_its_own_works_only(app: Flask, store: Session, agent: Visitor) -> None:
    page = bring(agent, DATA)
    cashier = sign_in(app, store, Role.REGISSEUR)

    assert "Vérification" not in cashier.get(WORKS).text
    cashier.get(page.path, status=404)
    sign_in(app, store, Role.ACTIVITY_LEADER).get(WORKS, status=403)


@pytest.fixture
def town(store: Session) -> Household:
    """Two families more than are previewed at once, four meals each in November."""
    house = make_household(store)
    for number in range(invoicing.FAMILIES_AT_ONCE + 2):
        family = make_family(store, f"Famille {number}", email=f"parent{number}@courriel.example")
        child = make_pupil(store, house.setting, family, "Noé", house.elder.born_on, Level.CE1)
        Household(store, house.setting, family, child, child).book(child, ActivityKind.CANTEEN, NOVEMBER, 4)
    store.commit()
    return house


@pytest.mark.usefixtures("town")
def test_a_large_month_is_worked_out_by_the_worker_and_twice_asked_is_once_done(
    app: Flask, store: Session, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(ON_TIME)
    cashier = sign_in(app, store, Role.REGISSEUR)
    page = cashier.get("/admin/facturation/")
    for _twice in range(2):
        follow = cashier.submit(page, {"month": "2026-11"}, action="/preparer")
    assert "Aperçu de la facturation de novembre 2026" in follow.text
    die_after(app, 0)
    assert store.scalars(select(InvoiceRun)).all() == []

    set_clock(ON_TIME + LEASE + timedelta(seconds=1))
    assert do_jobs(app) == 1

    run = store.scalars(select(InvoiceRun)).one()
    assert run.family_count == run.invoice_count == invoicing.FAMILIES_AT_ONCE + 2
    result = cashier.get(follow.path).links()["Voir le résultat"]
    assert "Émettre les" in cashier.get(result).text


@pytest.mark.usefixtures("town")
def test_a_strike_tells_every_family_once_though_the_worker_dies(
    app: Flask, store: Session, town: Household, set_clock: Callable[[datetime], None]
) -> None:
    day = town.days(ActivityKind.CANTEEN, NOVEMBER, 1)[0]
    set_clock(instant(date(2026, 11, 1), 9))
    agent = sign_in(app, store, Role.SCHOOL_AGENT)
    page = agent.get(f"/admin/evenements?jour={day.day.isoformat()}")
    fields = {"kind": "strike", "reason": "Grève du personnel.", "activities": [str(day.activity_id)]}
    follow = agent.submit(page, fields, action=f"jour={day.day.isoformat()}")
    assert "Familles prévenues" in follow.text
    die_after(app, 2)

    set_clock(instant(date(2026, 11, 1), 9) + LEASE + timedelta(seconds=1))
    assert do_jobs(app) == 1

    told = store.scalars(select(OutboxMail.recipient).where(OutboxMail.kind == "event_announced")).all()
    assert len(told) == len(set(told)) == invoicing.FAMILIES_AT_ONCE + 2 > mails.FAMILIES_AT_ONCE
    assert "leurs familles sont prévenues" in agent.get(follow.path).text


def test_a_long_list_is_written_by_the_worker_and_fetched(
    app: Flask, store: Session, agent: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Roux", "Petit"):
        make_family(store, name)
    store.commit()
    small = agent.client.get("/admin/family/export/xlsx/")
    assert small.data.startswith(b"PK")
    monkeypatch.setitem(TYPES, JobKind.EXPORT, replace(TYPES[JobKind.EXPORT], at_once=1))

    found = agent.client.get("/admin/family/export/xlsx/?search=roux")
    assert found.data.startswith(b"PK")
    page = agent.get("/admin/family/export/xlsx/")
    assert do_jobs(app) == 1

    file = agent.client.get(agent.get(page.path).links()["Voir le résultat"])
    assert file.data.startswith(b"PK")
    assert store.scalars(select(Job.state)).all() == [JobState.DONE]
