"""A bank transfer is noted from the account statement, once, and undone when noted wrongly."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents, credit_cents
from domain.payments.transfers import recent_transfers, record_transfer, undo_transfer
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceState
from models.payments import Payment, PaymentMeans
from tests.invoicing.support import NOVEMBER, ON_TIME, issue
from tests.support.households import ACTOR, Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

ARRIVED = date(2026, 12, 3)
OWED = 3060


def owing(session: Session) -> Household:
    """A family that owes 30,60 €."""
    made = make_household(session)
    made.book(made.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    issue(session)
    session.flush()
    return made


@pytest.fixture
def house(db: Session) -> Household:
    return owing(db)


def note(house: Household, cents: int = OWED, **more: Any) -> Payment:
    facts = {"actor": ACTOR, "received_on": ARRIVED, "bank_reference": "VIR MARTIN OCT"} | more
    return record_transfer(house.session, now=ON_TIME, family_id=house.family.id, amount_cents=cents, **facts)


def test_a_transfer_settles_the_oldest_debt_on_the_day_it_arrived(house: Household) -> None:
    payment = note(house, 5000)

    assert local_day(payment.received_at) == ARRIVED
    assert house.session.scalars(select(Invoice.state)).one() is InvoiceState.PAID
    assert credit_cents(house.session, house.family.id) == 5000 - OWED
    assert check_ledger(house.session) == []


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("amount_not_positive", {"cents": 0}),
        ("transfer_reference_missing", {"bank_reference": "  "}),
        ("transfer_in_future", {"received_on": date(2027, 6, 1)}),
        ("not_allowed", {"actor": Actor(label="user:9", user_id=9, roles=frozenset({Role.SCHOOL_AGENT}))}),
    ],
)
def test_what_is_refused_is_said(house: Household, code: str, more: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        note(house, **more)

    assert refused.value.code == code
    assert house.session.scalars(select(Payment)).all() == []


def test_the_same_line_of_the_statement_is_noted_once(house: Household) -> None:
    first = note(house)

    with pytest.raises(Refusal) as refused:
        note(house)

    assert (refused.value.code, refused.value.facts["number"]) == ("transfer_already_noted", first.number)
    assert note(house, received_on=date(2026, 12, 4)).id != first.id


def test_a_family_that_is_not_there_is_refused(house: Household) -> None:
    with pytest.raises(Refusal) as refused:
        record_transfer(
            house.session, actor=ACTOR, now=ON_TIME, family_id=9_999, amount_cents=100, received_on=ARRIVED,
            bank_reference="X",
        )  # fmt: skip

    assert refused.value.code == "family_unknown"


def test_a_wrong_note_is_undone_and_stays_in_the_books(house: Household) -> None:
    payment = note(house)

    undo_transfer(house.session, actor=ACTOR, now=ON_TIME, payment_id=payment.id, reason="Autre famille")

    assert balance_cents(house.session, house.family.id) == OWED
    assert check_ledger(house.session) == []
    [line] = recent_transfers(house.session)
    assert line.is_undone
    with pytest.raises(Refusal) as refused:
        undo_transfer(house.session, actor=ACTOR, now=ON_TIME, payment_id=payment.id, reason="Encore")
    assert refused.value.code == "transfer_undone"
    assert note(house).number != payment.number


@pytest.fixture
def cashier(app: Flask, store: Session, set_clock: Any) -> Visitor:
    set_clock(ON_TIME)
    owing(store)
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


def family_page(cashier: Visitor) -> str:
    found = cashier.get("/admin/virements?q=Martin")
    [address] = [path for words, path in found.links().items() if words.startswith("Noter un virement")]
    return address


def test_the_regisseur_notes_a_transfer_and_undoes_it(cashier: Visitor, store: Session) -> None:
    page = cashier.get(family_page(cashier))
    assert page.form("").find(".//input[@name='amount_cents']").get("value") == "30,60"

    page = cashier.submit(page, {"received_on": "2026-12-03", "reference": "VIR 42"})

    assert "Le virement de 30,60 € est noté" in page.text
    payment = store.scalars(select(Payment)).one()
    assert (payment.means, payment.bank_reference) == (PaymentMeans.TRANSFER, "VIR 42")
    undo = cashier.get(f"/admin/virements/{payment.id}/annuler")
    page = cashier.submit(undo, {"reason": "C’était l’autre famille Martin."})
    assert "annulé" in page.text
    store.expire_all()
    assert store.scalars(select(Invoice.state)).one() is InvoiceState.ISSUED


def test_a_transfer_noted_twice_is_said_beside_its_reference(cashier: Visitor, store: Session) -> None:
    address = family_page(cashier)
    typed = {"amount_cents": "30,60", "received_on": "2026-12-03", "reference": "VIR 42"}
    cashier.submit(cashier.get(address), typed)

    again = cashier.submit(cashier.get(address), typed, status=422)

    assert "Ce virement est déjà noté" in again.text
    assert len(store.scalars(select(Payment)).all()) == 1
