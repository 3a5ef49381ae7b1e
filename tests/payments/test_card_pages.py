"""From the invoice to the bank and back, and the door at which the bank calls."""

from collections.abc import Callable
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.invoices import Invoice, InvoiceState
from models.messages import OutboxMail
from models.payments import BankNotification, NotificationVerdict, Payment, PaymentTry, TryState
from tests.payments.card import make_parent, states
from tests.support.households import Household, make_family
from tests.support.pages import Visitor


def test_the_try_is_written_before_the_browser_leaves(opened: PaymentTry, invoice: Invoice) -> None:
    assert (opened.state, opened.amount_cents) == (TryState.CREATED, 3060)


def test_the_form_to_the_bank_carries_no_token_of_ours(alice: Visitor, invoice: Invoice) -> None:
    page = alice.submit(alice.get(f"/factures/{invoice.id}"), {}, action=f"/factures/{invoice.id}/payer")

    names = [field.get("name") for field in page.all("input")]
    assert "PBX_HMAC" in names
    assert "PBX_TOTAL" in names


def test_the_banks_call_settles_and_tells_the_family_once(
    store: Session, opened: PaymentTry, call: Callable[..., int]
) -> None:
    assert [call(opened.reference), call(opened.reference)] == [200, 200]

    assert states(store, opened) == (TryState.PAID, 1)
    assert store.scalars(select(Invoice.state)).one() is InvoiceState.PAID
    kinds = store.scalars(select(OutboxMail.kind)).all()
    assert kinds.count("payment_received") == 1


def test_a_forged_call_is_refused_and_written_down(
    store: Session, opened: PaymentTry, call: Callable[..., int]
) -> None:
    assert call(opened.reference, is_signed=False) == 400

    assert states(store, opened) == (TryState.CREATED, 0)
    assert store.scalars(select(BankNotification.verdict)).all() == [NotificationVerdict.FORGED]


def test_another_amount_waits_for_the_regisseur_who_is_told(
    store: Session, opened: PaymentTry, call: Callable[..., int]
) -> None:
    assert call(opened.reference, 1) == 200

    assert states(store, opened) == (TryState.QUARANTINED, 0)
    assert "payment_alert" in store.scalars(select(OutboxMail.kind)).all()


def test_a_refusal_has_no_authorisation_and_leaves_the_invoice_due(
    store: Session, opened: PaymentTry, call: Callable[..., int], alice: Visitor
) -> None:
    assert call(opened.reference, code="00151") == 200

    assert states(store, opened) == (TryState.REFUSED, 0)
    page = alice.get(f"/paiement/{opened.reference}/refuse")
    assert page.title.startswith("Paiement refusé")


def test_an_unknown_reference_and_nonsense_never_break(
    store: Session, call: Callable[..., int], client: FlaskClient, house: Household
) -> None:
    assert call("NOBODY") == 200
    assert client.get("/banque/avis").status_code == 400
    assert client.post("/banque/avis", data=b"\xff\xfe&&&=").status_code == 400
    assert store.scalar(select(func.count()).select_from(Payment)) == 0


def test_coming_back_settles_nothing(store: Session, opened: PaymentTry, alice: Visitor) -> None:
    page = alice.get(f"/paiement/{opened.reference}/accepte")

    assert page.title.startswith("Paiement en attente")
    assert states(store, opened) == (TryState.CREATED, 0)


def test_a_strangers_invoice_payment_and_pdf_are_not_found(
    app: Flask, store: Session, opened: PaymentTry, invoice: Invoice
) -> None:
    family = make_family(store, "Roux")
    charlie = Visitor(app)
    charlie.sign_in(make_parent(app, store, family.id, "charlie@courriel.example"))

    for path in (
        f"/factures/{invoice.id}",
        f"/factures/{invoice.id}/pdf",
        f"/paiement/{opened.reference}/accepte",
    ):
        charlie.get(path, status=404)
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's affair
    assert charlie.client.post(f"/factures/{invoice.id}/payer").status_code == 404


def test_the_list_and_the_invoice_explain_what_is_due(alice: Visitor, invoice: Invoice) -> None:
    listed = alice.get("/factures")
    shown = alice.get(f"/factures/{invoice.id}")

    assert "30,60" in listed.text
    assert "QF 850" in shown.text
    assert date(2027, 1, 4) == invoice.due_on
