"""Two homes in the browser: each parent's pages say nothing of the other, and a right withdrawn is felt at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.custody.operations import attach_child, end_arrangement, set_arrangement, set_guardian_right
from domain.custody.rules import AdultRights
from domain.family.quotients import record_quotient
from models.activities import ActivityDay, ActivityKind
from models.custody import CustodyArrangement, CustodyPattern
from models.documents import Document, DocumentType, StoredFile
from models.family import FamilyAddress, Guardian
from models.invoices import Invoice
from models.messages import OutboxMail
from models.quotients import QuotientSource
from models.reservations import Reservation
from tests.invoicing.test_run import issue
from tests.payments.test_card_pages import make_parent
from tests.support.households import ACTOR, AUGUST, Household, instant, make_family, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from views.files import file_store

CANTEEN = ActivityKind.CANTEEN
OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)
NOW = instant(date(2026, 11, 23))


@dataclass
class Parent:
    """One of the two: its browser, and every word that only its own pages may say."""

    visitor: Visitor
    guardian: Guardian
    secrets: list[str]
    invoice_id: int
    document_id: int


@dataclass
class TwoHomes:
    """Zoé's two homes: Chloé's even weeks, David's odd ones."""

    house: Household
    chloe: Parent
    david: Parent


@pytest.fixture
def homes(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> TwoHomes:
    house = make_household(store, quotient_cents=62_137)
    moreau = make_family(store, "Moreau")
    signed = {"actor": ACTOR, "now": AUGUST, "child_id": house.elder.id}
    attach_child(store, family_id=moreau.id, valid_from=date(2026, 8, 24), **signed)
    record_quotient(
        store,
        actor=ACTOR,
        now=AUGUST,
        family_id=moreau.id,
        value_cents=141_953,
        source=QuotientSource.CAF,
        valid_from=date(2026, 9, 1),
    )
    lines = {house.family.id: "3 Quai de Loire", moreau.id: "7 Avenue Jean Jaurès"}
    for address in store.scalars(select(FamilyAddress)):
        address.line1 = lines[address.family_id]
    set_arrangement(
        store,
        family_id=house.family.id,
        pattern=CustodyPattern.EVEN_WEEKS,
        valid_from=date(2026, 8, 24),
        **signed,
    )
    _book_own_days(store, house, house.family.id)
    _book_own_days(store, house, moreau.id)
    issue(store, OCTOBER)
    store.commit()
    set_clock(NOW)
    chloe = _parent(app, store, house, house.family.id, "chloe@domicile.example", "+33611111111", "621,37")
    david = _parent(app, store, house, moreau.id, "david@ailleurs.example", "+33722222222", "1\u202f419,53")
    return TwoHomes(house, chloe, david)


def _book_own_days(store: Session, house: Household, family_id: int) -> None:
    """Book each home's first school days of October, by the parents' own operation."""
    from domain.reservations.opening import register_child
    from domain.reservations.operations import Choice, reserve_days

    signed = {"actor": ACTOR, "now": AUGUST, "child_id": house.elder.id, "family_id": family_id}
    register_child(store, activity_id=house.activity(CANTEEN).id, **signed)
    reserve_days(store, choices=[Choice(day.id, None) for day in house.days(CANTEEN, OCTOBER, 12)], **signed)


def _parent(
    app: Flask, store: Session, house: Household, family_id: int, email: str, phone: str, quotient: str
) -> Parent:
    user = make_parent(app, store, family_id, email)
    guardian = store.scalars(select(Guardian).where(Guardian.user_id == user.id)).one()
    guardian.phone = phone
    address = store.scalars(select(FamilyAddress).where(FamilyAddress.family_id == family_id)).one()
    invoice = store.scalars(select(Invoice).where(Invoice.family_id == family_id)).one()
    document = _insurance(app, store, house, family_id)
    store.commit()
    spoken = f"0{phone[3]} " + " ".join(phone[4 + n : 6 + n] for n in range(0, 8, 2))
    secrets = [address.line1, email, phone, spoken, spoken.replace(" ", "\u00a0"), quotient, invoice.number]
    return Parent(Visitor(app).sign_in(user), guardian, secrets, invoice.id, document.id)


def _insurance(app: Flask, store: Session, house: Household, family_id: int) -> Document:
    """The child's insurance, given by one of its homes."""
    kind = store.scalars(select(DocumentType).where(DocumentType.code == "school_insurance")).one()
    with app.app_context():
        key = file_store().put(b"%PDF", "application/pdf")
    file = StoredFile(key=key, filename="a.pdf", media_type="application/pdf", size=4, sha256="0" * 64)
    store.add(file)
    store.flush()
    document = Document(
        document_type_id=kind.id, child_id=house.elder.id, file_id=file.id, given_by_family_id=family_id
    )
    store.add(document)
    store.flush()
    return document


def crawl(visitor: Visitor) -> dict[str, str]:
    """Return the source of every page that a parent reaches by following links, by its address."""
    seen: dict[str, str] = {}
    waiting = ["/accueil"]
    while waiting:
        path = waiting.pop()
        if path in seen or len(seen) > 150:
            continue
        answer = visitor.client.get(path, buffered=True)
        if answer.status_code in (301, 302, 303):
            waiting.append(answer.headers["Location"])
            continue
        if answer.status_code != 200 or "html" not in answer.content_type:
            continue
        seen[path] = answer.text
        page = visitor.get(path)
        waiting += [
            link.get("href", "").split("#")[0]
            for link in page.all("a")
            if (link.get("href") or "").startswith("/")
        ]
    return seen


def test_no_page_of_one_parent_says_anything_of_the_other(homes: TwoHomes) -> None:
    leaks = []
    for me, other in ((homes.chloe, homes.david), (homes.david, homes.chloe)):
        pages = crawl(me.visitor)
        assert len(pages) > 10
        assert any(me.secrets[0] in source for source in pages.values()), "the crawl sees no address at all"
        assert any(me.secrets[-1] in source for source in pages.values()), "the crawl sees no invoice at all"
        leaks += [
            f"{path} says {secret}"
            for path, source in pages.items()
            for secret in other.secrets
            if secret in source
        ]

    assert not leaks, "\n".join(leaks)


def test_the_other_homes_invoices_and_papers_do_not_exist(homes: TwoHomes) -> None:
    for me, other in ((homes.chloe, homes.david), (homes.david, homes.chloe)):
        paths = [
            f"/factures/{other.invoice_id}",
            f"/factures/{other.invoice_id}/pdf",
            f"/documents/{other.document_id}",
        ]
        assert [me.visitor.client.get(path).status_code for path in paths] == [404, 404, 404]


def test_each_home_booked_and_pays_its_own_weeks_only(homes: TwoHomes, store: Session) -> None:
    weeks = {homes.chloe.guardian.family_id: 0, homes.david.guardian.family_id: 1}

    rows = store.scalars(select(Reservation)).all()

    assert {row.family_id for row in rows} == set(weeks)
    assert all(row.day.isocalendar().week % 2 == weeks[row.family_id] for row in rows)


def test_the_other_homes_days_say_so_and_have_no_box(homes: TwoHomes, store: Session) -> None:
    page = homes.chloe.visitor.get(f"/enfants/{homes.house.elder.id}/reservations?m=2026-12")

    odd = next(day for day in homes.house.days(CANTEEN, DECEMBER, 12) if not in_even_week(day))
    assert "pas votre jour" in page.text.lower()
    assert not [
        box for box in page.all("input", name="days") if box.get("value", "").split(".")[0] == str(odd.id)
    ]


def test_a_week_is_copied_from_the_nearest_one_with_the_child(homes: TwoHomes) -> None:
    own = [day for day in homes.house.days(CANTEEN, date(2027, 1, 11), 12) if in_even_week(day)]
    first = own[0]
    visitor = homes.chloe.visitor
    page = visitor.get(f"/enfants/{homes.house.elder.id}/reservations?m=2027-01")

    page = visitor.submit(page, {"days": [str(first.id)]}, action="/reservations", button="copy=4")

    ticked = {box.get("value") for box in page.all("input", name="days") if box.get("checked") is not None}
    copied = {str(day.id) for day in own if day.day - first.day in (timedelta(0), timedelta(days=14))}
    assert ticked == copied
    assert len(copied) == 2


def test_what_the_other_home_booked_has_no_box_and_is_not_undone(homes: TwoHomes, store: Session) -> None:
    child_id = homes.house.elder.id
    end_arrangement(store, actor=ACTOR, now=NOW, child_id=child_id, valid_to=NOW.date())
    store.commit()
    day = homes.house.days(CANTEEN, DECEMBER, 1)[0]
    path = f"/enfants/{child_id}/reservations?m=2026-12"
    before = homes.david.visitor.get(path)
    page = homes.chloe.visitor.get(path)
    homes.chloe.visitor.submit(page, {"days": [str(day.id)]}, action="/reservations")

    answer = homes.david.visitor.submit(before, {"days": [str(day.id)]}, action="/reservations", status=422)

    assert "faite par son autre famille" in answer.text
    assert "Réservé par l’autre famille" in answer.text
    assert str(day.id) not in {box.get("value") for box in answer.all("input", name="days")}
    row = store.scalars(select(Reservation).where(Reservation.activity_day_id == day.id)).one()
    assert row.family_id == homes.chloe.guardian.family_id


def in_even_week(day: ActivityDay) -> bool:
    return day.day.isocalendar().week % 2 == 0


def limit(homes: TwoHomes, store: Session, **rights: bool) -> None:
    set_guardian_right(
        store,
        actor=ACTOR,
        now=NOW,
        guardian_id=homes.david.guardian.id,
        child_id=homes.house.elder.id,
        rights=AdultRights(**rights),
        valid_from=NOW.date(),
    )
    store.commit()


def test_who_may_not_reserve_sees_the_month_and_why(homes: TwoHomes, store: Session) -> None:
    path = f"/enfants/{homes.house.elder.id}/reservations?m=2026-12"
    before = homes.david.visitor.get(path)
    limit(homes, store, may_reserve=False)

    page = homes.david.visitor.get(path)
    answer = homes.david.visitor.submit(before, action="/reservations", status=422)

    assert "Consultation seulement" in page.text
    assert not [button for button in page.all("button") if button.text == "Enregistrer"]
    assert "ce droit ne vous est pas ouvert" in answer.text


def test_a_withdrawn_authority_hides_the_child_on_the_next_page(homes: TwoHomes, store: Session) -> None:
    visitor, child = homes.david.visitor, homes.house.elder
    assert child.given_name in visitor.get("/accueil").text

    limit(homes, store, has_parental_authority=False)

    for path in ("/accueil", "/famille"):
        assert child.given_name not in visitor.get(path).text
    for page in ("reservations", "absences", "inscriptions", "semaine-type"):
        assert visitor.client.get(f"/enfants/{child.id}/{page}").status_code == 404
    assert visitor.client.get(f"/documents/{homes.david.document_id}").status_code == 404
    assert child.given_name in homes.chloe.visitor.get("/accueil").text


def test_a_document_of_health_is_for_those_who_may_see_health(homes: TwoHomes, store: Session) -> None:
    document = store.get_one(Document, homes.david.document_id)
    store.get_one(DocumentType, document.document_type_id).is_health = True
    limit(homes, store, may_see_health=False)

    assert homes.david.visitor.client.get(f"/documents/{document.id}").status_code == 404


# --- Staff write it all


@pytest.fixture
def agent(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Visitor:
    made = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    set_clock(NOW)
    return Visitor(app).sign_in(made)


def test_staff_attach_the_child_preview_eight_weeks_and_write_the_calendar(
    app: Flask, store: Session, agent: Visitor
) -> None:
    house = make_household(store)
    moreau = make_family(store, "Moreau")
    store.commit()
    page = agent.get(f"/admin/enfants/{house.elder.id}/garde")
    missing = agent.submit(page, {"code": "10020174"}, action="rattacher", status=422)
    assert missing.all("div", class_="error-summary")

    page = agent.submit(page, {"code": moreau.code, "valid_from": "2026-11-30"}, action="rattacher")
    fields = {"family_id": str(moreau.id), "pattern": "odd_weeks", "valid_from": "2026-12-14"}
    preview = agent.submit(page, fields, action="calendrier", button="preview=1")
    assert "Rien n’est encore enregistré" in preview.text
    assert [row_of(preview, week) for week in ("51", "52", "53", "1")] == [
        "Moreau",
        "Martin",
        "Moreau",
        "Moreau",
    ]
    assert "Deux semaines impaires de suite" in preview.text
    store.expire_all()
    assert store.scalars(select(CustodyArrangement)).all() == []

    agent.submit(preview, fields, action="calendrier")
    row = store.scalars(select(CustodyArrangement)).one()
    assert (row.family_id, row.other_family_id) == (moreau.id, house.family.id)


def row_of(page: Page, week: str) -> str:
    """Return the home that the table names for a week."""
    for row in page.all("tr"):
        head = row.find("th")
        if head is not None and (head.text or "").strip() == week:
            strong = row.findall(".//strong")
            return strong[0].text or ""
    raise AssertionError(week)


def test_staff_withdraw_a_right_and_no_mail_about_the_child_leaves_to_that_adult(
    homes: TwoHomes, store: Session, agent: Visitor
) -> None:
    path = f"/admin/enfants/{homes.house.elder.id}/adultes/{homes.david.guardian.id}"
    page = agent.get(path)

    done = agent.submit(page, {"has_parental_authority": None, "may_reserve": None})

    assert "sans : autorité parentale" in done.text.replace("\u00a0", " ")
    absence = store.scalars(select(OutboxMail).where(OutboxMail.recipient == "david@ailleurs.example")).all()
    assert [mail for mail in absence if homes.house.elder.given_name in mail.text_body] == []
