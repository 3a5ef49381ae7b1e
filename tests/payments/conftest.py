"""A family that owes 30,60 €, its parent at the door of the bank, and the bank that calls."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.invoices import Invoice
from models.payments import PaymentTry
from tests.invoicing.support import owe_ten_meals
from tests.payments.card import make_parent
from tests.support.households import Household, make_household
from tests.support.pages import Visitor
from views.payment_gateway import current_bank


@pytest.fixture
def house(app: Flask, store: Session) -> Household:
    made = make_household(store, lived=owe_ten_meals)
    store.commit()
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household, visitor: Visitor) -> Visitor:
    visitor.sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))
    return visitor


@pytest.fixture
def invoice(store: Session, house: Household) -> Invoice:
    return store.scalars(select(Invoice)).one()


@pytest.fixture
def opened(store: Session, alice: Visitor, invoice: Invoice) -> PaymentTry:
    page = alice.get(f"/factures/{invoice.id}")
    alice.submit(page, {}, action=f"/factures/{invoice.id}/payer")
    return store.scalars(select(PaymentTry)).one()


@pytest.fixture
def call(app: Flask, client: FlaskClient) -> Callable[..., int]:
    """Let the bank call with these variables, signed unless told otherwise; give the status of the answer."""

    def called(
        reference: str, cents: int = 3060, code: str = "00000", *, is_signed: bool = True, **more: str
    ) -> int:
        facts = {"montant": str(cents), "reference": reference}
        if code == "00000":
            facts["autorisation"] = "XXXXXX"
        facts |= {"transaction": "T1", "appel": "A1", "erreur": code} | more
        query = urlencode(facts)
        with app.app_context():
            bank = current_bank()
            signed = bank.signed(query) if is_signed else bank.forged(query)
        answer = client.get(f"/banque/avis?{signed}")
        assert answer.data == b""
        return answer.status_code

    return called
