"""Booking by habit: a week that repeats, last month, a sibling."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.dates import at
from domain.errors import Refusal
from domain.reservations.patterns import Booked, Slot, habits, reserve_pattern
from domain.reservations.rules import Reason
from models.activities import ActivityDay, ActivityKind
from models.reservations import Reservation, ReservationState
from tests.payments.test_card_pages import make_parent
from tests.reservations.test_month_pages import boxes, save
from tests.support.households import ACTOR, AUGUST, Household, make_household
from tests.support.pages import Visitor

KIND = ActivityKind.SUPERVISED_STUDY
NOON = at(date(2026, 11, 23), time(12))
MONDAY, THURSDAY = 0, 3


@pytest.fixture
def house(db: Session) -> Household:
    made = make_household(db)
    made.book(made.elder, KIND, date(2026, 9, 1), 1)
    return made


def repeat(house: Household, *weekdays: int, first: date, last: date):
    activity = house.activity(KIND)
    return reserve_pattern(
        house.session,
        actor=ACTOR,
        now=AUGUST,
        child_id=house.elder.id,
        family_id=house.family.id,
        slots=[Slot(activity.id, None, weekday) for weekday in weekdays],
        first=first,
        last=last,
    )


def test_every_monday_and_thursday_is_booked_but_not_in_the_holidays(house: Household) -> None:
    outcome = repeat(house, MONDAY, THURSDAY, first=date(2026, 10, 12), last=date(2026, 11, 8))

    assert [answer.day for answer in outcome.booked] == [
        date(2026, 10, 12),
        date(2026, 10, 15),
        date(2026, 11, 2),
        date(2026, 11, 5),
    ]
    assert outcome.refused == []


def test_a_full_day_is_named_and_the_others_are_booked(house: Household) -> None:
    full = house.days(KIND, date(2026, 11, 1), 1)[0]
    house.session.execute(update(ActivityDay).where(ActivityDay.id == full.id).values(places=0))

    outcome = repeat(house, MONDAY, first=date(2026, 11, 2), last=date(2026, 11, 16))

    assert [(answer.day, answer.reason) for answer in outcome.refused] == [(date(2026, 11, 2), Reason.FULL)]
    assert len(outcome.booked) == 2


def test_the_same_pattern_twice_has_one_effect(house: Household) -> None:
    repeat(house, MONDAY, first=date(2026, 11, 2), last=date(2026, 11, 30))

    again = repeat(house, MONDAY, first=date(2026, 11, 2), last=date(2026, 11, 30))

    assert not again.has_changed
    assert again.refused == []


def test_an_empty_or_backward_pattern_is_refused(house: Household) -> None:
    with pytest.raises(Refusal, match="pattern_empty"):
        repeat(house, first=date(2026, 11, 2), last=date(2026, 11, 30))
    with pytest.raises(Refusal, match="pattern_ends_before"):
        repeat(house, MONDAY, first=date(2026, 11, 30), last=date(2026, 11, 2))


def test_a_habit_is_what_was_booked_twice_on_a_weekday() -> None:
    mondays = [Booked("canteen", "", date(2026, 11, 2) + timedelta(weeks=n)) for n in range(3)]
    once = [Booked("canteen", "", date(2026, 11, 3))]

    assert habits(mondays + once) == {("canteen", "", MONDAY)}


class TestPages:
    """The same through the portal."""

    @pytest.fixture
    def house(self, app: Flask, store: Session, set_clock: Callable[..., None]) -> Household:
        made = make_household(store)
        made.book(made.elder, KIND, date(2026, 11, 1), 6)
        made.book(made.younger, KIND, date(2026, 12, 1), 2)
        store.commit()
        set_clock(NOON)
        return made

    @pytest.fixture
    def alice(self, app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
        return visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))

    def test_the_week_is_ticked_and_booked_until_a_date(
        self, alice: Visitor, store: Session, house: Household
    ) -> None:
        page = alice.get(f"/enfants/{house.elder.id}/semaine-type")
        slot = f"{house.activity(KIND).id}.0.{MONDAY}"
        page = alice.submit(
            page, {"slots": [slot], "first": "2026-11-30", "last": "2026-12-18"}, action="/semaine-type"
        )

        assert "3 journées réservées" in page.text
        days = store.scalars(
            select(Reservation.day).where(
                Reservation.child_id == house.elder.id, Reservation.day >= date(2026, 11, 30)
            )
        ).all()
        assert {day.weekday() for day in days} == {MONDAY}

    def test_what_is_missing_is_said_beside_the_field(self, alice: Visitor, house: Household) -> None:
        page = alice.get(f"/enfants/{house.elder.id}/semaine-type")

        page = alice.submit(page, {"last": ""}, action="/semaine-type", status=422)

        assert "Indiquez le dernier jour" in page.text

    def test_last_month_is_ticked_and_nothing_is_saved(
        self, alice: Visitor, store: Session, house: Household
    ) -> None:
        page = alice.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")
        before = len(store.scalars(select(Reservation.id)).all())

        page = alice.submit(page, action="/reservations", button="like=month")

        assert boxes(page, "days", ticked=True)
        store.expire_all()
        assert len(store.scalars(select(Reservation.id)).all()) == before

    def test_a_siblings_month_is_ticked_day_by_day_then_saved(
        self, alice: Visitor, store: Session, house: Household
    ) -> None:
        page = alice.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")
        page = alice.submit(page, action="/reservations", button=f"like={house.younger.id}")
        ticked = boxes(page, "days", ticked=True)
        assert len(ticked) == 2

        save(alice, page, ticked)

        booked = store.scalars(
            select(Reservation.day).where(
                Reservation.child_id == house.elder.id,
                Reservation.day >= date(2026, 12, 1),
                Reservation.state == ReservationState.RESERVED,
            )
        ).all()
        assert len(booked) == 2

    def test_nothing_is_copied_from_a_child_of_another_family(self, alice: Visitor, house: Household) -> None:
        page = alice.get(f"/enfants/{house.elder.id}/reservations?m=2026-12")

        page = alice.submit(page, action="/reservations", button="like=999")

        assert "rien à recopier" in page.text
