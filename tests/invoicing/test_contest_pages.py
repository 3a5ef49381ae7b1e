"""A parent contests a line; staff refuse with a reason, or correct the invoice in two clicks."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import ActivityKind
from models.corrections import ContestedLine
from models.demarches import Demarche, DemarcheState
from models.invoices import Invoice, InvoiceKind, InvoiceLine
from models.messages import OutboxMail
from models.town import RetroactivePolicy, Town
from tests.invoicing.support import DECEMBER, ON_TIME, owe_ten_meals
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, make_family, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

CANTEEN = ActivityKind.CANTEEN
MESSAGE = "Léo était malade, nous avions prévenu."


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    set_clock(ON_TIME)
    made = make_household(store, lived=owe_ten_meals)
    store.get_one(Town, 1).email = "scolaire@saint-preau.example"
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    return Visitor(app).sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))


@pytest.fixture
def cashier(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "regisseur@saint-preau.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def invoice(store: Session, house: Household) -> Invoice:
    return store.scalars(select(Invoice)).one()


def line_path(store: Session, invoice: Invoice) -> str:
    line_id = store.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)).one()
    return f"/factures/{invoice.id}/lignes/{line_id}/contester"


def contest(
    alice: Visitor, store: Session, invoice: Invoice, message: str = MESSAGE, status: int = 200
) -> Page:
    return alice.submit(alice.get(line_path(store, invoice)), {"message": message}, status=status)


def kinds(store: Session) -> dict[str, str]:
    return {mail.kind: mail.recipient for mail in store.scalars(select(OutboxMail))}


def test_the_parent_opens_a_line_reads_why_and_contests_it(
    alice: Visitor, store: Session, invoice: Invoice
) -> None:
    page = alice.get(f"/factures/{invoice.id}")
    assert "10 repas × 3,06 € : QF 850 × 0,36 %, tarif du 1er sept. 2026" in page.text
    assert any(link.startswith("Contester cette ligne") for link in page.links())

    page = contest(alice, store, invoice)

    assert "Contestée" in page.text
    assert MESSAGE in page.text
    assert kinds(store) == {
        "line_contested": "alice@courriel.example",
        "line_contested_staff": "scolaire@saint-preau.example",
    }


def test_a_contest_without_a_word_is_asked_again(alice: Visitor, store: Session, invoice: Invoice) -> None:
    page = contest(alice, store, invoice, message="", status=422)

    assert "Écrivez ce qui vous surprend" in page.text
    assert store.scalars(select(Demarche)).all() == []


def test_sending_twice_asks_once(alice: Visitor, store: Session, invoice: Invoice) -> None:
    page = alice.get(line_path(store, invoice))
    for _ in range(2):
        alice.submit(page, {"message": MESSAGE})

    assert len(store.scalars(select(ContestedLine)).all()) == 1
    assert len(store.scalars(select(OutboxMail)).all()) == 2


def test_another_family_contests_nothing(
    app: Flask, store: Session, house: Household, invoice: Invoice
) -> None:
    other = make_family(store, "Roux")
    stranger = Visitor(app).sign_in(make_parent(app, store, other.id, "roux@courriel.example"))

    assert stranger.client.get(line_path(store, invoice)).status_code == 404
    assert stranger.client.get(f"/factures/{invoice.id}").status_code == 404


def test_staff_refuse_with_a_reason_that_the_family_reads(
    alice: Visitor, cashier: Visitor, store: Session, invoice: Invoice
) -> None:
    contest(alice, store, invoice)
    home = cashier.get("/admin/")
    assert "Lignes contestées" in home.text
    demarche = store.scalars(select(Demarche)).one()
    page = cashier.get(f"/admin/corrections/contestations/{demarche.id}")
    assert MESSAGE in page.text

    cashier.submit(page, {"reason": ""}, status=422)
    cashier.submit(page, {"reason": "Le pointage du 3 novembre dit présent."})

    store.expire_all()
    assert store.scalars(select(Demarche.state)).one() is DemarcheState.REFUSED
    assert "contest_refused" in kinds(store)
    assert "Le pointage du 3 novembre dit présent." in alice.get(f"/factures/{invoice.id}").text


def test_staff_accept_by_giving_two_days_back(
    alice: Visitor, cashier: Visitor, store: Session, invoice: Invoice
) -> None:
    contest(alice, store, invoice)
    demarche = store.scalars(select(Demarche)).one()
    page = cashier.get(f"/admin/corrections/factures/{invoice.id}?contestation={demarche.id}")
    days = [box.get("value", "") for box in page.all("input", name="jour")][:2]

    answer = cashier.submit(page, {"ligne": None, "jour": days, "reason": "Deux absences signalées."})

    store.expire_all()
    note, again = store.scalars(select(Invoice).where(Invoice.id != invoice.id).order_by(Invoice.id)).all()
    assert (note.kind, note.total_cents) == (InvoiceKind.CREDIT_NOTE, 3060)
    assert (again.kind, again.total_cents) == (InvoiceKind.INVOICE, 8 * 306)
    assert note.number in answer.text
    assert store.scalars(select(Demarche.state)).one() is DemarcheState.ACCEPTED
    assert "credit_note_issued" in kinds(store)
    shown = alice.get(f"/factures/{invoice.id}").text
    assert "Remplacée par la facture" in shown
    assert "Payer par carte" not in shown
    assert "Porté à votre crédit" in alice.get(f"/factures/{note.id}").text
    assert alice.get("/factures").text.count("24,48 €") >= 1


def test_a_credit_note_gives_something_back(cashier: Visitor, store: Session, invoice: Invoice) -> None:
    page = cashier.get(f"/admin/corrections/factures/{invoice.id}")

    again = cashier.submit(page, {"reason": "Erreur"}, status=422)

    assert "Cochez au moins une ligne" in again.text
    assert len(store.scalars(select(Invoice)).all()) == 1


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_cashiers_correct(app: Flask, store: Session, invoice: Invoice, role: Role) -> None:
    agent = make_staff(store, f"{role.value}@saint-preau.example", role)
    store.commit()
    other = Visitor(app).sign_in(agent)

    for path in ("/admin/corrections", f"/admin/corrections/factures/{invoice.id}"):
        assert other.client.get(path).status_code == 403


def test_the_pdf_of_a_credit_note_names_its_invoice_and_why(
    app: Flask, cashier: Visitor, store: Session, invoice: Invoice
) -> None:
    page = cashier.get(f"/admin/corrections/factures/{invoice.id}")
    cashier.submit(page, {"what": "all", "reason": "Facture émise par erreur."})
    note = store.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()

    data = cashier.client.get(f"/admin/invoice/pdf/?id={note.id}").data

    words = text_of_pdf(data)
    assert f"Avoir n° {note.number}" in words
    assert invoice.number in words
    assert "Facture émise par erreur." in words


def text_of_pdf(data: bytes) -> str:
    """Return the words of a PDF, single-spaced."""
    pages = PdfReader(BytesIO(data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_new_quotient_is_previewed_then_recorded_and_told(
    cashier: Visitor, alice: Visitor, store: Session, house: Household
) -> None:
    path = f"/admin/quotients/{house.family.id}"
    typed = {"value": "750", "valid_from": "2026-10-01"}

    page = cashier.submit(cashier.get(path), typed, button="act=preview")
    assert "F2026-000001" in page.text
    assert store.scalars(select(Invoice)).all()[1:] == []  # a preview writes nothing
    cashier.submit(page, {}, button="act=record")

    store.expire_all()
    note = store.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()
    assert note.total_cents == 10 * (306 - 270)
    assert "quotient_recorded" in kinds(store)
    assert "2,70 € au lieu de 3,06 €" in alice.get(f"/factures/{note.id}").text


def test_a_refusing_commune_says_why(cashier: Visitor, store: Session, house: Household) -> None:
    town = store.get_one(Town, 1)
    town.retroactive_policy = RetroactivePolicy.REFUSED
    town.retroactive_reason = "Le règlement ne le prévoit pas."
    store.commit()
    path = f"/admin/quotients/{house.family.id}"

    page = cashier.submit(
        cashier.get(path), {"value": "750", "valid_from": "2026-10-01"}, button="act=preview"
    )
    assert "Le règlement ne le prévoit pas." in page.text
    cashier.submit(page, {}, button="act=record")

    assert "Le règlement ne le prévoit pas." in cashier.get(path).text
    assert len(store.scalars(select(Invoice)).all()) == 1


def test_a_quotient_that_is_not_a_number_is_asked_again(cashier: Visitor, house: Household) -> None:
    page = cashier.get(f"/admin/quotients/{house.family.id}")

    again = cashier.submit(
        page, {"value": "beaucoup", "valid_from": "2026-10-01"}, button="act=preview", status=422
    )

    assert "en chiffres" in again.text
    assert "beaucoup" in again.response.text


def test_the_month_in_progress_is_read_any_day(alice: Visitor, store: Session, house: Household) -> None:
    house.book(house.elder, CANTEEN, DECEMBER, 4)
    store.commit()

    page = alice.get("/factures")

    assert "Mois en cours" in page.text
    assert "12,24 €" in page.text
