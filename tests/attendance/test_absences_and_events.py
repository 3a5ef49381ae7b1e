"""Absences that families justify, and events that free them from paying: decided once, told once, billed right."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.attendance.absences import decide_absence, report_absence
from domain.attendance.events import record_event
from domain.dates import at
from domain.errors import Refusal
from domain.invoicing.billing import MonthReader
from domain.reservations.catalogue import catalogue
from models.activities import ActivityDay, ActivityKind
from models.attendance import ActivityEvent, EventKind, Presence
from models.documents import Document
from models.messages import OutboxMail
from models.schools import SchoolClass, SchoolEnrolment
from tests.accounts.people import mails
from tests.payments.test_card_pages import make_parent
from tests.support.households import ACTOR, Household, make_family, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

KIND = ActivityKind.CANTEEN
NOVEMBER = date(2026, 11, 1)
DAY = date(2026, 11, 2)
NOON = at(date(2026, 11, 4), time(12))
AGENT = Actor(label="user:8", user_id=8, roles=frozenset({Role.SCHOOL_AGENT}))
STRANGER = Actor(label="user:7", user_id=7, roles=frozenset({Role.PARENT}))


@pytest.fixture
def house(db: Session) -> Household:
    made = make_household(db)
    made.book(made.elder, KIND, NOVEMBER, 4)
    return made


def report(
    house: Household, first: date = DAY, last: date = DAY, *, now: datetime = NOON, actor: Actor = ACTOR
) -> int:
    return report_absence(
        house.session,
        actor=actor,
        now=now,
        child_id=house.elder.id,
        family_id=house.family.id,
        starts_on=first,
        ends_on=last,
    ).id


def decide(
    house: Household, absence_id: int, *, accept: bool, reason: str = "", actor: Actor = AGENT
) -> None:
    decide_absence(house.session, actor=actor, now=NOON, absence_id=absence_id, accept=accept, reason=reason)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (DAY, DAY - timedelta(days=1), "absence_ends_before"),
        (DAY, DAY + timedelta(days=61), "absence_too_long"),
        (date(2026, 8, 31), DAY - timedelta(days=10), "absence_too_old"),
    ],
)
def test_absences_that_make_no_sense_are_refused(
    house: Household, first: date, last: date, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        report(house, first, last)


def test_the_same_days_are_reported_once_but_again_after_a_refusal(house: Household) -> None:
    absence_id = report(house)
    with pytest.raises(Refusal, match="absence_already_reported"):
        report(house)

    decide(house, absence_id, accept=False, reason="Certificat illisible")

    assert report(house) != absence_id


def test_an_absence_is_answered_once_and_by_the_service(house: Household) -> None:
    absence_id = report(house)

    with pytest.raises(Refusal, match="not_allowed"):
        decide(house, absence_id, accept=True, actor=STRANGER)
    with pytest.raises(Refusal, match="reason_missing"):
        decide(house, absence_id, accept=False, reason="  ")
    decide(house, absence_id, accept=True)
    with pytest.raises(Refusal, match="absence_already_decided"):
        decide(house, absence_id, accept=False, reason="Trop tard")


def test_another_family_reports_nothing(house: Household) -> None:
    with pytest.raises(Refusal, match="not_your_family"):
        report(house, actor=STRANGER)


def event(house: Household, *, kind: EventKind = EventKind.STRIKE, class_id: int | None = None):
    return record_event(
        house.session,
        actor=AGENT,
        now=NOON,
        day=DAY,
        activity_ids=[house.activity(KIND).id],
        kind=kind,
        reason="Grève du personnel",
        school_class_id=class_id,
    )


def test_a_strike_frees_each_child_once_and_closes_the_day(house: Household) -> None:
    first, again = event(house), event(house)

    assert [one.child_id for one in first] == [house.elder.id]
    assert again == []
    assert house.session.scalar(select(func.count()).select_from(ActivityEvent)) == 1
    assert house.days(KIND, NOVEMBER, 1)[0].closed_reason == "Grève du personnel"


def test_a_closed_class_frees_its_own_children_and_leaves_the_activity_open(house: Household) -> None:
    mine = SchoolClass(
        school_id=house.setting.schools["Élémentaire Jules Ferry"].id,
        school_year_id=house.setting.year.id,
        name="CE1 A",
    )
    house.session.add(mine)
    house.session.flush()
    house.book(house.younger, KIND, NOVEMBER, 1)
    enrolment = house.session.scalars(
        select(SchoolEnrolment).where(SchoolEnrolment.child_id == house.elder.id)
    ).one()
    enrolment.school_class_id = mine.id
    house.session.flush()

    concerned = event(house, kind=EventKind.CLASS_CLOSED, class_id=mine.id)

    assert [one.child_id for one in concerned] == [house.elder.id]
    assert house.days(KIND, NOVEMBER, 1)[0].closed_reason is None
    assert billed_days(house) == {house.elder.id: 3, house.younger.id: 1}


def billed_days(house: Household) -> dict[int, int]:
    """How many days of November each child is billed."""
    reader = MonthReader(
        house.session, month=NOVEMBER, today=date(2026, 12, 5), settings=catalogue(house.session)
    )
    counts: dict[int, int] = {}
    for day in reader.read([house.family.id])[0].days:
        counts[day.child_id] = counts.get(day.child_id, 0) + 1
    return counts


def test_nothing_is_recorded_on_a_day_without_the_activity(house: Household) -> None:
    with pytest.raises(Refusal, match="event_without_activity"):
        record_event(
            house.session,
            actor=AGENT,
            now=NOON,
            day=date(2026, 11, 11),
            activity_ids=[house.activity(KIND).id],
            kind=EventKind.STRIKE,
            reason="Grève",
        )


class TestPages:
    """The same through the portal."""

    @pytest.fixture
    def house(self, app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
        made = make_household(store)
        made.book(made.elder, KIND, NOVEMBER, 2)
        made.call(made.elder, made.days(KIND, NOVEMBER, 1)[0], Presence.ABSENT)
        store.commit()
        set_clock(NOON)
        return made

    @pytest.fixture
    def alice(self, app: Flask, store: Session, house: Household) -> Visitor:
        return Visitor(app).sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))

    @pytest.fixture
    def agent(self, app: Flask, store: Session, house: Household) -> Visitor:
        user = make_staff(store, "agent@saint-preau.example", Role.SCHOOL_AGENT)
        store.commit()
        return Visitor(app).sign_in(user)

    def test_a_certificate_goes_to_the_service_which_accepts_it(
        self, alice: Visitor, agent: Visitor, store: Session, house: Household
    ) -> None:
        picture = BytesIO()
        Image.new("RGB", (40, 40), "white").save(picture, "PNG")
        picture.seek(0)
        path = f"/enfants/{house.elder.id}/absences"
        typed = {
            "starts_on": "2026-11-02",
            "ends_on": "2026-11-02",
            "certificate": (picture, "certificat.png"),
        }
        page = alice.submit(alice.get(path), typed, action="/absences")
        assert "En cours d’examen" in page.text

        page = agent.get("/admin/absences")
        assert "Léo Martin" in page.text
        page = agent.get(page.links()["Léo Martin"])
        page = agent.submit(page, action="/accepter")

        assert "Aucune absence" in page.text
        assert "acceptée" in mails(store, "absence_accepted")[0].subject
        assert "Accepté" in alice.get(path).text

    def test_a_refusal_says_why_to_the_family(
        self, alice: Visitor, agent: Visitor, store: Session, house: Household
    ) -> None:
        path = f"/enfants/{house.elder.id}/absences"
        typed = {"starts_on": "2026-11-02", "ends_on": "2026-11-02", "is_sworn": "y"}
        alice.submit(alice.get(path), typed, action="/absences")
        page = agent.get(agent.get("/admin/absences").links()["Léo Martin"])
        action = page.response.request.path

        page = agent.submit(page, {"reason": ""}, action=action, status=422)
        agent.submit(page, {"reason": "Un certificat est nécessaire."}, action=action)

        assert "Un certificat est nécessaire." in alice.get(path).text
        assert "Un certificat est nécessaire." in mails(store, "absence_refused")[0].text_body

    def test_what_is_missing_or_wrong_is_said_and_nothing_is_kept(
        self, alice: Visitor, store: Session, house: Household
    ) -> None:
        path = f"/enfants/{house.elder.id}/absences"
        page = alice.submit(
            alice.get(path),
            {"starts_on": "2026-11-02", "ends_on": "2026-11-02"},
            action="/absences",
            status=422,
        )
        assert "Ajoutez un justificatif" in page.text
        typed = {
            "starts_on": "2026-11-03",
            "ends_on": "2026-11-02",
            "certificate": (BytesIO(b"MZ\x90not a picture"), "certificat.png"),
        }
        alice.submit(page, typed, action="/absences", status=422)
        page = alice.submit(
            page,
            {"starts_on": "2026-11-03", "ends_on": "2026-11-02"},
            action="/absences",
            status=422,
        )

        summary = page.text.split("Vérifiez votre saisie")[1].split("Signaler une absence")[0]
        assert "Le dernier jour est avant le premier." in summary
        assert "Ajoutez un justificatif" in summary
        assert store.scalar(select(func.count()).select_from(Document)) == 0

    def test_another_parent_and_a_leader_see_nothing(
        self, app: Flask, store: Session, house: Household
    ) -> None:
        other = make_family(store, "Petit")
        stranger = Visitor(app).sign_in(make_parent(app, store, other.id, "charlie@courriel.example"))
        leader = make_staff(store, "animatrice@saint-preau.example", Role.ACTIVITY_LEADER)
        store.commit()

        stranger.get(f"/enfants/{house.elder.id}/absences", status=404)
        Visitor(app).sign_in(leader).get("/admin/absences", status=403)
        Visitor(app).sign_in(leader).get("/admin/evenements", status=403)

    def test_a_strike_is_told_once_to_each_family(
        self, agent: Visitor, alice: Visitor, store: Session, house: Household
    ) -> None:
        page = agent.get("/admin/evenements?jour=2026-11-05")
        typed = {
            "activities": [str(house.activity(KIND).id)],
            "kind": "strike",
            "reason": "Grève du personnel",
        }
        page = agent.submit(page, typed, action="jour=2026-11-05")
        assert "Aucune réservation" in page.text
        page = agent.get("/admin/evenements?jour=2026-11-02")
        page = agent.submit(page, typed, action="jour=2026-11-02")
        assert "1 enfant est concerné" in page.text
        agent.submit(page, typed, action="jour=2026-11-02")

        sent = mails(store, "event_announced")
        assert len(sent) == 1
        assert "Léo\u00a0: Restauration" in sent[0].text_body
        assert store.scalar(
            select(ActivityDay.closed_reason).where(
                ActivityDay.day == DAY, ActivityDay.activity_id == house.activity(KIND).id
            )
        )
        assert store.scalar(select(func.count()).select_from(OutboxMail)) == 1
