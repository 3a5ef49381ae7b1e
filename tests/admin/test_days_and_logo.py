"""What staff change by hand: a day's places, a closed day, the commune's logo."""

from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.dates import at
from models.activities import ActivityKind
from models.reservations import Reservation
from models.town import Town
from tests.support.households import Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

NOVEMBER = date(2026, 11, 1)
KIND = ActivityKind.SUPERVISED_STUDY


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    made.book(made.elder, KIND, NOVEMBER, 1)
    store.commit()
    set_clock(at(NOVEMBER, time(9)))
    return made


@pytest.fixture
def admin(store: Session, house: Household, visitor: Visitor) -> Visitor:
    user = make_staff(store, "admin@saint-preau.example", Role.ADMINISTRATOR)
    store.commit()
    return visitor.sign_in(user)


def test_places_never_go_below_what_is_booked(admin: Visitor, store: Session, house: Household) -> None:
    day = house.days(KIND, NOVEMBER, 1)[0]
    page = admin.get(f"/admin/activityday/edit/?id={day.id}")

    page = admin.submit(page, {"places": "0"}, action=f"id={day.id}")
    assert "ne peut pas être plus petit" in page.text

    admin.submit(page, {"places": "1", "closed_reason": "Travaux"}, action=f"id={day.id}")
    store.expire_all()
    assert (day.places, day.closed_reason) == (1, "Travaux")


def test_an_agent_books_a_formula_at_the_desk(admin: Visitor, store: Session, house: Household) -> None:
    kind = ActivityKind.WEDNESDAY_LEISURE
    activity = house.activity(kind)
    house.book(house.elder, kind, NOVEMBER, 0)
    store.commit()
    day = house.days(kind, NOVEMBER, 3)[-1]
    page = admin.get("/admin/reservation/new/")
    formula = next(option for option in page.all("select", name="formula_id")[0] if option.get("value"))
    typed = {
        "family_id": str(house.family.id),
        "child_id": str(house.elder.id),
        "activity_id": str(activity.id),
        "day": day.day.isoformat(),
        "formula_id": formula.get("value"),
    }

    admin.post(page, typed, action="/new/")

    booked = store.scalars(select(Reservation).where(Reservation.activity_id == activity.id)).one()
    assert str(booked.formula_id) == formula.get("value")


def picture(name: str = "PNG") -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (1200, 400), "green").save(out, name)
    out.seek(0)
    return out


def test_the_logo_is_put_in_place_small_and_taken_away(admin: Visitor, store: Session) -> None:
    page = admin.get("/admin/logo")
    page = admin.submit(page, {"logo": (picture(), "logo.png")}, action="/logo")

    assert "Le logo est en place" in page.text
    shown = Image.open(BytesIO(admin.client.get("/logo").data))
    assert shown.height <= 160
    admin.submit(page, action="/retirer")
    store.expire_all()
    assert store.scalar(select(Town.logo)) is None


def test_what_is_not_a_picture_is_no_logo(admin: Visitor, store: Session) -> None:
    page = admin.get("/admin/logo")

    page = admin.submit(page, {"logo": (BytesIO(b"<svg/>"), "logo.svg")}, action="/logo", status=422)

    assert store.scalar(select(Town.logo)) is None
    assert len(page.all("p", class_="error")) == 1
