"""The desk's pages, from the float to the deposit slip, as the cashier sees them."""

from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.documents import StoredFile
from models.invoices import Invoice, InvoiceState
from models.payments import Payment
from models.regies import CashSession, DepositSlip
from tests.invoicing.support import owe_ten_meals
from tests.support.households import Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

FAMILY = "/admin/guichet/familles/{}"


@pytest.fixture
def house(app: Flask, store: Session) -> Household:
    """A family that owes 30,60 €."""
    made = make_household(store, lived=owe_ten_meals)
    store.commit()
    return made


def sign_in(app: Flask, store: Session, role: Role) -> Visitor:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def cashier(app: Flask, store: Session, house: Household) -> Visitor:
    """The régisseur, with an open desk."""
    visitor = sign_in(app, store, Role.REGISSEUR)
    visitor.submit(visitor.get("/admin/guichet"), {"float_cents": "50,00"}, action="/ouvrir")
    return visitor


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).replace("\u00a0", " ")


def pay(cashier: Visitor, house: Household, amount: str, means: str = "cash", **more: object) -> None:
    page = cashier.get(FAMILY.format(house.family.id))
    cashier.submit(page, {"amount_cents": amount, "means": means} | more, action=f"/{house.family.id}")


def test_a_family_is_found_and_pays_against_a_receipt(
    store: Session, cashier: Visitor, house: Household
) -> None:
    desk = cashier.get("/admin/guichet?q=mar")
    assert "Martin" in desk.text

    page = cashier.get(FAMILY.format(house.family.id))
    assert (
        page.field("amount_cents").get("value") == "30,60" if hasattr(page, "field") else "30,60" in page.text
    )
    done = cashier.submit(
        page,
        {"means": "cheque", "cheque_number": "0042", "bank": "Crédit Agricole"},
        action=f"/{house.family.id}",
    )

    payment = store.scalars(select(Payment)).one()
    assert done.title.startswith(f"Quittance n° {payment.number}")
    assert store.scalars(select(Invoice.state)).one() is InvoiceState.PAID
    first = cashier.client.get(f"/admin/guichet/quittances/{payment.id}.pdf").data
    again = cashier.client.get(f"/admin/guichet/quittances/{payment.id}.pdf").data
    assert first == again
    words = text_of(first)
    assert payment.number in words
    assert "0042, Crédit Agricole" in words
    assert len(store.scalars(select(StoredFile)).all()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount_cents": "", "means": "cash"}, "Écrivez le montant reçu"),
        ({"amount_cents": "abc", "means": "cash"}, "Écrivez un montant"),
        ({"amount_cents": "Infinity", "means": "cash"}, "Écrivez un montant"),
        ({"amount_cents": "0", "means": "cash"}, "supérieur à zéro"),
        ({"amount_cents": "10", "means": None}, "Choisissez le moyen"),
        ({"amount_cents": "10", "means": "cheque"}, "Écrivez le numéro du chèque"),
        ({"amount_cents": "10", "means": "cesu"}, "CESU"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_stays(
    store: Session, cashier: Visitor, house: Household, fields: dict[str, str], sentence: str
) -> None:
    page = cashier.get(FAMILY.format(house.family.id))

    wrong = cashier.submit(
        page, fields | {"payer_name": "Mamie Martin"}, action=f"/{house.family.id}", status=422
    )

    assert sentence in wrong.text
    assert any(field.get("value") == "Mamie Martin" for field in wrong.all("input"))
    assert store.scalars(select(Payment)).all() == []


def test_without_an_open_desk_nothing_is_taken(app: Flask, store: Session, house: Household) -> None:
    cashier = sign_in(app, store, Role.REGISSEUR)

    page = cashier.get(FAMILY.format(house.family.id))

    assert "Votre caisse n’est pas ouverte" in page.text
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's affair
    answer = cashier.client.post(FAMILY.format(house.family.id), data={"amount_cents": "10", "means": "cash"})
    assert answer.status_code == 422
    assert store.scalars(select(Payment)).all() == []


def test_a_wrong_entry_is_cancelled_with_its_reason(
    store: Session, cashier: Visitor, house: Household
) -> None:
    pay(cashier, house, "30,60")
    payment = store.scalars(select(Payment)).one()
    path = f"/admin/guichet/encaissements/{payment.id}/annuler"

    assert (
        "ce qui n’allait pas"
        in cashier.submit(cashier.get(path), {"reason": ""}, action="/annuler", status=422).text
    )
    page = cashier.submit(cashier.get(path), {"reason": "Autre famille"}, action="/annuler")

    assert "annulé" in page.text
    assert store.scalars(select(Invoice.state)).one() is InvoiceState.ISSUED


def test_a_credit_is_refunded_from_the_familys_page(
    store: Session, cashier: Visitor, house: Household
) -> None:
    pay(cashier, house, "50,00")
    payment = store.scalars(select(Payment)).one()
    path = f"/admin/guichet/encaissements/{payment.id}/rembourser"

    wrong = cashier.submit(
        cashier.get(path),
        {"amount_cents": "20", "means": "transfer", "reason": "Départ"},
        action="/rembourser",
        status=422,
    )
    assert "19,40" in wrong.text
    page = cashier.submit(cashier.get(path), {"means": "transfer", "reason": "Départ"}, action="/rembourser")

    assert "19,40" in page.text
    store.expire_all()
    assert store.scalars(select(Payment.refunded_cents)).one() == 1_940


def test_the_drawer_is_counted_closed_and_handed_over(
    store: Session, cashier: Visitor, house: Household
) -> None:
    pay(cashier, house, "30,60")
    counting = cashier.get("/admin/guichet/cloture")
    wrong = cashier.submit(counting, {"piece_5000": "1", "piece_2000": "1"}, action="/cloture", status=422)
    assert "Expliquez" in wrong.text

    closed = cashier.submit(
        counting,
        {"piece_5000": "1", "piece_2000": "1", "piece_1000": "1", "note": "Soixante centimes perdus"},
        action="/cloture",
    )

    assert closed.title.startswith("Caisse close")
    desk = store.scalars(select(CashSession)).one()
    assert desk.counted_cents == 8_000
    slip = store.scalars(select(DepositSlip)).one()
    data = cashier.client.get(f"/admin/guichet/bordereaux/{slip.id}.pdf").data
    words = text_of(data)
    assert slip.number in words
    assert "Soixante centimes perdus" in words
    assert data == cashier.client.get(f"/admin/guichet/bordereaux/{slip.id}.pdf").data
    payment = store.scalars(select(Payment)).one()
    late = cashier.client.get("/admin/guichet/cloture")
    assert late.status_code == 302
    cashier.submit(cashier.get("/admin/guichet"), {"float_cents": "0"}, action="/ouvrir")
    path = f"/admin/guichet/encaissements/{payment.id}/annuler"
    assert (
        "verrouillées"
        in cashier.submit(cashier.get(path), {"reason": "Trop tard"}, action="/annuler", status=422).text
    )


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_who_cashes_comes_to_the_desk(app: Flask, store: Session, house: Household, role: Role) -> None:
    visitor = sign_in(app, store, role)

    for path in ("/admin/guichet", FAMILY.format(house.family.id), "/admin/guichet/cloture"):
        visitor.get(path, status=403)
