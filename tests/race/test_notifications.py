"""Twenty notifications of one payment at once: exactly one payment, whatever the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.actor import system
from domain.payments.bank import hear_bank
from domain.payments.gateway import Cause, Notification, Outcome
from domain.payments.operations import open_try
from domain.payments.rules import Verdict
from models.invoices import Invoice
from models.payments import Allocation, LedgerEntry, LedgerKind, Payment
from tests.invoicing.support import owe_ten_meals
from tests.support.households import ACTOR, instant, make_household

pytestmark = pytest.mark.race
CALLS = 20
NOON = instant(date(2026, 12, 10), 12)


def test_twenty_calls_at_once_make_one_payment(engine: Engine) -> None:
    with Session(engine) as session:
        house = make_household(session, lived=owe_ten_meals)
        invoice_id = session.scalars(select(Invoice.id)).one()
        opened = open_try(session, actor=ACTOR, now=NOON, family_id=house.family.id, invoice_ids=[invoice_id])
        reference, cents = opened.reference, opened.amount_cents
        session.commit()

    def call(number: int) -> Verdict:
        notice = Notification(
            reference=reference,
            amount_cents=cents,
            currency="978",
            outcome=Outcome.PAID,
            cause=Cause.NONE,
            error_code="00000",
            authorisation="A1",
            transaction="T1",
            call=str(number),
            raw="…",
        )
        with Session(engine) as session:
            heard = hear_bank(session, actor=system("bank"), now=NOON, notice=notice, source_ip="")
            session.commit()
            return heard.verdict

    with ThreadPoolExecutor(CALLS) as pool:
        verdicts = list(pool.map(call, range(CALLS)))

    assert sorted(verdicts) == sorted([Verdict.SETTLED] + [Verdict.REPEATED] * (CALLS - 1))
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 1
        assert session.scalar(select(func.sum(Allocation.amount_cents))) == cents
        assert session.scalars(select(Invoice.paid_cents)).one() == cents
        paid = select(LedgerEntry.amount_cents).where(LedgerEntry.kind == LedgerKind.PAYMENT)
        assert session.scalars(paid).all() == [-cents]
    engine.dispose()
