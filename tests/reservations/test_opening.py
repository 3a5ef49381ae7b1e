"""The days of an activity follow the calendar, and lose no booking; the preview says each deadline."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.calendar.year import school_year_months
from domain.dates import at
from domain.reservations.opening import open_days, preview_deadlines, withdraw_days
from models.activities import ActivityDay, ActivityKind
from models.calendar import Closure, PublicHoliday
from tests.support.households import ACTOR, AUGUST, Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

KIND = ActivityKind.SUPERVISED_STUDY
MONDAY = date(2026, 11, 16)
BEFORE = at(date(2026, 11, 10), time(9))


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def day_of(house: Household, day: date) -> ActivityDay | None:
    return house.session.scalar(
        select(ActivityDay).where(ActivityDay.activity_id == house.activity(KIND).id, ActivityDay.day == day)
    )


def withdraw(house: Household) -> tuple[int, int]:
    return withdraw_days(house.session, actor=ACTOR, now=BEFORE, activity_id=house.activity(KIND).id)


def test_a_new_closure_closes_the_day_with_its_reason(house: Household) -> None:
    house.session.add(Closure(starts_on=MONDAY, ends_on=MONDAY, reason="Journée de formation"))
    house.session.flush()

    assert withdraw(house) == (0, 1)

    day = day_of(house, MONDAY)
    assert day is not None
    assert day.closed_reason == "Journée de formation"


def test_a_day_become_a_holiday_is_removed_unless_a_child_is_booked(house: Household) -> None:
    house.book(house.elder, KIND, MONDAY, 1)
    tuesday = MONDAY + timedelta(days=1)
    house.session.add_all(
        [PublicHoliday(day=MONDAY, name="Férié"), PublicHoliday(day=tuesday, name="Férié aussi")]
    )
    house.session.flush()

    assert withdraw(house) == (1, 1)

    assert day_of(house, tuesday) is None
    kept = day_of(house, MONDAY)
    assert kept is not None
    assert (kept.taken, kept.closed_reason) == (1, "jour retiré du calendrier")


def test_bringing_the_days_in_line_twice_changes_nothing_more(house: Household) -> None:
    assert withdraw(house) == (0, 0)
    assert open_days(house.session, actor=ACTOR, now=AUGUST, activity_id=house.activity(KIND).id) == 0


def test_the_preview_says_the_deadlines_before_any_day_is_published(house: Household) -> None:
    activity = house.activity(KIND)
    published = preview_deadlines(house.session, activity_id=activity.id, today=date(2026, 11, 10))
    house.session.execute(delete(ActivityDay).where(ActivityDay.activity_id == activity.id))
    activity.places += 1  # a change of settings: every process reads them again
    house.session.flush()

    preview = preview_deadlines(house.session, activity_id=activity.id, today=date(2026, 11, 10))

    assert [(one.day, one.book_until) for one in preview] == [(one.day, one.book_until) for one in published]
    assert not any(one.is_published for one in preview)


def test_the_year_shows_what_each_day_is(house: Household) -> None:
    site = house.activity(KIND).site_id
    months = school_year_months(house.session, site_id=site, starts_on=date(2026, 9, 1))
    kinds = {day: kind for month in months for day, kind in month.days}

    assert kinds[date(2026, 11, 2)] == "school"
    assert kinds[date(2026, 11, 11)] == "public_holiday"
    assert kinds[date(2026, 10, 20)] == "holiday"
    assert kinds[date(2026, 11, 4)] == "no_class"
    assert kinds[date(2026, 11, 7)] == "weekend"
    assert len(months) == 12


def test_an_administrator_opens_the_year_and_sees_the_deadlines(
    app: Flask, store: Session, visitor: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    house = make_household(store)
    activity = house.activity(KIND)
    store.execute(delete(ActivityDay).where(ActivityDay.activity_id == activity.id))
    admin = make_staff(store, "admin@saint-preau.example", Role.ADMINISTRATOR)
    store.commit()
    visitor.sign_in(admin)
    set_clock(BEFORE)

    page = visitor.get(f"/admin/activites/{activity.id}")
    assert "Aucun jour n’est encore ouvert" in page.text
    page = visitor.submit(page, action="/jours")

    assert "jours ouverts" in page.text
    assert (store.scalar(select(func.count()).where(ActivityDay.activity_id == activity.id)) or 0) > 100
    assert "Vacances" in visitor.get("/admin/annee").text
