"""The local bank's pages, from the portal's form to the portal's own address."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app import create_app
from config import BadSetting, Settings
from domain import clock
from domain.payments.gateway import BadNotification, Outcome
from gateways.payments.local_bank import Delivery
from tests.support.bank import PocketCourier, payment_request
from views.dev.bank import create_bank_blueprint
from views.payment_gateway import BANK_PATH, current_gateway


@pytest.fixture
def app(shared_app: Flask) -> Flask:
    """One portal for all: the bank keeps nothing."""
    return shared_app


@pytest.fixture
def sent(app: Flask) -> Iterator[list[Delivery]]:
    """The bank's calls, in the order they left; the late ones only when somebody runs them."""
    calls: list[Delivery] = []

    def send(delivery: Delivery) -> int:
        calls.append(delivery)
        return 200

    courier = app.extensions["bank_courier"]
    app.extensions["bank_courier"] = PocketCourier(send)
    yield calls
    app.extensions["bank_courier"] = courier


@pytest.fixture
def arrive(app: Flask, visitor):
    """Come to the bank with the portal's form, changed on the way or not."""

    def come(status: int = 200, **changes: str):
        with app.test_request_context():
            form = current_gateway().form(payment_request(opened_at=clock.now()))
        assert form.action_url == BANK_PATH
        answer = visitor.client.post(form.action_url, data=dict(form.fields) | changes)
        return visitor._read(answer, status)

    return come


def read(app: Flask, query: str):
    with app.app_context():
        return current_gateway().read_notification(query)


def test_somebody_who_comes_by_hand_is_told_where_they_are(visitor):
    assert "prend la place de Paybox" in visitor.get(BANK_PATH).text


def test_the_page_says_what_is_paid_to_whom(arrive):
    page = arrive()

    assert page.title == "Payer 141,80 €"
    assert "site 1999888, rang 32" in page.text
    assert "PRE-2026-000042" in page.text
    assert page.all("input", name="card")[0].get("value") == "1111 2222 3333 4444"


def test_a_form_touched_on_the_way_is_refused_and_explained(arrive, sent):
    page = arrive(403, PBX_TOTAL="100")

    assert page.title == "La banque refuse cette demande"
    assert "PBX_HMAC : la signature ne correspond pas aux champs reçus." in page.text
    assert sent == []


def test_every_fault_is_told(visitor):
    answer = visitor.client.post(BANK_PATH, data={"PBX_SITE": "1"})

    page = visitor._read(answer, 403)
    assert len(page.all("li")) == 18


def test_paying_calls_the_portal_and_brings_the_browser_back(app, visitor, arrive, sent):
    answer = visitor.post(arrive(), button="decision=pay")

    assert answer.status_code == 303
    back = urlsplit(answer.location)
    assert back.path == "/paiement/42/merci"
    with app.app_context():
        assert current_gateway().read_return(back.query).outcome is Outcome.PAID
    (delivery,) = sent
    assert delivery.url == "http://localhost/banque/notification/42"
    assert read(app, delivery.query).outcome is Outcome.PAID


@pytest.mark.parametrize(
    ("decision", "path", "outcome"),
    [
        ("refuse", "/paiement/42/refus", Outcome.REFUSED),
        ("cancel", "/paiement/42/abandon", Outcome.CANCELLED),
        ("delay", "/paiement/42/attente", Outcome.PENDING),
    ],
)
def test_the_other_decisions(app, visitor, arrive, sent, decision, path, outcome):
    answer = visitor.post(arrive(), button=f"decision={decision}")

    assert urlsplit(answer.location).path == path
    assert [read(app, delivery.query).outcome for delivery in sent] == [outcome]


def test_a_chosen_refusal_is_told(app, visitor, arrive, sent):
    visitor.post(arrive(), {"refusal_code": "00133"}, button="decision=refuse")

    assert read(app, sent[0].query).error_code == "00133"


@pytest.mark.parametrize(
    ("manner", "at_once", "in_all"),
    [("punctual", 1, 1), ("twice", 1, 2), ("late", 0, 1), ("after_return", 0, 1), ("none", 0, 0)],
)
def test_when_the_calls_leave(app, visitor, arrive, sent, manner, at_once, in_all):
    visitor.post(arrive(), {"manner": manner, "seconds": "7"}, button="decision=pay")

    assert len(sent) == at_once
    app.extensions["bank_courier"].run_late()
    assert len(sent) == in_all
    assert {read(app, delivery.query).outcome for delivery in sent} <= {Outcome.PAID}


def test_a_forged_call_leaves_and_is_not_believed(app, visitor, arrive, sent):
    visitor.post(arrive(), {"manner": "forged"}, button="decision=pay")

    with pytest.raises(BadNotification):
        read(app, sent[0].query)


def test_another_amount_is_told(app, visitor, arrive, sent):
    visitor.post(arrive(), {"manner": "other_amount", "other_amount": "4200"}, button="decision=pay")

    assert read(app, sent[0].query).amount_cents == 4200


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"card": "4970 1000 0000 0000"}, "ne connaît que la carte"),
        ({"seconds": "601"}, "de 1 à 600"),
        ({"seconds": "-1"}, "de 1 à 600"),
        ({"other_amount": "1,50"}, "nombre de centimes"),
    ],
)
def test_a_mistake_is_shown_and_what_was_written_stays(visitor, arrive, sent, entries, sentence):
    page = visitor.submit(arrive(), entries, button="decision=pay", status=422)

    assert sentence in page.text
    ((name, value),) = entries.items()
    assert page.all("input", name=name)[0].get("value") == value
    assert sent == []


@pytest.mark.parametrize("decision", ["", "steal"])
def test_a_decision_that_is_none_is_refused(visitor, arrive, sent, decision):
    page = visitor.submit(arrive(), button=f"decision={decision}", status=422)

    assert "Choisissez payer" in page.text
    assert sent == []


def test_a_decision_on_a_touched_form_is_refused(visitor, arrive, sent):
    page = visitor.submit(arrive(), {"PBX_TOTAL": "100"}, button="decision=pay", status=403)

    assert page.title == "La banque refuse cette demande"
    assert sent == []


def test_the_bank_does_not_exist_beside_paybox(empty_database, tmp_path):
    portal = create_app({"mode": "testing", "payment_gateway": "paybox", "var_dir": tmp_path})

    with portal.app_context():
        form = current_gateway().form(payment_request())
    assert form.action_url == "https://tpeweb.paybox.com/cgi/MYchoix_pagepaiement.cgi"
    assert BANK_PATH not in {rule.rule for rule in portal.url_map.iter_rules()}


def test_the_bank_never_opens_in_production():
    with pytest.raises(BadSetting, match="production"):
        create_bank_blueprint(Settings(mode="production"), lambda: None, lambda: None)


def test_a_missing_public_key_stops_the_program(tmp_path):
    with pytest.raises(BadSetting, match="PUBLIC_KEY_FILE"):
        create_app(
            {
                "mode": "testing",
                "payment_gateway": "paybox",
                "var_dir": tmp_path,
                "paybox_public_key_file": str(tmp_path / "none.pem"),
            }
        )
