"""The pages that anybody reads: the shop window, contact, legal pages, and what staff change in them."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import Activity
from models.calendar import PublicHoliday
from models.privacy import RetentionKind, RetentionPeriod
from models.town import AccessibilityState, ServiceHours, Town
from tests.house.sources import TEMPLATES
from tests.support.pages import Visitor, text_of
from tests.support.people import make_staff
from views.public.accessibility_words import ASSESSMENT

ASSESSED = TEMPLATES.parent / "docs" / "accessibilite.md"

MONDAY_MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def town(store: Session, set_clock: Callable[[datetime], None]) -> Town:
    set_clock(MONDAY_MORNING)
    row = Town(
        id=1,
        name="Orvanne",
        insee_code="45001",
        postcode="45000",
        phone="+33238112233",
        email="sej@orvanne.example",
    )
    store.add(row)
    store.add(ServiceHours(weekday=0, opens_at=time(8, 30), closes_at=time(12)))
    store.commit()
    return row


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "La cantine, la garderie et les factures de vos enfants, à toute heure"),
        ("/comment-ca-marche", "Comment ça marche"),
        ("/obtenir-mon-code-famille", "Obtenir mon code famille"),
        ("/documents-a-telecharger", "Documents à télécharger"),
        ("/horaires-et-contact", "Horaires et contact"),
        ("/accessibilite", "Déclaration d’accessibilité"),
        ("/mentions-legales", "Mentions légales"),
        ("/donnees-personnelles", "Données personnelles"),
    ],
)
def test_each_page_opens_for_anybody(visitor: Visitor, path: str, title: str) -> None:
    page = visitor.get(path)

    assert text_of(page.all("h1")[0]) == title


@pytest.mark.parametrize("path", ["/", "/horaires-et-contact", "/mentions-legales", "/donnees-personnelles"])
def test_a_town_that_is_not_described_yet_has_its_pages(visitor: Visitor, path: str) -> None:
    visitor.get(path)


@pytest.mark.usefixtures("town")
def test_the_home_page_says_that_the_desk_is_open(visitor: Visitor) -> None:
    page = visitor.get("/")

    assert "Le guichet est ouvert en ce moment, jusqu’à 12 h." in page.text.replace("\u00a0", " ")


@pytest.mark.usefixtures("town")
def test_on_a_public_holiday_the_desk_is_shut(visitor: Visitor, store: Session) -> None:
    store.add(PublicHoliday(day=date(2026, 11, 23), name="Fête imaginaire"))
    store.commit()

    page = visitor.get("/horaires-et-contact")

    words = "Le guichet est fermé en ce moment. Il ouvre lundi 30 novembre à 8 h 30."
    assert words in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AccessibilityState.NON_COMPLIANT, "Accessibilité : non conforme"),
        (AccessibilityState.PARTIAL, "Accessibilité : partiellement conforme"),
        (AccessibilityState.COMPLIANT, "Accessibilité : totalement conforme"),
    ],
)
def test_the_home_page_states_the_accessibility(
    visitor: Visitor, store: Session, town: Town, state: AccessibilityState, words: str
) -> None:
    town.accessibility_state = state
    town.accessibility_audited_on = date(2026, 10, 1)
    store.commit()

    assert words in visitor.get("/").response.text.replace("\u00a0", " ")
    assert "1er octobre 2026" in visitor.get("/accessibilite").text


def test_without_an_audit_the_portal_is_stated_not_compliant(
    visitor: Visitor, store: Session, town: Town
) -> None:
    town.accessibility_state = AccessibilityState.COMPLIANT
    store.commit()

    page = visitor.get("/accessibilite")

    assert "déclaré non conforme" in page.text
    assert "(critère 1.8)." in page.text
    assert "Défenseur des droits" in page.text
    assert "Accessibilité : non conforme" in visitor.get("/").response.text.replace("\u00a0", " ")


def test_the_statement_says_what_the_self_assessment_found() -> None:
    rows = re.findall(
        r"^\| (\d+\.\d+) \|[^|]*\| ([^|]+) \|", ASSESSED.read_text(encoding="utf-8"), re.MULTILINE
    )
    found = Counter(state for _number, state in rows)

    assert len(rows) == 106
    assert [number for number, _words in ASSESSMENT.missed] == [n for n, state in rows if state == "NC"]
    assert (ASSESSMENT.held, ASSESSMENT.without_object) == (found["C"], found["NA"])
    assert ASSESSMENT.unchecked == found["À vérifier par un humain"]


@pytest.mark.usefixtures("town")
def test_personal_data_is_kept_as_long_as_the_town_says(visitor: Visitor, store: Session) -> None:
    before = visitor.get("/donnees-personnelles").text

    store.add(RetentionPeriod(kind=RetentionKind.DEPARTED_FAMILIES, months=60))
    store.add(RetentionPeriod(kind=RetentionKind.HEALTH, months=3))
    store.commit()

    after = visitor.get("/donnees-personnelles").text
    assert "Dossiers des familles parties 3 ans" in before
    assert "Fiches sanitaires, PAI et pièces de santé Jusqu’à la fin de l’année scolaire" in before
    assert "Factures, paiements, mandats, présences facturées 10 ans" in before
    assert "Dossiers des familles parties 5 ans" in after
    assert "Fiches sanitaires, PAI et pièces de santé 3 mois" in after


def test_legal_pages_name_whom_the_town_wrote(visitor: Visitor, store: Session, town: Town) -> None:
    town.publication_director = "Mme Louise Maire"
    town.host = "Hébergeur du Loing\n2 quai des Serveurs"
    town.dpo_contact = "dpd@orvanne.example"
    store.commit()

    legal = visitor.get("/mentions-legales").text
    assert "Mme Louise Maire" in legal
    assert "2 quai des Serveurs" in legal
    assert "dpd@orvanne.example" in visitor.get("/donnees-personnelles").text


def test_staff_write_the_hours_and_every_page_follows(app: Flask, store: Session, town: Town) -> None:
    user = make_staff(store, "admin@mairie.example", Role.ADMINISTRATOR)
    store.commit()
    office = Visitor(app).sign_in(user)

    form = office.get("/admin/servicehours/new/")
    office.submit(
        form, {"weekday": "1", "opens_at": "14:00", "closes_at": "18:00"}, action="/admin/servicehours/new/"
    )

    page = Visitor(app).get("/horaires-et-contact")
    assert "de 14 h à 18 h" in page.text.replace("\u00a0", " ")


def test_a_desk_cannot_shut_before_it_opens(app: Flask, store: Session, town: Town) -> None:
    user = make_staff(store, "admin@mairie.example", Role.ADMINISTRATOR)
    store.commit()
    office = Visitor(app).sign_in(user)

    form = office.get("/admin/servicehours/new/")
    page = office.submit(
        form, {"weekday": "1", "opens_at": "14:00", "closes_at": "9:00"}, action="/admin/servicehours/new/"
    )

    assert "Le guichet ferme après son ouverture" in page.text
    assert store.scalars(select(ServiceHours.weekday)).all() == [0]


def test_regulations_are_to_be_read_before_signing_in(visitor: Visitor, store: Session) -> None:
    from tests.support.households import make_household

    house = make_household(store)
    for activity in store.scalars(select(Activity)):
        activity.regulation = "Les réservations ferment le jeudi."
    store.commit()

    page = visitor.get("/documents-a-telecharger")

    assert house.family.id
    assert page.text.count("Les réservations ferment le jeudi.") == 1
