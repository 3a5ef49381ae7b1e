"""Numbers of invoices, credit notes and receipts: none missing and none twice, whatever is written or undone at once."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.invoicing.credit import correct_invoice
from domain.numbering import take_numbers
from domain.payments.ledger import check_ledger
from models.activities import ActivityKind
from models.base import stamp_session
from models.invoices import Invoice, InvoiceKind
from models.payments import Payment, PaymentMeans
from models.town import Counter
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_family, make_household, make_pupil
from tests.support.money import take_money

pytestmark = pytest.mark.race
NOON = instant(date(2026, 12, 10), 12)
FAMILIES = 8


class ChangeOfMind(Exception):
    """What makes a transaction be undone after its numbers were taken."""


def at_once(engine: Engine, acts: list[Callable[[Session], None]]) -> None:
    """Do every act in a thread and a session of its own; those that change their mind are rolled back."""

    def run(act: Callable[[Session], None]) -> None:
        with Session(engine) as session:
            stamp_session(session, ACTOR.label, NOON)
            try:
                act(session)
            except ChangeOfMind:
                session.rollback()
            else:
                session.commit()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


def test_a_transaction_that_is_undone_leaves_no_gap(engine: Engine) -> None:
    kept: list[int] = []

    def take(count: int, *, is_undone: bool) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            first = take_numbers(session, "F", 2026, count)
            if is_undone:
                raise ChangeOfMind
            kept.extend(range(first, first + count))

        return act

    chance = random.Random(7)
    acts = [take(chance.randint(1, 5), is_undone=place % 3 == 0) for place in range(24)]

    at_once(engine, acts)

    assert sorted(kept) == list(range(1, len(kept) + 1))
    with Session(engine) as session:
        assert session.scalars(select(Counter.value)).one() == len(kept)


def test_invoices_credit_notes_and_receipts_written_at_once_have_no_gap(engine: Engine) -> None:
    with Session(engine) as session:
        house = make_household(session)
        for number in range(FAMILIES):
            family = make_family(session, f"Famille {number}")
            child = make_pupil(session, house.setting, family, "Noé", date(2019, 1, 1 + number), "CE1")
            Household(session, house.setting, family, child, child).book(
                child, ActivityKind.CANTEEN, NOVEMBER, 10
            )
        issue(session)
        invoices = session.execute(select(Invoice.id, Invoice.family_id).order_by(Invoice.id)).all()
        session.commit()

    def correct(invoice_id: int, *, is_undone: bool) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            correct_invoice(
                session, actor=ACTOR, now=NOON, invoice_id=invoice_id, given_back=None, reason="Erreur"
            )
            if is_undone:
                raise ChangeOfMind

        return act

    def pay(family_id: int, *, is_undone: bool) -> Callable[[Session], None]:
        def act(session: Session) -> None:
            take_money(
                session,
                actor=ACTOR,
                now=NOON,
                family_id=family_id,
                means=PaymentMeans.CHEQUE,
                amount_cents=1000,
            )
            if is_undone:
                raise ChangeOfMind

        return act

    acts = [pay(family_id, is_undone=place % 3 == 0) for place, (_, family_id) in enumerate(invoices)]
    acts += [correct(invoice_id, is_undone=place % 3 == 1) for place, (invoice_id, _) in enumerate(invoices)]
    at_once(engine, acts)

    with Session(engine) as session:
        notes = session.scalars(
            select(Invoice.sequence).where(Invoice.kind == InvoiceKind.CREDIT_NOTE).order_by(Invoice.sequence)
        ).all()
        receipts = session.scalars(select(Payment.number).order_by(Payment.number)).all()
        assert notes == list(range(1, 6))
        assert receipts == [f"P2026-{number:06d}" for number in range(1, 6)]
        assert session.scalar(select(func.count()).select_from(Invoice)) == FAMILIES + 5
        assert check_ledger(session) == []
