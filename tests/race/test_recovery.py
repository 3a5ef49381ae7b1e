"""Two agents who confirm at once, and a family that pays at that moment: one letter, one hand-over, no cent lost."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.errors import Refusal
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents
from domain.recovery.handovers import hand_over
from domain.recovery.reminders import send_reminders
from models.invoices import Invoice, InvoiceState
from models.payments import PaymentMeans
from models.recovery import Handover, HandoverBatch, Reminder, ReminderInvoice, ReminderRun
from tests.recovery.support import FIRST, TRESOR, make_ower, only_invoice, remind_to_the_end
from tests.support.databases import in_parallel
from tests.support.households import ACTOR
from tests.support.money import take_money

pytestmark = pytest.mark.race
Act = Callable[[Session], Any]


def refused_or_done(act: Act) -> Act:
    """Let the rules say no: who comes second is refused."""

    def tried(session: Session) -> None:
        with suppress(Refusal):
            act(session)

    return tried


def build(engine: Engine, *, to_the_end: bool = False) -> tuple[int, int]:
    """Return the family and its invoice."""
    with Session(engine) as session:
        house = make_ower(session)
        if to_the_end:
            remind_to_the_end(session, house)
        ids = house.family.id, only_invoice(session).id
        session.commit()
        return ids


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_run_confirmed_by_six_agents_at_once_is_sent_once(engine: Engine) -> None:
    family_id, _ = build(engine)

    def confirm(session: Session) -> None:
        send_reminders(session, actor=ACTOR, now=FIRST, family_ids=[family_id])

    in_parallel(engine, [refused_or_done(confirm)] * 6)

    with Session(engine) as session:
        counts = [count(session, model) for model in (ReminderRun, Reminder, ReminderInvoice)]
        assert counts == [1, 1, 1]
        assert session.scalars(select(Reminder.number)).one() == "L2027-000001"


def test_an_invoice_handed_over_by_six_agents_at_once_goes_once(engine: Engine) -> None:
    _, invoice_id = build(engine, to_the_end=True)

    def confirm(session: Session) -> None:
        hand_over(session, actor=ACTOR, now=TRESOR, invoice_ids=[invoice_id])

    in_parallel(engine, [refused_or_done(confirm)] * 6)

    with Session(engine) as session:
        assert [count(session, model) for model in (HandoverBatch, Handover)] == [1, 1]


def test_paid_and_handed_over_at_once_it_is_one_of_the_two(engine: Engine) -> None:
    family_id, invoice_id = build(engine, to_the_end=True)

    def confirm(session: Session) -> None:
        hand_over(session, actor=ACTOR, now=TRESOR, invoice_ids=[invoice_id])

    def pay(session: Session) -> None:
        take_money(
            session,
            actor=ACTOR,
            now=TRESOR,
            family_id=family_id,
            means=PaymentMeans.CHEQUE,
            amount_cents=3_060,
        )

    in_parallel(engine, [refused_or_done(confirm), refused_or_done(pay)])

    with Session(engine) as session:
        state = session.scalars(select(Invoice.state)).one()
        handed = count(session, Handover)
        assert (state, handed) in ((InvoiceState.PAID, 0), (InvoiceState.HANDED_OVER, 1))
        assert (balance_cents(session, family_id), check_ledger(session)) == (0, [])
