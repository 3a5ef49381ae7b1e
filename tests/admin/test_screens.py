"""The generated screens: who may come in, what each shows, and at what cost."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import STAFF_ROLES
from models.audit import AuditEntry
from models.documents import Document, DocumentState, StoredFile
from models.family import Child, ChildFamily, Family, FamilyState, Guardian, TrustedPerson
from models.messages import MailState, OutboxMail
from models.schools import Site
from tests.accounts.people import NOW, Home, make_family
from tests.support.pages import Visitor
from tests.support.queries import recorded_statements
from views.admin import SCREENS
from views.admin.bases import OperationView, ReadOnlyView, SettingsView

Staff = Callable[[str], Visitor]
SETTINGS_TABLES = {
    "activity", "activity_formula", "notice_rule", "document_type", "document_requirement", "site", "school", "school_class", "town", "tariff",
    "sibling_discount", "school_year", "school_holiday", "public_holiday", "closure",
    "enrolment_campaign", "exemption_motive", "reminder_level", "service_hours",
}  # fmt: skip


def address(model: type) -> str:
    return f"/admin/{model.__name__.lower()}/"


def test_only_configuration_tables_are_written_by_plain_forms() -> None:
    plain = {model.__tablename__ for screen, model, *_ in SCREENS if issubclass(screen, SettingsView)}
    writing = [
        model.__tablename__
        for screen, model, *_ in SCREENS
        if (screen.can_create or screen.can_edit or screen.can_delete)
        and not issubclass(screen, (SettingsView, OperationView))
    ]

    assert plain == SETTINGS_TABLES
    assert writing == []


def test_every_empty_list_says_why_and_what_to_do() -> None:
    silent = [screen for screen, *_ in SCREENS if screen.empty == ReadOnlyView.empty]

    assert silent == []


def test_a_long_form_is_in_sections_and_asks_for_each_thing_once(app: Flask) -> None:
    with app.test_request_context():
        asked = {
            type(screen): [field.name for field in screen.get_form()() if field.type != "CSRFTokenField"]
            for screen in app.extensions["admin"][0]._views
            if isinstance(screen, SettingsView)
        }

    for screen, names in asked.items():
        told = [name for fields in screen.sections.values() for name in fields]
        assert sorted(told) == (sorted(names) if told or len(names) > 15 else []), screen


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_each_role_opens_its_screens_and_no_other(staff: Staff, role: str) -> None:
    visitor = staff(role)
    visitor.get("/admin/")

    answers = {screen: visitor.client.get(address(model)).status_code for screen, model, *_ in SCREENS}

    assert answers == {screen: 200 if role in screen.readers else 403 for screen, *_ in SCREENS}


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_each_role_writes_only_where_it_may(staff: Staff, role: str) -> None:
    visitor = staff(role)

    forbidden = {
        screen: visitor.client.get(address(model) + "new/").status_code
        for screen, model, *_ in SCREENS
        if role not in screen.readers & screen.writers
    }

    assert set(forbidden.values()) == {403}


def test_a_parent_and_a_stranger_stay_outside(staff: Staff, app, client) -> None:
    parent = staff("parent")

    assert parent.client.get("/admin/").status_code == 403
    assert parent.client.get("/admin/family/").status_code == 403
    assert client.get("/admin/family/").headers["Location"].startswith("/connexion")


def test_every_list_and_form_is_a_sound_page(staff: Staff) -> None:
    visitor = staff("administrator")

    for screen, model, *_ in SCREENS:
        visitor.get(address(model))
        if screen.can_create:
            visitor.get(address(model) + "new/")


def test_a_list_costs_the_same_for_one_family_and_for_forty(staff: Staff, store: Session) -> None:
    visitor = staff("administrator")
    visitor.get("/admin/guardian/")
    with recorded_statements() as few:
        visitor.get("/admin/guardian/")
    for number in range(2, 42):
        make_family(store, number=number, name=f"Durand {number}")
    store.commit()

    with recorded_statements() as many:
        visitor.get("/admin/guardian/")

    assert len(many) == len(few)


def test_the_reservations_are_never_counted(staff: Staff) -> None:
    visitor = staff("school_agent")

    with recorded_statements() as statements:
        visitor.get("/admin/reservation/")

    read = [text.lower() for text in statements if "from reservation" in text.lower()]
    assert read
    assert not [text for text in read if "count(" in text or "offset ?" in text.split("limit")[0]]


def test_an_agent_opens_a_family_and_finds_it_without_accents(staff: Staff, store: Session) -> None:
    agent = staff("school_agent")
    form = agent.get("/admin/family/new/")
    facts = {"name": "Lefèvre", "line1": "3 rue Haute", "postcode": "45110", "city": "Saint-Préau"}

    page = agent.post(form, facts, action="/admin/family/new/")

    family = store.scalars(select(Family).where(Family.name == "Lefèvre")).one()
    assert page.status_code == 302
    assert "Lefèvre" in agent.get("/admin/family/?search=lefevre").text
    assert "Famille Lefèvre" in agent.get(f"/admin/family/details/?id={family.id}").title
    assert store.scalars(select(AuditEntry.action).where(AuditEntry.family_id == family.id)).all() == [
        "create_family"
    ]


def test_a_file_still_declared_is_found_by_its_state_only(staff: Staff, store: Session, home: Home) -> None:
    store.add(Family(name="Arrivants", state=FamilyState.DRAFT, search_text="arrivants"))
    store.commit()
    agent = staff("school_agent")

    assert "Arrivants" not in agent.get("/admin/family/").text
    assert "Arrivants" not in agent.get("/admin/family/?search=arrivants").text
    assert "Arrivants" in agent.get("/admin/family/?flt_state=draft").text


def test_people_of_a_file_still_declared_are_in_no_list(staff: Staff, store: Session, home: Home) -> None:
    draft = Family(name="Arrivants", state=FamilyState.DRAFT)
    child = Child(family_name="Arrivant", given_name="Tom", born_on=date(2020, 5, 1))
    store.add_all([draft, child])
    store.flush()
    store.add_all([
        Guardian(family_id=draft.id, rank=1, family_name="Arrivant", given_name="Ada"),
        TrustedPerson(family_id=draft.id, full_name="Mamie Arrivant"),
        ChildFamily(child_id=child.id, family_id=draft.id, valid_from=date(2026, 9, 1)),
    ])  # fmt: skip
    store.commit()
    agent = staff("school_agent")

    for screen in ("guardian", "child", "trustedperson"):
        assert "Arrivant" not in agent.get(f"/admin/{screen}/").text

    store.add(ChildFamily(child_id=child.id, family_id=home.family.id, valid_from=date(2026, 9, 1)))
    store.commit()
    assert "Arrivant" in agent.get("/admin/child/").text


def test_a_refusal_is_said_beside_the_form(staff: Staff, store: Session, home: Home) -> None:
    agent = staff("school_agent")
    store.add(Guardian(family_id=home.family.id, rank=2, family_name="Martin", given_name="Bob"))
    store.commit()
    form = agent.get("/admin/guardian/new/")

    answer = agent.post(
        form,
        {"family_id": str(home.family.id), "family_name": "Martin", "given_name": "Carl"},
        action="/admin/guardian/new/",
    )

    assert "deux" in answer.text
    assert store.scalars(select(Guardian).where(Guardian.given_name == "Carl")).all() == []


def test_a_child_is_attached_to_the_family_that_the_text_finds(
    staff: Staff, store: Session, home: Home
) -> None:
    agent = staff("school_agent")
    form = agent.get("/admin/child/new/")

    agent.post(
        form,
        {"family_id-text": "martin", "given_name": "Zoé", "family_name": "Martin", "born_on": "2019-03-02"},
        action="/admin/child/new/",
    )

    child = store.scalars(select(Child)).one()
    assert child.search_text == "martin zoe"


def test_the_search_for_a_related_record_is_bounded(staff: Staff, store: Session) -> None:
    for number in range(2, 42):
        make_family(store, number=number, name="Durand").family.search_text = "durand"
    store.commit()

    found = (
        staff("school_agent").client.get("/admin/guardian/ajax/lookup/?name=family&query=dur&limit=9999").json
    )

    assert len(found) == 20


def test_a_setting_is_written_with_its_trail(staff: Staff, store: Session) -> None:
    visitor = staff("administrator")
    form = visitor.get("/admin/site/new/")

    visitor.post(form, {"name": "École du Parc", "school_weekdays": ["0", "1"]}, action="/admin/site/new/")

    assert store.scalars(select(Site.school_weekdays)).one() == 3
    assert store.scalars(select(AuditEntry.action)).all() == ["create_setting"]


def test_an_accent_that_cannot_be_read_is_refused(staff: Staff) -> None:
    visitor = staff("administrator")
    form = visitor.get("/admin/town/edit/?id=1")

    answer = visitor.post(form, {"accent_color": "#ffee00"}, action="/admin/town/edit/?id=1")

    assert "se lit mal" in answer.text


def test_a_file_neutralises_formulas(staff: Staff, store: Session, home: Home) -> None:
    home.family.name = "=HYPERLINK(1)"
    store.merge(home.family)
    store.commit()

    agent = staff("school_agent")
    csv = agent.client.get("/admin/family/export/csv/").get_data(as_text=True)
    xlsx = agent.client.get("/admin/family/export/xlsx/")

    assert "'=HYPERLINK(1)" in csv
    assert xlsx.data.startswith(b"PK")


def test_a_document_is_refused_with_its_reason_only(staff: Staff, store: Session, home: Home) -> None:
    file = StoredFile(key="k", filename="a.pdf", media_type="application/pdf", size=1, sha256="0")
    store.add(file)
    store.flush()
    document = Document(document_type_id=1, family_id=home.family.id, file_id=file.id)
    store.add(document)
    store.commit()
    agent = staff("school_agent")
    path = f"/admin/document/details/?id={document.id}"
    token = agent.get(path).all("input", name="csrf_token")[-1].get("value")
    sent = {"csrf_token": token, "rowid": str(document.id), "action": "refuse", "url": path}

    agent.client.post("/admin/document/action/", data=sent)
    store.expire_all()
    kept = document.state
    agent.client.post("/admin/document/action/", data=sent | {"reason": "Illisible"})
    store.expire_all()

    assert kept is DocumentState.SUBMITTED
    assert (document.state, document.refusal_reason) == (DocumentState.REFUSED, "Illisible")


def test_a_failed_mail_is_sent_again(staff: Staff, store: Session) -> None:
    mail = OutboxMail(
        recipient="a@example.com",
        kind="x",
        subject="s",
        text_body="t",
        state=MailState.FAILED,
        next_try_at=NOW,
    )
    store.add(mail)
    store.commit()
    agent = staff("school_agent")
    token = agent.get("/admin/outboxmail/").all("input", name="csrf_token")[-1].get("value")

    agent.client.post(
        "/admin/outboxmail/action/", data={"csrf_token": token, "rowid": str(mail.id), "action": "retry"}
    )
    store.expire_all()

    assert mail.state is MailState.QUEUED


def test_an_action_without_its_token_is_refused(staff: Staff) -> None:
    answer = staff("administrator").client.post(
        "/admin/outboxmail/action/", data={"action": "retry", "rowid": "1"}
    )

    assert answer.status_code == 400


def test_families_come_in_the_order_of_their_names(staff: Staff, store: Session) -> None:
    make_family(store, number=2, name="Abadie")
    store.commit()

    text = staff("school_agent").get("/admin/family/").text

    assert text.index("Abadie") < text.index("Martin")
