"""A batch from its announcement to the bank's credit, and what comes back."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.direct_debits.batches import (
    DebitOrder,
    announce_batch,
    candidates,
    send_batch,
    settle_batch,
    withdraw_debits,
)
from domain.direct_debits.mandates import live_mandate, revoke_mandate
from domain.direct_debits.queries import batches_to_handle
from domain.direct_debits.returns import BankReturn, Unused, import_returns, return_debit
from domain.errors import Refusal
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents
from domain.regie.refunds import refund_credit
from models.direct_debits import BatchState, DebitBatch, DebitState, DirectDebit, SepaMandate
from models.invoices import Invoice, InvoiceState
from models.payments import Payment, PaymentMeans
from tests.support.households import ACTOR, Household, instant
from tests.support.money import take_money

TODAY = date(2026, 12, 7)
NOW = instant(TODAY)
DAY = date(2026, 12, 21)
THEN = instant(DAY)


def announce(session: Session) -> DebitBatch:
    return announce_batch(session, actor=ACTOR, now=NOW, collection_on=DAY)


def send(session: Session, batch: DebitBatch) -> list[DebitOrder]:
    return send_batch(session, actor=ACTOR, now=NOW, batch_id=batch.id)


def settle(session: Session, batch: DebitBatch) -> list[Payment]:
    return settle_batch(session, actor=ACTOR, now=THEN, batch_id=batch.id)


def give_back(session: Session, debit: DirectDebit, code: str = "AM04") -> bool:
    return return_debit(session, actor=ACTOR, now=THEN, debit_id=debit.id, reason_code=code).mandate_ended


def pay(session: Session, house: Household, cents: int) -> Payment:
    return take_money(
        session,
        actor=ACTOR,
        now=NOW,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=cents,
    )


def only_debit(session: Session) -> DirectDebit:
    return session.scalars(select(DirectDebit)).one()


def invoice_state(session: Session) -> tuple[InvoiceState, int]:
    invoice = session.scalars(select(Invoice)).one()
    return invoice.state, invoice.paid_cents


def test_an_invoice_is_announced_sent_and_paid(db: Session, debtor: Household) -> None:
    batch = announce(db)
    orders = send(db, batch)
    assert [(one.amount_cents, one.holder, one.bic) for one in orders] == [
        (3_060, "Alice Martin", "BNPAFRPP")
    ]
    assert invoice_state(db) == (InvoiceState.ISSUED, 0)

    (payment,) = settle(db, batch)

    assert payment.means is PaymentMeans.DIRECT_DEBIT
    assert payment.bank_reference == orders[0].end_to_end_id
    assert invoice_state(db) == (InvoiceState.PAID, 3_060)
    assert (batch.state, only_debit(db).state) == (BatchState.SETTLED, DebitState.COLLECTED)
    assert db.scalars(select(SepaMandate.last_used_on)).one() == DAY
    assert (balance_cents(db, debtor.family.id), check_ledger(db)) == (0, [])


def test_an_invoice_is_in_one_batch_at_a_time(db: Session, debtor: Household) -> None:
    batch = announce(db)

    with pytest.raises(Refusal, match="nothing_to_collect"):
        announce(db)
    withdraw_debits(db, actor=ACTOR, now=NOW, batch_id=batch.id, debit_ids=[only_debit(db).id])

    assert batch.state is BatchState.CANCELLED
    assert announce(db).number != batch.number


def test_what_was_paid_meanwhile_is_not_taken_again(db: Session, debtor: Household) -> None:
    batch = announce(db)
    pay(db, debtor, 1_000)

    assert [one.amount_cents for one in send(db, batch)] == [2_060]
    assert only_debit(db).announced_cents == 3_060


def test_what_was_paid_whole_or_lost_its_mandate_leaves_the_batch(db: Session, debtor: Household) -> None:
    batch = announce(db)
    mandate = live_mandate(db, debtor.family.id, TODAY)
    assert mandate is not None
    revoke_mandate(db, actor=ACTOR, now=NOW, mandate_id=mandate.id)

    with pytest.raises(Refusal, match="nothing_to_collect"):
        send(db, batch)

    assert only_debit(db).reason_code == "MAND"
    assert candidates(db, DAY) == []


def test_a_batch_goes_one_way_and_on_its_day(db: Session, debtor: Household) -> None:
    batch = announce(db)
    with pytest.raises(Refusal, match="batch_not_sent"):
        settle(db, batch)
    with pytest.raises(Refusal, match="collection_day_passed"):
        send_batch(db, actor=ACTOR, now=THEN, batch_id=batch.id)
    send(db, batch)
    with pytest.raises(Refusal, match="batch_not_announced"):
        send(db, batch)
    with pytest.raises(Refusal, match="batch_not_announced"):
        withdraw_debits(db, actor=ACTOR, now=NOW, batch_id=batch.id, debit_ids=[])
    with pytest.raises(Refusal, match="collection_day_not_come"):
        settle_batch(db, actor=ACTOR, now=NOW, batch_id=batch.id)
    settle(db, batch)
    with pytest.raises(Refusal, match="batch_not_sent"):
        settle(db, batch)


def test_a_batch_waits_for_somebody_before_it_is_sent_and_once_it_is_credited(
    db: Session, debtor: Household
) -> None:
    batch = announce(db)
    assert batches_to_handle(db, TODAY) == 0
    assert batches_to_handle(db, date(2026, 12, 16)) == 1
    send(db, batch)
    assert batches_to_handle(db, date(2026, 12, 16)) == 0
    assert batches_to_handle(db, DAY) == 1
    settle(db, batch)
    assert batches_to_handle(db, DAY) == 0


def test_a_return_before_the_credit_is_no_payment(db: Session, debtor: Household) -> None:
    batch = announce(db)
    send(db, batch)

    assert give_back(db, only_debit(db)) is False

    assert settle(db, batch) == []
    assert invoice_state(db) == (InvoiceState.ISSUED, 0)
    # The family was told to pay in another way: no second debit of its own accord.
    assert candidates(db, DAY) == []
    with pytest.raises(Refusal, match="debit_not_sent"):
        give_back(db, only_debit(db))


def test_a_return_after_the_credit_reopens_the_debt(db: Session, debtor: Household) -> None:
    batch = announce(db)
    send(db, batch)
    (payment,) = settle(db, batch)

    give_back(db, only_debit(db), "MD06")

    assert invoice_state(db) == (InvoiceState.ISSUED, 0)
    assert (payment.allocated_cents, payment.refunded_cents) == (0, 3_060)
    assert (balance_cents(db, debtor.family.id), check_ledger(db)) == (3_060, [])


def test_the_proof_of_the_books_names_a_debit_that_its_payment_does_not_know(
    db: Session, debtor: Household
) -> None:
    batch = announce(db)
    send(db, batch)
    settle(db, batch)
    only_debit(db).amount_cents = 3_059

    assert [(one.found_cents, one.expected_cents) for one in check_ledger(db)] == [(3_060, 3_059)]


def test_a_closed_account_ends_the_mandate(db: Session, debtor: Household) -> None:
    batch = announce(db)
    send(db, batch)

    assert give_back(db, only_debit(db), "AC04") is True

    assert live_mandate(db, debtor.family.id, DAY) is None


def test_money_given_back_in_another_way_is_not_given_back_twice(db: Session, debtor: Household) -> None:
    batch = announce(db)
    send(db, batch)
    pay(db, debtor, 3_060)
    (payment,) = settle(db, batch)
    assert payment.credit_cents == 3_060
    refund_credit(
        db,
        actor=ACTOR,
        now=THEN,
        payment_id=payment.id,
        amount_cents=3_060,
        means=PaymentMeans.TRANSFER,
        reason="Payé deux fois",
    )

    with pytest.raises(Refusal, match="debit_already_refunded"):
        give_back(db, only_debit(db))
    assert check_ledger(db) == []


def test_the_banks_file_is_applied_once(db: Session, debtor: Household) -> None:
    batch = announce(db)
    (order,) = send(db, batch)
    returns = [
        BankReturn("AUTRE", "", "AM04", 1_000),
        BankReturn(order.end_to_end_id, "", "AM04", 3_000),
        BankReturn(order.end_to_end_id, "", "AM04", 3_060, date(2026, 12, 22)),
    ]

    first = import_returns(db, actor=ACTOR, now=THEN, returns=returns)
    again = import_returns(db, actor=ACTOR, now=THEN, returns=returns)

    assert [why for _, why in first.unused] == [Unused.UNKNOWN, Unused.OTHER_AMOUNT]
    assert [one.debit.returned_on for one in first.returned] == [date(2026, 12, 22)]
    assert [why for _, why in again.unused] == [Unused.UNKNOWN, Unused.OTHER_AMOUNT, Unused.ALREADY_KNOWN]
    assert again.returned == []


def test_a_file_rejected_whole_returns_every_debit_of_its_batch(db: Session, debtor: Household) -> None:
    batch = announce(db)
    send(db, batch)
    batch.message_id = "FILE1"

    report = import_returns(
        db, actor=ACTOR, now=THEN, returns=[BankReturn("", "FILE1", "FF01"), BankReturn("", "", "FF01")]
    )

    assert len(report.returned) == 1
    assert [why for _, why in report.unused] == [Unused.UNKNOWN]


def test_only_the_regie_collects(db: Session, debtor: Household) -> None:
    agent = Actor(label="user:1", user_id=1, roles=frozenset({Role.SCHOOL_AGENT}))
    batch = announce(db)
    debit = only_debit(db)

    for act in (
        lambda: announce_batch(db, actor=agent, now=NOW, collection_on=DAY),
        lambda: send_batch(db, actor=agent, now=NOW, batch_id=batch.id),
        lambda: withdraw_debits(db, actor=agent, now=NOW, batch_id=batch.id, debit_ids=[]),
        lambda: settle_batch(db, actor=agent, now=THEN, batch_id=batch.id),
        lambda: return_debit(db, actor=agent, now=THEN, debit_id=debit.id, reason_code="AM04"),
        lambda: import_returns(db, actor=agent, now=THEN, returns=[]),
    ):
        with pytest.raises(Refusal, match="not_allowed"):
            act()
