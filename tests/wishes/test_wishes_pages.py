"""Wishes in the browser: a parent posts them, an agent publishes them, everybody reads why."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.jobs.operations import LEASE
from domain.wishes.queries import find_sheet, wishes_of
from domain.wishes.rules import draw, fingerprint
from models.family import Guardian
from models.jobs import JobKind
from models.messages import OutboxMail
from models.reservations import Reservation
from models.wishes import WishRound, WishSheet
from tests.payments.test_card_pages import make_parent
from tests.support.households import make_family
from tests.support.page_checks import text_of
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from tests.support.work import die_after, do_jobs, leave_to_worker
from tests.wishes.rounds import CLOSED, OPEN, OPENS, Wishing

STAFF = "/admin/voeux"


@pytest.fixture
def town(store: Session, set_clock: Callable[[datetime], None]) -> Wishing:
    made = Wishing(store)
    store.commit()
    set_clock(OPEN)
    return made


@pytest.fixture
def alice(app: Flask, store: Session, town: Wishing) -> Visitor:
    user = make_parent(app, store, town.house.family.id, "alice@courriel.example")
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def agent(app: Flask, store: Session, town: Wishing) -> Visitor:
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def path_of(town: Wishing, child: int = 0) -> str:
    return f"/enfants/{town.children[child].id}/voeux/{town.round.id}"


def boxes(page: Page, name: str, *, ticked: bool = False) -> list[str]:
    found = page.all("input", name=name)
    return [box.get("value", "") for box in found if not ticked or box.get("checked") is not None]


def post(visitor: Visitor, town: Wishing, days: list[int], declared: list[str], child: int = 0) -> Page:
    page = visitor.get(path_of(town, child))
    fields = {"days": [str(day) for day in days], "declared": declared}
    return visitor.submit(page, fields, action=f"/voeux/{town.round.id}")


def test_the_home_asks_for_wishes_until_they_are_posted(alice: Visitor, town: Wishing) -> None:
    assert "Vœux pour Léo et Jade : Études de novembre" in alice.get("/accueil").text

    page = post(alice, town, [town.days[0].id, town.days[1].id], ["working_parents"])

    assert "2 journées souhaitées" in page.text
    assert boxes(page, "days", ticked=True) == [str(day.id) for day in town.days[:2]]
    assert boxes(page, "declared", ticked=True) == ["working_parents"]
    home = alice.get("/accueil").text
    assert "Vœux pour Léo" not in home
    assert "Vœux pour Jade : Études de novembre" in home
    assert "2 journées souhaitées" in alice.get("/voeux").text


def test_wishes_are_taken_back_by_unticking_all(alice: Visitor, town: Wishing, store: Session) -> None:
    post(alice, town, [town.days[0].id], [])
    page = post(alice, town, [], [])

    assert "Vos vœux sont retirés" in page.text
    assert store.scalar(select(func.count()).select_from(WishSheet)) == 0


def test_the_criteria_and_the_fingerprint_are_public_and_the_seed_is_not(
    alice: Visitor, town: Wishing
) -> None:
    page = alice.get(path_of(town))

    assert "Les deux parents travaillent ou étudient" in page.text
    assert "L’ordre d’arrivée des vœux ne compte pas" in page.text
    assert fingerprint(town.round.seed) in page.text
    assert town.round.seed not in page.response.get_data(as_text=True)


def test_the_month_says_that_places_go_by_wishes_and_refuses_a_sent_box(
    alice: Visitor, town: Wishing, store: Session
) -> None:
    month = f"/enfants/{town.children[0].id}/reservations"
    page = alice.get(f"{month}?m=2026-11")
    assert "Certaines journées s’attribuent par vœux" in page.text
    assert "/voeux" in page.links().values()
    assert str(town.days[0].id) not in boxes(page, "days")

    form = {box.get("name", ""): box.get("value", "") for box in page.form("/reservations").iter("input")}
    answer = alice.client.post(month, data=form | {"days": [str(town.days[0].id)], "month": "2026-11"})

    assert answer.status_code == 422
    assert "attribuées d’après les vœux" in answer.get_data(as_text=True)
    assert store.scalar(select(func.count()).select_from(Reservation)) == 0


@pytest.mark.parametrize("shift", [timedelta(seconds=-1), timedelta(days=9)])
def test_outside_the_window_nothing_is_taken(
    alice: Visitor,
    town: Wishing,
    store: Session,
    set_clock: Callable[[datetime], None],
    shift: timedelta,
) -> None:
    page = alice.get(path_of(town))
    set_clock(OPENS + shift)

    page = alice.submit(page, {"days": [str(town.days[0].id)]}, action=f"/voeux/{town.round.id}", status=422)

    assert "Vos vœux ne sont pas enregistrés" in page.text
    assert store.scalar(select(func.count()).select_from(WishSheet)) == 0


def test_a_stranger_finds_nothing_and_the_other_parent_sees_the_same(
    app: Flask, alice: Visitor, town: Wishing, store: Session
) -> None:
    post(alice, town, [town.days[0].id], [])
    other_parent = make_parent(app, store, make_family(store, "Petit").id, "bob@courriel.example")
    bob = store.scalars(select(Guardian).where(Guardian.user_id == other_parent.id)).one()
    bob.family_id, bob.rank = town.house.family.id, 2
    stranger = make_parent(app, store, make_family(store, "Roux").id, "roux@courriel.example")
    store.commit()

    page = Visitor(app).sign_in(other_parent).get(path_of(town))
    assert boxes(page, "days", ticked=True) == [str(town.days[0].id)]
    Visitor(app).sign_in(stranger).get(path_of(town), status=404)
    page = Visitor(app).sign_in(stranger).get("/voeux")
    assert "Aucune campagne de vœux" in page.text


def test_an_agent_previews_then_publishes_once_and_each_family_is_told_once(
    alice: Visitor,
    agent: Visitor,
    town: Wishing,
    store: Session,
    set_clock: Callable[[datetime], None],
) -> None:
    town.set_places(town.days[0], 1)
    store.commit()
    post(alice, town, [town.days[0].id], ["working_parents"], child=1)
    post(alice, town, [town.days[0].id], [], child=0)
    before = agent.get(f"{STAFF}/{town.round.id}")
    assert "2 enfants pour l’instant" in before.text
    assert "Classement" not in [text_of(head) for head in before.all("h2")]

    set_clock(CLOSED)
    page = agent.get(f"{STAFF}/{town.round.id}")
    assert "Parents au travail 10, Commune 5, Fratrie 2" in page.text
    agent.submit(page, action="/publier")
    page = agent.submit(page, action="/publier")

    assert "rien n’a changé" in page.text
    assert store.scalar(select(func.count()).select_from(Reservation)) == 1
    mails = store.scalars(select(OutboxMail).where(OutboxMail.kind == "wishes_answered")).all()
    assert len(mails) == 1
    assert "Jade Martin, 1 sur 2 au classement" in mails[0].text_body
    assert "Place obtenue" in mails[0].text_body
    assert "Liste d’attente" in mails[0].text_body

    page = alice.get(path_of(town, 1))
    assert "Place obtenue" in page.text
    assert "1 sur 2 enfants" in page.text
    assert town.round.seed in page.text
    number = f"{town.children[1].id}-{town.house.family.id}"
    assert draw(town.round.seed, number) in page.text
    assert "mieux classés" in alice.get(path_of(town, 0)).text


def test_a_large_round_is_published_by_the_worker_and_every_family_told_once(
    app: Flask,
    alice: Visitor,
    agent: Visitor,
    town: Wishing,
    store: Session,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_to_worker(monkeypatch, JobKind.WISHES)
    post(alice, town, [town.days[0].id], [])
    set_clock(CLOSED)
    page = agent.get(f"{STAFF}/{town.round.id}")
    for _twice in range(2):
        follow = agent.submit(page, action="/publier")
    die_after(app, 1)
    assert store.scalar(select(func.count()).select_from(Reservation)) == 1
    assert store.scalars(select(OutboxMail)).all() == []

    set_clock(CLOSED + LEASE + timedelta(seconds=1))
    assert do_jobs(app) == 1

    [mail] = store.scalars(select(OutboxMail).where(OutboxMail.kind == "wishes_answered")).all()
    assert "1 sur 1 au classement" in mail.text_body
    assert store.scalar(select(func.count()).select_from(Reservation)) == 1
    assert "1 famille est prévenue" in agent.get(follow.path).text


def test_an_agent_sets_a_declaration_aside_with_a_reason_that_the_family_reads(
    alice: Visitor,
    agent: Visitor,
    town: Wishing,
    store: Session,
    set_clock: Callable[[datetime], None],
) -> None:
    post(alice, town, [town.days[0].id], ["working_parents"])
    set_clock(CLOSED)
    sheet = find_sheet(
        store, round_id=town.round.id, child_id=town.children[0].id, family_id=town.house.family.id
    )
    assert sheet is not None and wishes_of(store, sheet.id)
    page = agent.get(f"{STAFF}/fiches/{sheet.id}")

    page = agent.submit(page, {"set_aside": ["working_parents"]}, action="", status=422)
    assert "Écrivez pourquoi" in page.text
    page = agent.submit(page, {"set_aside": ["working_parents"], "reason": "Attestation absente"}, action="")
    assert "le classement en tient compte" in page.text
    agent.submit(agent.get(f"{STAFF}/{town.round.id}"), action="/publier")

    answer = alice.get(path_of(town))
    assert "Attestation absente" in answer.text


def test_an_agent_makes_changes_and_deletes_a_round(agent: Visitor, town: Wishing, store: Session) -> None:
    page = agent.get(f"{STAFF}/nouvelle")
    fields = {
        "activity_id": str(town.round.activity_id),
        "name": "Études de décembre",
        "first_day": "2026-12-01",
        "last_day": "2026-12-18",
        "opens_at": "2026-10-06T08:00",
        "closes_at": "2026-10-05T08:00",
    }
    page = agent.submit(page, fields, status=422)
    assert "La fin doit venir après le début" in page.text

    page = agent.submit(page, fields | {"closes_at": "2026-10-20T18:00"})
    assert page.title == "Études de décembre"
    made = store.scalars(select(WishRound).where(WishRound.name == "Études de décembre")).one()
    assert made.points["working_parents"] == 10

    page = agent.get(f"{STAFF}/{made.id}/modifier")
    page = agent.submit(
        page, {"points_sibling": "7", "points_low_quotient": "3", "quotient_below": ""}, status=422
    )
    assert "au-dessous de quel quotient" in page.text
    page = agent.submit(page, {"points_low_quotient": "0", "points_sibling": "7"})
    assert "7 points" in page.text

    page = agent.submit(page, action="/supprimer")
    assert "se réservent à nouveau" in page.text
    assert "Études de décembre" not in [text_of(one) for one in page.all("a")]


def test_parents_do_not_reach_the_staff_pages(alice: Visitor, town: Wishing) -> None:
    alice.get(f"{STAFF}/{town.round.id}", status=403)
