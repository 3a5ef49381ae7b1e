"""The work list: by subject and role, with the age of what waits longest; and the queues that it leads to."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.waiting.queries import Beside, Queue, beside, waiting_since
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.messages import MailState, OutboxMail
from tests.accounts.people import NOW, Home
from tests.support.pages import Visitor
from tests.support.queries import recorded_statements

Staff = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def _today(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def ask_help(store: Session, home: Home, number: int, days: int) -> Demarche:
    row = Demarche(
        number=f"D2026-{number:06d}",
        kind=DemarcheKind.ACCESS_HELP,
        state=DemarcheState.SUBMITTED,
        family_id=home.family.id,
        submitted_at=NOW - timedelta(days=days),
    )
    store.add(row)
    store.flush()
    return row


def test_what_waits_is_shown_with_the_age_of_the_oldest(staff: Staff, store: Session, home: Home) -> None:
    ask_help(store, home, 1, 2)
    ask_help(store, home, 2, 6)
    store.commit()

    page = staff("school_agent").get("/admin/")

    assert "Aides à la connexion depuis 6 jours 2" in page.text
    assert "urgent" not in page.text


def test_what_waits_too_long_is_urgent(staff: Staff, store: Session, home: Home) -> None:
    ask_help(store, home, 1, 8)
    store.commit()

    assert "Aides à la connexion urgent, depuis 8 jours 1" in staff("school_agent").get("/admin/").text


def test_what_does_not_wait_is_said_in_a_line(staff: Staff, store: Session, home: Home) -> None:
    page = staff("administrator").get("/admin/")

    for title in ("Familles à valider", "Pièces à vérifier", "Absences à justifier", "Lignes contestées"):
        assert title in page.text
    assert "Rien n’attend : Familles à valider, Pièces à vérifier" in page.text


def test_each_kind_leads_to_its_filtered_screen(staff: Staff, store: Session, home: Home) -> None:
    ask_help(store, home, 1, 1)
    store.commit()
    admin = staff("administrator")

    links = [link.get("href", "") for link in admin.get("/admin/").all("a", class_="task waiting")]

    assert links == ["/admin/demarche/?flt_kind=access_help&flt_state=submitted"]
    assert "D2026-000001" in admin.get(links[0]).text


def test_a_mail_that_failed_waits_for_the_whole_office(staff: Staff, store: Session, home: Home) -> None:
    store.add(
        OutboxMail(
            recipient="a@exemple.fr",
            kind="x",
            subject="Facture",
            text_body="Bonjour",
            state=MailState.FAILED,
            next_try_at=NOW,
        )
    )
    store.commit()

    assert "Courriels en échec urgent" in staff("regisseur").get("/admin/").text
    assert "Courriels en échec" not in staff("activity_leader").get("/admin/").text


def test_the_work_list_costs_the_same_with_more_work(staff: Staff, store: Session, home: Home) -> None:
    admin = staff("administrator")
    admin.get("/admin/")
    with recorded_statements() as few:
        admin.get("/admin/")
    for number in range(1, 6):
        ask_help(store, home, number, number)
    store.commit()

    with recorded_statements() as many:
        admin.get("/admin/")

    assert len(many) == len(few) <= 30


def test_a_queue_knows_what_stands_beside(app: Flask, store: Session, home: Home) -> None:
    first, second, third = (ask_help(store, home, number, 9 - number) for number in (1, 2, 3))
    store.commit()

    assert beside(store, Queue.ACCESS_HELPS, first.id) == Beside(None, second.id)
    assert beside(store, Queue.ACCESS_HELPS, second.id) == Beside(first.id, third.id)
    second.state = DemarcheState.WITHDRAWN
    store.commit()
    # What was just decided leads to the oldest that waits.
    assert beside(store, Queue.ACCESS_HELPS, second.id) == Beside(None, first.id)
    assert (
        store.scalar(select(Demarche.submitted_at).where(Demarche.id == first.id))
        == waiting_since(store)[Queue.ACCESS_HELPS]
    )


@pytest.mark.parametrize("queue", list(Queue))
def test_every_queue_can_be_asked_on_both_databases(db: Session, queue: Queue) -> None:
    assert waiting_since(db) == {}
    assert beside(db, queue, 1) == Beside(None, None)
