"""The parent's calendar and reminders: secret, revocable, by choice, and once a day."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.dates import at
from domain.reservations.catalogue import catalogue
from domain.reservations.feed import due_reminders, feed_of, renew_calendar_key, revoke_calendar_key
from domain.reservations.operations import cancel_days
from models.activities import ActivityKind
from models.family import FamilyState, Guardian
from tests.accounts.people import mails
from tests.payments.test_card_pages import make_parent
from tests.support.households import ACTOR, Household, make_household
from tests.support.pages import Visitor
from views.jobs.reminders import remind_of_deadlines

NOVEMBER = date(2026, 11, 1)
CANTEEN = ActivityKind.CANTEEN
NOON = at(date(2026, 11, 23), time(12))


@pytest.fixture
def house(db: Session) -> Household:
    made = make_household(db)
    made.book(made.elder, CANTEEN, NOVEMBER, 3)
    return made


def guardian_of(house: Household) -> Guardian:
    return house.session.scalars(select(Guardian).where(Guardian.family_id == house.family.id)).one()


def test_the_feed_follows_what_is_booked_and_dies_when_it_is_revoked(house: Household) -> None:
    guardian = guardian_of(house)
    key = renew_calendar_key(house.session, actor=ACTOR, now=NOON, guardian_id=guardian.id)
    assert len(feed_of(house.session, key=key, now=NOON) or []) == 3

    day = house.days(CANTEEN, NOVEMBER, 3)[-1]
    cancel_days(
        house.session,
        actor=ACTOR,
        now=at(NOVEMBER, time(9)),
        child_id=house.elder.id,
        family_id=house.family.id,
        day_ids=[day.id],
    )
    assert len(feed_of(house.session, key=key, now=NOON) or []) == 2

    newer = renew_calendar_key(house.session, actor=ACTOR, now=NOON, guardian_id=guardian.id)
    assert feed_of(house.session, key=key, now=NOON) is None
    revoke_calendar_key(house.session, actor=ACTOR, now=NOON, guardian_id=guardian.id)
    assert feed_of(house.session, key=newer, now=NOON) is None


def test_a_family_that_left_has_no_feed_any_more(house: Household) -> None:
    key = renew_calendar_key(house.session, actor=ACTOR, now=NOON, guardian_id=guardian_of(house).id)
    house.family.state = FamilyState.DEPARTED
    house.session.flush()

    assert feed_of(house.session, key=key, now=NOON) is None


def a_habit(house: Household) -> datetime:
    """Book the canteen on every November day but the last Monday; return the eve of that day's deadline."""
    days = house.days(CANTEEN, NOVEMBER, 99)
    house.book(house.elder, CANTEEN, NOVEMBER, len(days))
    last = max(day.day for day in days if day.day.weekday() == 0)
    missing = next(day for day in days if day.day == last)
    cancel_days(
        house.session,
        actor=ACTOR,
        now=at(NOVEMBER, time(9)),
        child_id=house.elder.id,
        family_id=house.family.id,
        day_ids=[missing.id],
    )
    until = catalogue(house.session).activities[missing.activity_id].book_until(last)
    return until - timedelta(days=1)


class TestReminders:
    """The day before a deadline."""

    @pytest.fixture
    def house(self, db: Session) -> Household:
        return make_household(db)

    def test_who_asked_is_reminded_of_the_usual_day_that_is_not_booked(self, house: Household) -> None:
        eve = a_habit(house)
        guardian = guardian_of(house)
        guardian.email, guardian.wants_reminders = "alice@courriel.example", True
        house.session.flush()

        due = due_reminders(house.session, now=eve)

        assert [(one.child_name, one.day) for one in due[guardian.id]] == [("Léo", date(2026, 11, 30))]

    def test_who_did_not_ask_is_left_alone(self, house: Household) -> None:
        eve = a_habit(house)
        guardian_of(house).email = "alice@courriel.example"
        house.session.flush()

        assert due_reminders(house.session, now=eve) == {}


class TestPages:
    """The same through the portal."""

    @pytest.fixture
    def house(self, app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
        made = make_household(store)
        store.commit()
        set_clock(NOON)
        return made

    @pytest.fixture
    def alice(self, app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
        return visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))

    def test_the_parent_opens_reads_and_closes_the_calendar(
        self, app: Flask, alice: Visitor, store: Session, house: Household
    ) -> None:
        house.book(house.elder, CANTEEN, NOVEMBER, 3)
        store.commit()
        page = alice.submit(alice.get("/compte/agenda"), action="/ouvrir")
        key = store.scalars(select(Guardian.calendar_key)).one()
        assert key
        assert key in page.text

        stranger = app.test_client()
        answer = stranger.get(f"/agenda/{key}/reservations.ics")
        events = Calendar.from_ical(answer.data).walk("VEVENT")
        assert [str(one["SUMMARY"]) for one in events] == ["Léo : Restauration"] * 3
        assert stranger.get(f"/agenda/{'x' * 43}/reservations.ics").status_code == 404

        alice.submit(page, action="/fermer")
        assert stranger.get(f"/agenda/{key}/reservations.ics").status_code == 404

    def test_a_reminder_is_sent_once_a_day(
        self,
        app: Flask,
        alice: Visitor,
        store: Session,
        house: Household,
        set_clock: Callable[[datetime], None],
    ) -> None:
        eve = a_habit(house)
        store.commit()
        alice.submit(alice.get("/compte/agenda"), action="/rappels", button="wants=yes")
        set_clock(eve)
        with app.test_request_context():
            remind_of_deadlines()
            remind_of_deadlines()

        sent = mails(store, "deadline_reminder")
        assert len(sent) == 1
        assert "lundi 30 novembre" in sent[0].text_body
