"""Twenty calls of the bank at once over real HTTP, and credits spent from two places: on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from domain.payments.ledger import check_ledger
from domain.payments.operations import allocate_credit, open_try
from models.activities import ActivityKind
from models.invoices import Invoice
from models.payments import Allocation, BankNotification, NotificationVerdict, Payment, PaymentMeans
from tests.invoicing.support import NOVEMBER, issue, owe_ten_meals
from tests.support.databases import in_parallel
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.money import take_money
from views.payment_gateway import current_bank

pytestmark = pytest.mark.race
CALLS = 20
NOON = instant(date(2026, 12, 10), 12)


@pytest.fixture
def portal(engine: Engine, url: str, tmp_path: Path) -> Flask:
    from app import create_app

    return create_app({"mode": "testing", "database_url": url, "var_dir": tmp_path})


@contextmanager
def served(portal: Flask) -> Iterator[int]:
    """Serve the portal from threads, as production does; give its port."""
    server = make_server("127.0.0.1", 0, portal, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_family_that_owes(session: Session) -> Household:
    """A family with an invoice of 30,60 €."""
    house = make_household(session, lived=owe_ten_meals)
    session.commit()
    return house


def total(session: Session, column: Any) -> int:
    return session.scalar(select(func.coalesce(func.sum(column), 0))) or 0


def test_twenty_calls_over_http_make_one_payment(portal: Flask, engine: Engine) -> None:
    with Session(engine) as session:
        house = a_family_that_owes(session)
        ids = session.scalars(select(Invoice.id)).all()
        reference = open_try(
            session, actor=ACTOR, now=NOON, family_id=house.family.id, invoice_ids=ids
        ).reference
        session.commit()
    facts = {"montant": "3060", "reference": reference, "autorisation": "A1", "transaction": "T1"}
    with portal.app_context():
        query = current_bank().signed(urlencode(facts | {"appel": "1", "erreur": "00000"}))

    with served(portal) as port, ThreadPoolExecutor(CALLS) as pool:
        statuses = list(pool.map(lambda _: answer(port, query), range(CALLS)))

    assert statuses == [200] * CALLS
    with Session(engine) as session:
        assert total(session, Payment.amount_cents) == total(session, Allocation.amount_cents) == 3060
        verdicts = session.scalars(select(BankNotification.verdict)).all()
        assert verdicts.count(NotificationVerdict.SETTLED) == 1
        assert verdicts.count(NotificationVerdict.REPEATED) == CALLS - 1
        assert check_ledger(session) == []


def answer(port: int, query: str) -> int:
    """Call the portal as the bank does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/banque/avis?{query}")
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_credit_is_spent_once_whoever_allocates_it(engine: Engine) -> None:
    with Session(engine) as session:
        family_id = make_household_with_credit(session, 2_000)

    def spend(session: Session) -> None:
        allocate_credit(session, actor=ACTOR, now=NOON, family_ids=[family_id])

    in_parallel(engine, [spend] * 8)

    with Session(engine) as session:
        assert total(session, Allocation.amount_cents) == 2_000
        assert session.scalars(select(Invoice.paid_cents)).one() == 2_000
        assert check_ledger(session) == []


def test_a_credit_and_a_payment_at_once_pay_no_invoice_twice(engine: Engine) -> None:
    with Session(engine) as session:
        family_id = make_household_with_credit(session, 2_000)

    def spend(session: Session) -> None:
        allocate_credit(session, actor=ACTOR, now=NOON, family_ids=[family_id])

    def pay(session: Session) -> None:
        take_money(
            session, actor=ACTOR, now=NOON, family_id=family_id, means=PaymentMeans.CASH, amount_cents=2_000
        )

    in_parallel(engine, [spend, pay] * 4)

    with Session(engine) as session:
        assert session.scalars(select(Invoice.paid_cents)).one() == 3_060
        assert total(session, Allocation.amount_cents) == 3_060
        assert total(session, Payment.amount_cents) == 2_000 * 5
        assert check_ledger(session) == []


def make_household_with_credit(session: Session, cents: int) -> int:
    """A family that paid before it was billed; return its number."""
    house = make_household(session)
    take_money(
        session,
        actor=ACTOR,
        now=NOON,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=cents,
    )
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    issue(session)
    session.commit()
    return house.family.id
