"""The régisseur's list of payments to be verified, and the cards left without an answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Settings
from domain import clock
from models.payments import BankNotification, PaymentTry
from tests.accounts.people import make_user
from tests.support.pages import Visitor
from views.headers import bank_origins

Call = Callable[..., int]


@pytest.fixture
def regisseur(app: Flask, store: Session, opened: PaymentTry) -> Visitor:
    user = make_user(store, "regisseur@example.com", role="regisseur")
    store.commit()
    return Visitor(app).sign_in(user)


def test_what_is_odd_waits_on_the_home_until_it_is_handled(
    store: Session, opened: PaymentTry, call: Call, regisseur: Visitor
) -> None:
    call(opened.reference, 1)
    call(opened.reference, transaction="T2")
    home = regisseur.get("/admin/")
    assert "Paiements en ligne à vérifier" in home.text

    page = regisseur.get("/admin/paiements-a-verifier")
    assert opened.reference in page.text
    ids = store.scalars(select(BankNotification.id).order_by(BankNotification.id)).all()
    wrong = regisseur.submit(page, {"note": ""}, action=f"/{ids[0]}", status=422)
    assert "en une phrase" in wrong.text
    for row_id in ids:
        page = regisseur.submit(page, {"note": "Remboursé par la banque."}, action=f"/{row_id}")

    store.expire_all()
    assert "Rien n’attend" in page.text
    assert set(store.scalars(select(BankNotification.handled_note))) == {"Remboursé par la banque."}
    again = regisseur.client.get("/admin/banknotification/")
    assert again.status_code == 200


def test_a_card_without_answer_shows_as_unknown_to_staff(
    store: Session, opened: PaymentTry, regisseur: Visitor
) -> None:
    assert opened.reference not in regisseur.get("/admin/paymenttry/?flt_silent=1").text
    store.execute(update(PaymentTry).values(opened_at=clock.now() - timedelta(minutes=31)))
    store.commit()

    listed = regisseur.get("/admin/paymenttry/?flt_silent=1")

    assert opened.reference in listed.text
    assert "pas de réponse depuis" in listed.text
    assert "pas de réponse depuis" in regisseur.get(f"/admin/paymenttry/details/?id={opened.id}").text
    assert opened.reference not in regisseur.get("/admin/paymenttry/?flt_silent=0").text


@pytest.mark.parametrize("role", ["school_agent", "activity_leader"])
def test_only_who_cashes_sees_the_alerts(app: Flask, store: Session, opened: PaymentTry, role: str) -> None:
    user = make_user(store, f"{role}@example.com", role=role)
    store.commit()

    Visitor(app).sign_in(user).get("/admin/paiements-a-verifier", status=403)


def test_a_payment_form_may_only_leave_for_the_banks_configured_pages() -> None:
    chosen = Settings(
        payment_gateway="paybox",
        paybox_page_url="https://bank.example/page.cgi",
        paybox_backup_url="https://bank1.example:8443/page.cgi",
    )

    assert bank_origins(chosen) == ["https://bank.example", "https://bank1.example:8443"]
    assert bank_origins(Settings(payment_gateway="local_bank")) == []
