"""Two clerks and the bank's file at once: a debit is paid once, and never both paid and returned."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.direct_debits.batches import announce_batch, send_batch, settle_batch
from domain.direct_debits.returns import return_debit
from domain.errors import Refusal
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents
from models.direct_debits import DebitBatch, DebitState, DirectDebit
from models.invoices import Invoice
from models.payments import Payment, Refund
from tests.direct_debits.conftest import make_debtor
from tests.support.databases import in_parallel
from tests.support.households import ACTOR, instant

pytestmark = pytest.mark.race
NOW, DAY = instant(date(2026, 12, 7)), date(2026, 12, 21)
THEN = instant(DAY)
Act = Callable[[Session], Any]


def refused_or_done(act: Act) -> Act:
    """Let the rules say no: who comes second is refused."""

    def tried(session: Session) -> None:
        with suppress(Refusal):
            act(session)

    return tried


def announce(session: Session) -> DebitBatch:
    return announce_batch(session, actor=ACTOR, now=NOW, collection_on=DAY)


def sent_batch(engine: Engine) -> tuple[int, int, int]:
    """Return a family, its batch at the bank, and the batch's one debit."""
    with Session(engine) as session:
        house = make_debtor(session)
        batch = announce(session)
        send_batch(session, actor=ACTOR, now=NOW, batch_id=batch.id)
        debit_id = session.scalars(select(DirectDebit.id)).one()
        session.commit()
        return house.family.id, batch.id, debit_id


def settle(batch_id: int) -> Act:
    return refused_or_done(lambda session: settle_batch(session, actor=ACTOR, now=THEN, batch_id=batch_id))


def give_back(debit_id: int) -> Act:
    return refused_or_done(
        lambda session: return_debit(session, actor=ACTOR, now=THEN, debit_id=debit_id, reason_code="AM04")
    )


def test_an_invoice_is_announced_once(engine: Engine) -> None:
    with Session(engine) as session:
        make_debtor(session)
        session.commit()

    in_parallel(engine, [refused_or_done(announce)] * 6)

    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(DirectDebit)) == 1
        assert session.scalar(select(func.count()).select_from(DebitBatch)) == 1


def test_a_batch_is_settled_once(engine: Engine) -> None:
    family_id, batch_id, _ = sent_batch(engine)

    in_parallel(engine, [settle(batch_id)] * 6)

    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Payment)) == 1
        assert (balance_cents(session, family_id), check_ledger(session)) == (0, [])


def test_a_debit_settled_and_returned_at_once_is_due_again(engine: Engine) -> None:
    family_id, batch_id, debit_id = sent_batch(engine)

    in_parallel(engine, [settle(batch_id), *[give_back(debit_id)] * 5])

    with Session(engine) as session:
        assert session.scalars(select(DirectDebit.state)).one() is DebitState.RETURNED
        payments = session.scalar(select(func.count()).select_from(Payment))
        assert payments == session.scalar(select(func.count()).select_from(Refund))
        assert session.scalars(select(Invoice.paid_cents)).one() == 0
        assert (balance_cents(session, family_id), check_ledger(session)) == (3_060, [])
