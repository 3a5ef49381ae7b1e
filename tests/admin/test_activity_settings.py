"""What staff set for an activity: the documents that it asks for, and when it opens."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import ActivityKind
from models.documents import DocumentRequirement, DocumentType
from tests.support.households import Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff


@pytest.fixture
def house(store: Session) -> Household:
    made = make_household(store)
    store.commit()
    return made


@pytest.fixture
def admin(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "admin@mairie.example", Role.ADMINISTRATOR)
    store.commit()
    return Visitor(app).sign_in(user)


def test_staff_say_which_documents_an_act_asks_for(admin: Visitor, house: Household) -> None:
    store = house.session
    kind = store.scalars(select(DocumentType).where(DocumentType.code == "employer")).one()
    form = admin.get("/admin/documentrequirement/new/")

    admin.post(form, {"document_type_id": str(kind.id), "act": "none"}, action="/documentrequirement/new/")
    typed = {"document_type_id": str(kind.id), "act": "registration", "is_blocking": "y"}
    admin.post(form, typed, action="/documentrequirement/new/")

    asked = select(DocumentRequirement).where(DocumentRequirement.document_type_id == kind.id)
    kept = store.scalars(asked).one()
    assert (kept.act, kept.activity_id, kept.is_blocking) == ("registration", None, True)
    assert "Inscription à une activité" in admin.get("/admin/documentrequirement/").text


def test_an_activity_opens_to_the_minute_by_the_clock_of_paris(admin: Visitor, house: Household) -> None:
    store, activity = house.session, house.activity(ActivityKind.CANTEEN)
    path = f"/admin/activity/edit/?id={activity.id}"

    for typed, instant in (("2027-06-15T08:30", datetime(2027, 6, 15, 6, 30, tzinfo=UTC)), ("", None)):
        admin.post(admin.get(path), {"opens_at": typed}, action=path)
        store.expire_all()
        assert store.get_one(type(activity), activity.id).opens_at == instant


def test_late_pick_ups_are_billed_only_by_a_grid_with_a_price_for_them(
    admin: Visitor, house: Household
) -> None:
    store = house.session
    evening, study = (
        house.activity(ActivityKind.EVENING_CHILDCARE),
        house.activity(ActivityKind.SUPERVISED_STUDY),
    )

    for activity in (evening, study):
        path = f"/admin/activity/edit/?id={activity.id}"
        page = admin.get(path)
        assert "Vide : les retards ne sont pas facturés" in page.text
        answer = admin.post(page, {"late_after_minutes": "10"}, action=path)

    store.expire_all()
    assert "n’a pas de prix pour un retard" in answer.text
    assert (evening.late_after_minutes, study.late_after_minutes) == (10, None)
