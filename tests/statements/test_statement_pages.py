"""Mes attestations by its address: whose they are, what is kept, and the office's own pages."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.accounts import User
from models.documents import StoredFile
from models.messages import PrintBatch
from models.statements import Statement, StatementKind
from tests.invoicing.support import issue
from tests.payments.card import make_parent
from tests.statements.support import SPRING, household, pay, total_of
from tests.support.households import Household, make_family
from tests.support.pages import Visitor
from tests.support.people import make_staff
from views.jobs.certificates import issue_certificates
from views.jobs.drawing import draw_documents


@pytest.fixture
def house(store: Session, set_clock: Callable[[datetime], None]) -> Household:
    """A family that paid November in December; it is March."""
    made = household(store)
    issue(store)
    pay(store, made, total_of(store), date(2026, 12, 9))
    store.commit()
    set_clock(SPRING)
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
    return visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


@pytest.fixture
def agent(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    return Visitor(app).sign_in(user)


def words_of(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())


def test_parent_downloads_the_certificate_from_the_invoices_and_it_is_kept(
    alice: Visitor, store: Session
) -> None:
    page = alice.get("/factures")
    page = alice.get(page.links()["Mes attestations (impôts, présence) et relevé de compte"])
    assert "2027 année en cours, total provisoire" in page.text
    address = page.links()["Télécharger l’attestation fiscale 2026"]

    first, again = (alice.client.get(address) for _turn in range(2))

    assert first.mimetype == "application/pdf"
    assert first.data == again.data
    kept = store.scalars(select(StoredFile).join(Statement, Statement.file_id == StoredFile.id)).one()
    assert kept.sha256 == hashlib.sha256(first.data).hexdigest()
    words = words_of(first.data)
    assert "Attestation fiscale 2026" in words
    assert "Jade Martin" in words
    assert "Léo" not in words
    assert "200 quater B" in words


def test_year_that_is_not_over_is_refused_in_words(alice: Visitor) -> None:
    page = alice.get("/attestations/fiscale/2027", status=422)

    assert "quand l’année est finie" in page.text


def test_parent_chooses_a_period_sees_the_days_and_downloads_them(alice: Visitor, house: Household) -> None:
    page = alice.get(f"/attestations/presence/{house.younger.id}")
    page = alice.submit(page, {"du": "2026-11-01", "au": "2026-11-30"})
    assert "Aucune présence" in page.text

    answer = alice.client.get(page.links()["Télécharger l’attestation"])

    words = words_of(answer.data)
    assert "du 01/11/2026 au 30/11/2026" in words
    assert "Jade Martin" in words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("du=2026-11-30&au=2026-11-01", "vient avant le premier"),
        ("du=2010-11-30&au=2026-11-01", "5 ans"),
        ("du=hier&au=2026-11-01", "Du"),
    ],
)
@pytest.mark.parametrize("path", ["/attestations/releve", "/attestations/presence/{child}"])
def test_wrong_periods_are_told_on_the_page(
    alice: Visitor, house: Household, path: str, asked: str, words: str
) -> None:
    address = path.format(child=house.younger.id)

    page = alice.get(f"{address}?{asked}", status=422)
    answer = alice.client.get(f"{address}/pdf?{asked}")

    assert words in page.text
    assert answer.status_code == 302


def test_days_to_come_are_shown_but_not_attested(alice: Visitor, house: Household) -> None:
    page = alice.get(f"/attestations/presence/{house.younger.id}?du=2027-01-01&au=2027-12-31")

    assert "Télécharger l’attestation" not in page.links()
    assert "que des jours passés" in page.text


def test_account_statement_shows_movements_and_ends_settled(alice: Visitor, store: Session) -> None:
    page = alice.get("/attestations/releve?du=2026-12-01&au=2026-12-31")

    assert "Compte à jour" in page.text
    assert "Paiement P2026-000001" in page.text
    answer = alice.client.get(page.links()["Télécharger le relevé"])
    assert "Facture F2026-000001" in words_of(answer.data)


def test_another_family_finds_neither_statement_nor_child(
    app: Flask, alice: Visitor, store: Session, house: Household
) -> None:
    alice.client.get("/attestations/fiscale/2026")
    number = store.scalars(select(Statement.id)).one()
    roux = make_family(store, "Roux")
    charlie = Visitor(app).sign_in(make_parent(app, store, roux.id, "charlie@courriel.example"))

    for path in (
        f"/attestations/{number}",
        f"/attestations/presence/{house.younger.id}",
        f"/attestations/presence/{house.younger.id}/pdf",
    ):
        assert charlie.client.get(path).status_code == 404
    assert alice.client.get(f"/attestations/{number}").status_code == 200
    assert "Jade" not in charlie.get("/attestations").text
    assert "P2026" not in charlie.get("/attestations/releve?du=2026-01-01&au=2026-12-31").text


def test_agent_gives_a_family_its_statements(agent: Visitor, house: Household, store: Session) -> None:
    page = agent.get(f"/admin/family/details/?id={house.family.id}")
    page = agent.get(page.links()["Attestations et relevé de compte"])

    tax = agent.client.get(page.links()["Télécharger 2026"])
    account = agent.client.get(page.links()["Télécharger le relevé"])
    presence = agent.client.get(f"/admin/attestations/famille/{house.family.id}/presence/{house.younger.id}")

    assert all(answer.mimetype == "application/pdf" for answer in (tax, account, presence))
    assert set(store.scalars(select(Statement.kind))) == set(StatementKind)
    again = agent.get(f"/admin/attestations/famille/{house.family.id}")
    assert agent.client.get(again.links()["AF2027-000001"]).data == tax.data


def test_wrong_dates_of_an_agent_are_told(agent: Visitor, house: Household) -> None:
    path = f"/admin/attestations/famille/{house.family.id}"

    page = agent.get(f"{path}?du=2026-12-01&au=2026-11-01", status=422)
    other = agent.get(f"{path}/presence/{house.younger.id}?du=2026-12-01&au=2026-11-01")

    assert "vient avant le premier" in page.text
    assert "vérifiez les deux dates" in other.text


def test_agent_has_a_year_issued_and_printed_for_families_on_paper(
    app: Flask, agent: Visitor, store: Session
) -> None:
    page = agent.get("/admin/attestations/")
    page = agent.submit(page, {}, action="/2026/etablir")
    assert "Familles examinées" in page.text
    with app.test_request_context("/"):
        issue_certificates()
    page = agent.submit(agent.get("/admin/attestations/"), {}, action="/2026/imprimer")
    with app.test_request_context("/"):
        draw_documents()

    page = agent.get("/admin/attestations/")
    batch = store.scalars(select(PrintBatch)).one()
    answer = agent.client.get(f"/admin/attestations/lots/{batch.id}.pdf")

    assert "1 familles, dont 1 nouvelles attestations" in page.text
    assert "Attestation fiscale 2026" in words_of(answer.data)
    assert "Lot" not in Visitor(app).sign_in(_cashier(store)).get("/admin/facturation/").text
    assert agent.client.get("/admin/facturation/").status_code == 403


def _cashier(store: Session) -> User:
    user = make_staff(store, "regie@mairie.example", Role.REGISSEUR)
    store.commit()
    return user
