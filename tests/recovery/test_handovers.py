"""What goes to the Trésor public, what it collects, and a hand-over taken back; not a cent is lost on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.direct_debits.batches import candidates as debit_candidates
from domain.direct_debits.mandates import Account, sign_mandate
from domain.errors import Refusal
from domain.invoicing.contest import contest_line
from domain.invoicing.credit import correct_invoice
from domain.invoicing.queries import due_invoices, handed_over_invoices
from domain.payments.ledger import check_ledger
from domain.payments.operations import allocate_credit, open_try
from domain.payments.queries import balance_cents
from domain.payments.transfers import record_transfer
from domain.recovery.handovers import (
    candidates,
    debts,
    hand_over,
    handover_rows,
    recent_batches,
    record_tresor_payment,
    take_back,
    tresor_payments,
    undo_tresor_payment,
)
from domain.recovery.reminders import pause_recovery
from domain.regie.operations import open_cash_session, take_payment
from models.audit import AuditEntry
from models.invoices import InvoiceLine, InvoiceState
from models.payments import Payment, PaymentMeans
from models.recovery import Handover
from models.town import Town
from tests.direct_debits.conftest import IBAN
from tests.recovery.support import TRESOR, handed_over, only_invoice, remind_to_the_end
from tests.support.households import ACTOR, Household
from tests.support.money import take_money


def ready(session: Session) -> list[int]:
    return [one.id for one in candidates(session, now=TRESOR).ready]


def only_handover(session: Session) -> Handover:
    return session.scalars(select(Handover)).one()


def pay_at_desk(session: Session, house: Household, cents: int, *chosen: int) -> Payment:
    return take_money(
        session,
        actor=ACTOR,
        now=TRESOR,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=cents,
        invoice_ids=chosen,
    )


def collected(session: Session, cents: int) -> Payment:
    return record_tresor_payment(
        session,
        actor=ACTOR,
        now=TRESOR,
        handover_id=only_handover(session).id,
        amount_cents=cents,
        reference="Titre 41",
    )


def test_an_invoice_is_ready_after_the_last_reminder_and_its_delay(db: Session, house: Household) -> None:
    remind_to_the_end(db, house)

    assert candidates(db, now=TRESOR - timedelta(days=1)).ready == ()
    assert ready(db) == [only_invoice(db).id]


def test_a_small_sum_stays_with_the_town(db: Session, house: Household) -> None:
    remind_to_the_end(db, house)
    db.execute(update(Town).values(handover_min_cents=3_061))

    assert ready(db) == []


def test_a_hand_over_writes_its_batch_and_moves_no_money(db: Session, house: Household) -> None:
    batch = handed_over(db, house)

    assert (batch.number, batch.invoice_count, batch.total_cents) == ("T2027-000001", 1, 3_060)
    assert batch.handed_on == TRESOR.date()
    assert only_invoice(db).state is InvoiceState.HANDED_OVER
    assert (balance_cents(db, house.family.id), check_ledger(db)) == (3_060, [])
    assert [one.number for one in handed_over_invoices(db, family_id=house.family.id)] == ["F2026-000001"]
    assert due_invoices(db, family_id=house.family.id) == []
    (debt,) = debts(db, batch.id)
    assert [day.isoformat() for day in debt.reminded_on] == ["2027-01-11", "2027-01-25", "2027-02-08"]
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "hand_over_invoice")).one()
    assert (entry.family_id, entry.by) == (house.family.id, ACTOR.label)


def test_nothing_ticked_or_not_ready_hands_nothing_over(db: Session, house: Household) -> None:
    with pytest.raises(Refusal, match="no_invoice_ticked"):
        hand_over(db, actor=ACTOR, now=TRESOR, invoice_ids=[])
    with pytest.raises(Refusal, match="handover_not_ready"):
        hand_over(db, actor=ACTOR, now=TRESOR, invoice_ids=[only_invoice(db).id])

    handed_over(db, house)
    with pytest.raises(Refusal, match="handover_not_ready"):
        hand_over(db, actor=ACTOR, now=TRESOR, invoice_ids=[only_invoice(db).id])


def test_what_holds_a_reminder_back_holds_a_hand_over_back(db: Session, house: Household) -> None:
    remind_to_the_end(db, house)
    line_id = db.scalars(select(InvoiceLine.id)).first()
    assert line_id is not None
    contest_line(db, actor=ACTOR, now=TRESOR, line_id=line_id, message="Erreur")

    assert ready(db) == []
    assert len(candidates(db, now=TRESOR).held) == 1


def test_a_card_payment_under_way_and_a_family_left_alone_are_not_handed_over(
    db: Session, house: Household
) -> None:
    remind_to_the_end(db, house)
    invoice_id, family_id = only_invoice(db).id, house.family.id
    open_try(db, actor=ACTOR, now=TRESOR, family_id=family_id, invoice_ids=[invoice_id])
    with pytest.raises(Refusal, match="handover_not_ready"):
        hand_over(db, actor=ACTOR, now=TRESOR, invoice_ids=[invoice_id])
    later = TRESOR + timedelta(minutes=30)
    pause_recovery(
        db, actor=ACTOR, now=later, family_id=family_id, reason="Échéancier", until_on=later.date()
    )

    assert candidates(db, now=later).ready == ()


def test_a_handed_over_invoice_is_paid_neither_on_line_nor_at_the_desk(db: Session, house: Household) -> None:
    handed_over(db, house)
    invoice_id, family_id = only_invoice(db).id, house.family.id

    with pytest.raises(Refusal, match="invoice_handed_over"):
        open_try(db, actor=ACTOR, now=TRESOR, family_id=family_id, invoice_ids=[invoice_id])
    with pytest.raises(Refusal, match="invoice_handed_over"):
        record_transfer(
            db,
            actor=ACTOR,
            now=TRESOR,
            family_id=family_id,
            amount_cents=3_060,
            received_on=TRESOR.date(),
            bank_reference="VIR 1",
            invoice_ids=[invoice_id],
        )
    open_cash_session(db, actor=ACTOR, now=TRESOR, cashier_name="R. Régis", float_cents=0)
    with pytest.raises(Refusal, match="invoice_handed_over"):
        take_payment(
            db,
            actor=ACTOR,
            now=TRESOR,
            family_id=family_id,
            means=PaymentMeans.CASH,
            amount_cents=3_060,
            invoice_ids=[invoice_id],
        )


def test_other_money_of_the_family_does_not_go_to_the_tresors_debt(db: Session, house: Household) -> None:
    handed_over(db, house)

    payment = pay_at_desk(db, house, 1_000)
    allocate_credit(db, actor=ACTOR, now=TRESOR, family_ids=[house.family.id])

    assert (payment.credit_cents, only_invoice(db).due_cents) == (1_000, 3_060)
    assert check_ledger(db) == []


def test_a_debit_never_takes_what_was_handed_over(db: Session, house: Household) -> None:
    handed_over(db, house)
    account = Account("Alice Martin", IBAN)
    sign_mandate(db, actor=ACTOR, now=TRESOR, family_id=house.family.id, account=account)

    assert debit_candidates(db, TRESOR.date() + timedelta(days=30)) == []


def test_what_the_tresor_collects_settles_the_invoice_part_by_part(db: Session, house: Household) -> None:
    handed_over(db, house)

    collected(db, 1_000)
    assert (only_invoice(db).state, only_invoice(db).due_cents) == (InvoiceState.HANDED_OVER, 2_060)
    payment = collected(db, 2_060)

    assert only_invoice(db).state is InvoiceState.PAID
    assert (payment.means, payment.cash_session_id) == (PaymentMeans.TRESOR, None)
    assert (balance_cents(db, house.family.id), check_ledger(db)) == (0, [])
    assert [row.amount_cents for row in tresor_payments(db, only_invoice(db).id)] == [2_060, 1_000]
    assert recent_batches(db)[0][1] == 0
    with pytest.raises(Refusal, match="handover_over"):
        collected(db, 1)


@pytest.mark.parametrize(("cents", "code"), [(0, "amount_not_positive"), (3_061, "amount_over_due")])
def test_the_tresor_collects_no_more_than_is_due(
    db: Session, house: Household, cents: int, code: str
) -> None:
    handed_over(db, house)

    with pytest.raises(Refusal, match=code):
        collected(db, cents)


def test_a_wrong_note_of_the_tresors_money_is_undone_once(db: Session, house: Household) -> None:
    handed_over(db, house)
    payment = collected(db, 3_060)

    undo_tresor_payment(db, actor=ACTOR, now=TRESOR, payment_id=payment.id, reason="Autre famille")

    assert (only_invoice(db).state, only_invoice(db).due_cents) == (InvoiceState.HANDED_OVER, 3_060)
    assert (balance_cents(db, house.family.id), check_ledger(db)) == (3_060, [])
    with pytest.raises(Refusal, match="tresor_payment_undone"):
        undo_tresor_payment(db, actor=ACTOR, now=TRESOR, payment_id=payment.id, reason="Encore")
    other = pay_at_desk(db, house, 100)
    with pytest.raises(Refusal, match="tresor_payment_undone"):
        undo_tresor_payment(db, actor=ACTOR, now=TRESOR, payment_id=other.id, reason="Espèces")
    with pytest.raises(Refusal, match="reason_missing"):
        undo_tresor_payment(db, actor=ACTOR, now=TRESOR, payment_id=payment.id, reason=" ")


def test_taken_back_it_is_the_towns_again_and_may_be_handed_over_anew(db: Session, house: Household) -> None:
    handed_over(db, house)

    take_back(db, actor=ACTOR, now=TRESOR, handover_id=only_handover(db).id, reason="Erreur de famille")

    assert only_invoice(db).state is InvoiceState.REMINDED
    assert len(due_invoices(db, family_id=house.family.id)) == 1
    (row,) = handover_rows(db)
    assert (row.is_live, row.taken_back_reason) == (False, "Erreur de famille")
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "take_back_handover")).one()
    assert entry.after == {"reason": "Erreur de famille"}
    with pytest.raises(Refusal, match="handover_over"):
        take_back(db, actor=ACTOR, now=TRESOR, handover_id=row.id, reason="Encore")
    assert hand_over(db, actor=ACTOR, now=TRESOR, invoice_ids=[row.invoice_id]).number == "T2027-000002"


def test_taken_back_it_is_settled_by_what_the_family_has_in_credit(db: Session, house: Household) -> None:
    handed_over(db, house)
    pay_at_desk(db, house, 3_060)

    take_back(db, actor=ACTOR, now=TRESOR, handover_id=only_handover(db).id, reason="Payée en ligne")

    assert only_invoice(db).state is InvoiceState.PAID
    assert (balance_cents(db, house.family.id), check_ledger(db)) == (0, [])


def test_taking_back_asks_why(db: Session, house: Household) -> None:
    handed_over(db, house)

    with pytest.raises(Refusal, match="reason_missing"):
        take_back(db, actor=ACTOR, now=TRESOR, handover_id=only_handover(db).id, reason=" ")


def test_a_credit_note_after_the_hand_over_keeps_the_books_right(db: Session, house: Household) -> None:
    handed_over(db, house)
    collected(db, 1_000)

    correct_invoice(
        db, actor=ACTOR, now=TRESOR, invoice_id=only_invoice(db).id, given_back=None, reason="Erreur"
    )

    (row,) = handover_rows(db)
    assert (row.state, row.is_live) == (InvoiceState.CANCELLED, False)
    assert (balance_cents(db, house.family.id), check_ledger(db)) == (-1_000, [])


def test_the_schema_holds_one_living_hand_over_of_an_invoice(db: Session, house: Household) -> None:
    batch = handed_over(db, house)
    again = Handover(batch_id=batch.id, invoice_id=only_invoice(db).id, due_cents=1)

    with pytest.raises(IntegrityError), db.begin_nested():
        db.add(again)
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(Handover).values(taken_back_reason="sans date"))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(Handover).values(due_cents=0))


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER, Role.PARENT])
def test_only_who_cashes_hands_over(db: Session, house: Household, role: Role) -> None:
    handed_over(db, house)
    actor = Actor(label="user:9", user_id=9, roles=frozenset({role}))
    handover_id = only_handover(db).id

    with pytest.raises(Refusal, match="not_allowed"):
        hand_over(db, actor=actor, now=TRESOR, invoice_ids=[1])
    with pytest.raises(Refusal, match="not_allowed"):
        take_back(db, actor=actor, now=TRESOR, handover_id=handover_id, reason="x")
    with pytest.raises(Refusal, match="not_allowed"):
        record_tresor_payment(db, actor=actor, now=TRESOR, handover_id=handover_id, amount_cents=1)
    with pytest.raises(Refusal, match="not_allowed"):
        undo_tresor_payment(db, actor=actor, now=TRESOR, payment_id=1, reason="x")
