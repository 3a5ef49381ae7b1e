"""Mes données, the desk's archive, and Conservation des données, in the browser."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import clock
from domain.actor import Role
from domain.custody.operations import withdraw_guardian
from domain.reservations.feed import renew_calendar_key
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.base import stamp_session
from models.demarches import Demarche
from models.family import Family, FamilyState, Guardian
from models.messages import OutboxMail
from models.privacy import DataRequest, PurgeRun, RetentionPeriod
from tests.invoicing.test_run import issue
from tests.payments.test_card_pages import make_parent
from tests.support.households import ACTOR, AUGUST, Household, instant, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from views.jobs.privacy import keep_privacy, make_archives

NOW = instant(date(2026, 11, 23), 11)
OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)
CANTEEN = ActivityKind.CANTEEN


@pytest.fixture
def house(store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    made.book(made.elder, CANTEEN, OCTOBER, 8)
    made.book(made.elder, CANTEEN, DECEMBER, 3)
    issue(store, OCTOBER)
    store.commit()
    set_clock(NOW)
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_parent(app, store, house.family.id, "alice@foyer.example")
    store.commit()
    return Visitor(app).sign_in(user)


def staff(app: Flask, store: Session, role: Role) -> Visitor:
    member = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    return Visitor(app).sign_in(member)


def work(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://localhost"):
        make_archives()


def fetch(visitor: Visitor, page: str) -> dict[str, bytes]:
    """Follow the link to the archive; return what is in it."""
    with visitor.client.get(visitor.get(page).links()["Télécharger l’archive"]) as answer:
        data = answer.data
    with ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_parent_asks_is_told_and_fetches_the_archive(app: Flask, store: Session, alice: Visitor) -> None:
    alice.submit(alice.get("/compte/donnees/telecharger"))
    assert "se prépare" in alice.get("/compte/donnees").text
    work(app)

    files = fetch(alice, "/compte/donnees")

    held = json.loads(files["donnees.json"])
    assert [row["given_name"] for row in held["child"]] == ["Léo", "Jade"]
    assert "Léo Martin" in files["resume.html"].decode()
    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "data_ready")).one()
    assert mail.recipient == "alice@foyer.example"
    acts = store.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "data_request")).all()
    assert acts == ["ask_for_data", "fetch_data"]


def test_a_week_later_it_is_gone(
    app: Flask, store: Session, alice: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    alice.submit(alice.get("/compte/donnees/telecharger"))
    work(app)
    address = alice.get("/compte/donnees").links()["Télécharger l’archive"]
    key = app.extensions["file_store"]()
    set_clock(NOW + timedelta(days=7))

    assert "n’est plus disponible" in alice.get(address).text
    with app.test_request_context("/"):
        keep_privacy()
    store.expire_all()
    assert store.scalars(select(DataRequest.file_id)).one() is None
    assert not list(key.folder.rglob("*.zip"))


def test_the_password_is_asked_again_before(alice: Visitor) -> None:
    with alice.client.session_transaction() as cookies:
        cookies["fs_paa"] = 0

    answer = alice.client.get("/compte/donnees/telecharger")

    assert answer.status_code == 302
    assert "/verifier" in answer.headers["Location"] or "/connexion" in answer.headers["Location"]


def test_the_desk_gives_an_archive_to_a_person_without_account(
    app: Flask, store: Session, house: Household
) -> None:
    agent = staff(app, store, Role.SCHOOL_AGENT)
    guardian = store.scalars(select(Guardian.id)).one()
    address = f"/admin/donnees-personnelles/responsables/{guardian}"
    refused = agent.submit(agent.get(address), {"proof": ""}, status=422)
    assert "prouvé son identité" in refused.text

    agent.submit(agent.get(address), {"proof": "Carte d’identité vue"})
    work(app)

    files = fetch(agent, address)
    assert "Alice" in files["resume.html"].decode()
    entries = store.scalars(select(AuditEntry).where(AuditEntry.action == "fetch_data")).all()
    assert [entry.family_id for entry in entries] == [house.family.id]


def test_a_parent_asks_for_an_erasure_and_reads_the_answer(
    app: Flask, store: Session, alice: Visitor
) -> None:
    form = alice.get("/compte/donnees/droits")
    refused = alice.submit(form, {"right": "erasure", "message": ""}, status=422)
    assert "Écrivez ce que vous demandez" in refused.text
    alice.submit(refused, {"right": "erasure", "message": "Effacez la fiche de 2024."})
    agent = staff(app, store, Role.SCHOOL_AGENT)
    number = store.scalars(select(Demarche.number)).one()
    page = agent.get(agent.get("/admin/donnees-personnelles").links()[number])
    assert "Effacez la fiche de 2024." in page.text

    agent.submit(page, {"reason": "La fiche est effacée."})

    assert "La fiche est effacée." in alice.get("/compte/donnees").text
    assert number not in alice.get("/demandes").text
    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "data_right_answered")).one()
    assert "La fiche est effacée." in mail.text_body


def test_an_administrator_counts_chooses_and_purges(
    app: Flask, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    from views.jobs.privacy import go_on_purging

    set_clock(NOW + timedelta(days=600))
    boss = staff(app, store, Role.ADMINISTRATOR)
    page = boss.get("/admin/conservation")
    assert "actes" in page.text and "Aucune purge" in page.text

    short = boss.submit(boss.get("/admin/conservation/durees"), {"accounting": "60"}, status=422)
    assert "entre 120 et 600 mois" in short.text
    boss.submit(short, {"accounting": "120", "mails": "18"})
    boss.submit(boss.get("/admin/conservation/purger"))
    with app.test_request_context("/"):
        go_on_purging()

    assert store.scalars(select(RetentionPeriod.months)).all() == [18]
    assert store.scalars(select(PurgeRun)).one().finished_at is not None
    assert "choisi par la commune" in boss.get("/admin/conservation").text


def test_the_worker_purges_by_itself_only_when_told_to(
    app: Flask, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    boss = staff(app, store, Role.ADMINISTRATOR)
    with app.test_request_context("/"):
        keep_privacy()
    assert store.scalars(select(PurgeRun)).all() == []

    boss.submit(boss.get("/admin/conservation/durees"), {"by_itself": "y"})
    with app.test_request_context("/"):
        keep_privacy()

    assert store.scalars(select(PurgeRun)).one().finished_at is not None


def test_the_command_counts_then_applies(
    app: Flask, store: Session, house: Household, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(NOW + timedelta(days=600))
    runner = app.test_cli_runner()

    counted = runner.invoke(args=["purge"])
    assert store.scalars(select(PurgeRun)).all() == []
    applied = runner.invoke(args=["purge", "--apply"])

    assert (counted.exit_code, applied.exit_code) == (0, 0)
    assert "Rien n’est effacé" in counted.output and "Purge terminée" in applied.output
    assert store.scalars(select(PurgeRun)).one().removed["audit_entries"] > 0
    assert runner.invoke(args=["ledger-check"]).exit_code == 0


def test_the_desk_writes_a_departure_and_the_family_only_reads(
    app: Flask, store: Session, house: Household, alice: Visitor
) -> None:
    agent = staff(app, store, Role.SCHOOL_AGENT)
    page = agent.get(f"/admin/familles/{house.family.id}/depart")
    assert "3 réservations à venir" in page.text

    agent.submit(page, {"reason": "Déménagement"})

    store.expire_all()
    assert store.get_one(Family, house.family.id).state is FamilyState.DEPARTED
    assert "/factures" in alice.get("/accueil").links().values()
    invoice = next(
        href for words, href in alice.get("/factures").links().items() if "octobre" in words.lower()
    )
    assert "À payer" in alice.get(invoice).text or "Total" in alice.get(invoice).text
    assert "a quitté la commune" in alice.get("/accueil").text
    refused = alice.post(alice.get("/famille/adresse"))
    assert "quitté la commune" in refused.text
    alice.submit(alice.get("/compte/telephone"), {"phone": "06 12 34 56 78"})
    assert store.scalars(select(OutboxMail.kind).where(OutboxMail.kind == "family_departed")).all() == [
        "family_departed"
    ]


def test_a_withdrawn_authority_cuts_everything_at_once(
    app: Flask, store: Session, house: Household, alice: Visitor
) -> None:
    """DOMAIN.md §10: in an open session, in the calendar, in the archive, from the very next request."""
    guardian = store.scalars(select(Guardian)).one()
    key = renew_calendar_key(store, actor=ACTOR, now=AUGUST, guardian_id=guardian.id)
    store.commit()
    month, feed = f"/enfants/{house.elder.id}/reservations", f"/agenda/{key}/reservations.ics"
    assert alice.client.get(month).status_code == 200
    assert "Léo" in alice.client.get(feed).text

    withdraw_guardian(
        store,
        actor=ACTOR,
        now=clock.now(),
        guardian_id=guardian.id,
        child_id=house.elder.id,
        valid_from=clock.today(),
    )
    store.commit()

    assert alice.client.get(month).status_code == 404
    assert "Léo" not in alice.client.get(feed).text
    for path in ("/accueil", "/famille", "/documents", "/reservations"):
        assert "Léo" not in alice.get(path).text
    alice.submit(alice.get("/compte/donnees/telecharger"))
    work(app)
    files = fetch(alice, "/compte/donnees")
    assert "Léo" not in files["donnees.json"].decode() + files["resume.html"].decode()


def test_an_archive_made_before_is_closed_by_the_withdrawal(
    app: Flask, store: Session, house: Household, alice: Visitor
) -> None:
    alice.submit(alice.get("/compte/donnees/telecharger"))
    work(app)
    address = alice.get("/compte/donnees").links()["Télécharger l’archive"]
    guardian = store.scalars(select(Guardian)).one()
    stamp_session(store, "user:1", clock.now() + timedelta(minutes=1))

    withdraw_guardian(
        store,
        actor=ACTOR,
        now=clock.now(),
        guardian_id=guardian.id,
        child_id=house.elder.id,
        valid_from=clock.today(),
    )
    store.commit()

    assert "n’est plus disponible" in alice.get(address).text
