"""Meals for the kitchen and staff for the children: counted from what is booked, freed by events."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.attendance.events import record_event
from domain.attendance.headcount import broken_ratios, meals, staffing
from domain.dates import at
from models.activities import ActivityKind
from models.attendance import EventKind
from models.family import Diet
from models.health import Pai
from models.schools import Level
from models.town import Town
from tests.support.households import ACTOR, AUGUST, Household, make_household, make_pupil
from tests.support.pages import Visitor
from tests.support.people import make_staff

NOVEMBER = date(2026, 11, 1)
DAY = date(2026, 11, 2)
CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def only_day(house: Household):
    found = meals(house.session, first=DAY, end=DAY + timedelta(days=1))
    assert len(found) == 1
    return found[0]


def test_meals_are_counted_by_diet_and_packed_ones_are_not_cooked(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 1)
    house.book(house.younger, CANTEEN, NOVEMBER, 1)
    house.elder.diet = Diet.NO_PORK
    house.session.add(
        Pai(
            child_id=house.younger.id,
            brings_packed_meal=True,
            valid_from=date(2026, 9, 1),
            valid_to=date(2027, 7, 3),
        )
    )
    house.session.flush()

    day = only_day(house)

    assert (dict(day.diets), day.cooked, day.packed) == ({"no_pork": 1}, 1, 1)


def test_the_under_six_are_told_by_their_age_on_the_day(house: Household) -> None:
    little = make_pupil(
        house.session,
        house.setting,
        house.family,
        "Lou",
        DAY.replace(year=2020) + timedelta(days=1),
        Level.CP,
    )
    house.book(little, CANTEEN, NOVEMBER, 1)

    assert only_day(house).under_six == 1


def test_a_strike_cooks_nothing(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 1)
    record_event(
        house.session,
        actor=ACTOR,
        now=AUGUST,
        day=DAY,
        activity_ids=[house.activity(CANTEEN).id],
        kind=EventKind.STRIKE,
        reason="Grève",
    )

    assert meals(house.session, first=DAY, end=DAY + timedelta(days=1)) == []
    assert staffing(house.session, first=DAY, end=DAY + timedelta(days=1)) == []


def test_each_half_hour_has_its_children_and_the_staff_that_the_ratio_asks_for(house: Household) -> None:
    house.book(house.elder, STUDY, NOVEMBER, 1)

    found = staffing(house.session, first=DAY, end=DAY + timedelta(days=1))[0]

    activity = house.activity(STUDY)
    assert found.half_hours[0].starts_at == activity.starts_at
    assert {(slot.six_and_over, slot.needed) for slot in found.half_hours} == {(1, 1)}
    assert (found.needed, found.planned, found.is_broken) == (1, None, False)


def test_too_few_adults_planned_is_an_alert(house: Household) -> None:
    house.book(house.elder, STUDY, NOVEMBER, 1)
    house.activity(STUDY).staff_count = 0
    house.session.flush()

    alerts = broken_ratios(house.session, first=DAY, end=DAY + timedelta(days=1))

    assert [one.activity_name for one in alerts] == [house.activity(STUDY).name]


def test_a_pedt_eases_the_legal_ratio(house: Household) -> None:
    activity = house.activity(STUDY)
    activity.under_six_per_staff = activity.six_and_over_per_staff = None
    children = [
        make_pupil(house.session, house.setting, house.family, f"Enfant {n}", date(2018, 1, 1), Level.CE2)
        for n in range(15)
    ]
    for child in children:
        house.book(child, STUDY, NOVEMBER, 1)

    without = staffing(house.session, first=DAY, end=DAY + timedelta(days=1))[0].needed
    house.session.get_one(Town, 1).has_pedt = True
    house.session.flush()

    assert (without, staffing(house.session, first=DAY, end=DAY + timedelta(days=1))[0].needed) == (2, 1)


def test_staff_see_the_week_and_the_kitchen_gets_its_file(
    app: Flask, store: Session, visitor: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    house = make_household(store)
    house.book(house.elder, CANTEEN, NOVEMBER, 2)
    agent = make_staff(store, "agent@saint-preau.example", Role.SCHOOL_AGENT)
    store.commit()
    visitor.sign_in(agent)
    set_clock(at(DAY, time(8)))

    page = visitor.get("/admin/effectifs")

    assert "Élémentaire Jules Ferry" in page.text
    sheet = visitor.client.get("/admin/effectifs/repas.csv?semaine=2026-11-02")
    assert sheet.text.count("Jules Ferry") == 2
    assert visitor.client.get("/admin/effectifs/repas.xlsx").data.startswith(b"PK")
    assert visitor.client.get("/admin/effectifs/repas.exe").status_code == 404
