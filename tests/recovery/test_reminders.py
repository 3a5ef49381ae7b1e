"""A run of reminders: who is written to, once, and what holds an invoice back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.direct_debits.batches import announce_batch
from domain.direct_debits.mandates import Account, sign_mandate
from domain.errors import Refusal
from domain.invoicing.contest import contest_line, refuse_contest
from domain.invoicing.credit import correct_invoice
from domain.invoicing.printing import make_print_batch, unprinted_count
from domain.payments.ledger import check_ledger
from domain.payments.operations import open_try
from domain.recovery.lateness import late_month
from domain.recovery.overdue import overdue_invoices
from domain.recovery.queries import waiting_recovery
from domain.recovery.reminders import (
    due_today,
    family_reminders,
    pause_recovery,
    reminder_rows,
    resume_recovery,
    send_reminders,
)
from domain.recovery.rules import Hold
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.family import Guardian
from models.invoices import Delivery, Invoice, InvoiceLine, InvoiceState
from models.payments import PaymentMeans
from models.recovery import PaperRule, Reminder, ReminderInvoice, ReminderLevel
from tests.direct_debits.conftest import IBAN
from tests.recovery.support import (
    DUE_ON,
    FIRST,
    SECOND,
    THIRD,
    only_invoice,
    remind,
    remind_to_the_end,
)
from tests.support.households import ACTOR, Household, instant
from tests.support.money import take_money


def pay(session: Session, house: Household, cents: int) -> None:
    take_money(
        session,
        actor=ACTOR,
        now=FIRST,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=cents,
    )


def held(session: Session) -> list[Hold | None]:
    due = due_today(session, now=FIRST)
    assert due.families == ()
    return [one.hold for one in due.left_out]


def test_nobody_is_reminded_before_the_first_level(db: Session, house: Household) -> None:
    before = FIRST - timedelta(days=1)

    assert due_today(db, now=before).families == ()
    with pytest.raises(Refusal, match="nothing_to_remind"):
        remind(db, before, [house.family.id])


def test_a_reminder_is_written_with_what_was_due_that_day(db: Session, house: Household) -> None:
    (family,) = due_today(db, now=FIRST).families
    assert (family.level.level, family.total_cents) == (1, 3_060)
    assert [(one.number, one.age_days) for one in family.invoices] == [("F2026-000001", 7)]

    (letter,) = remind(db, FIRST, [house.family.id])
    pay(db, house, 1_000)

    assert letter.number == "L2027-000001"
    assert (letter.payer_name, letter.total_cents) == ("Alice Martin", 3_060)
    assert "30,60\u00a0€" in letter.body
    assert "{" not in letter.body
    assert letter.payer_address.endswith("45110 Saint-Préau")
    (row,) = reminder_rows(db, [letter.id])[letter.id]
    assert (row.number, row.level, row.due_cents, row.due_on) == ("F2026-000001", 1, 3_060, DUE_ON)
    invoice = only_invoice(db)
    assert (invoice.state, invoice.reminded_at, invoice.due_cents) == (InvoiceState.REMINDED, FIRST, 2_060)
    assert check_ledger(db) == []


def test_the_trail_names_the_family_and_the_run(db: Session, house: Household) -> None:
    (letter,) = remind(db, FIRST, [house.family.id])

    entries = {
        row.action: row for row in db.scalars(select(AuditEntry).where(AuditEntry.action.contains("remind")))
    }
    assert entries["send_reminder"].family_id == house.family.id
    assert entries["send_reminder"].after["number"] == letter.number
    assert entries["run_reminders"].after["reminders"] == 1


def test_twice_on_the_same_day_writes_nothing_twice(db: Session, house: Household) -> None:
    remind(db, FIRST, [house.family.id])

    with pytest.raises(Refusal, match="nothing_to_remind"):
        remind(db, FIRST, [house.family.id])

    assert db.scalar(select(func.count()).select_from(Reminder)) == 1


def test_the_schema_refuses_a_level_sent_twice(db: Session, house: Household) -> None:
    (letter,) = remind(db, FIRST, [house.family.id])
    later = remind(db, SECOND, [house.family.id])[0]
    assert letter.id != later.id
    db.execute(update(ReminderInvoice).where(ReminderInvoice.reminder_id == later.id).values(level=3))

    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(ReminderInvoice).where(ReminderInvoice.reminder_id == later.id).values(level=1))


def test_the_schema_refuses_what_no_rule_writes(db: Session, house: Household) -> None:
    (letter,) = remind(db, FIRST, [house.family.id])
    stamp = {"created_at": FIRST, "created_by": "t", "updated_at": FIRST, "updated_by": "t"}
    level = {"level": 4, "after_days": 50, "title": "x", "body": "x", "min_cents": 0} | stamp

    for wrong in ({"level": 1}, {"after_days": 7}, {"after_days": 0}, {"by_email": False}, {"min_cents": -1}):
        values = level | {"by_email": True, "paper": PaperRule.NEVER} | wrong
        with pytest.raises(IntegrityError), db.begin_nested():
            db.execute(insert(ReminderLevel).values(values))
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(update(Reminder).where(Reminder.id == letter.id).values(total_cents=0))


def test_levels_follow_each_other_to_the_last_and_no_further(db: Session, house: Household) -> None:
    remind_to_the_end(db, house)

    assert [one.level for one in reversed(family_reminders(db, house.family.id))] == [1, 2, 3]
    assert due_today(db, now=THIRD + timedelta(days=400)).families == ()


def test_one_letter_lists_each_overdue_invoice_at_its_own_level(db: Session, house: Household) -> None:
    remind(db, FIRST, [house.family.id])
    older = only_invoice(db)
    younger = Invoice(
        number="F2026-000099",
        series="F",
        fiscal_year=2026,
        sequence=99,
        family_id=house.family.id,
        payer_name="A",
        payer_address="",
        family_code=older.family_code,
        issued_at=FIRST,
        due_on=date(2027, 1, 15),
        total_cents=1_000,
        delivery=Delivery.PAPER,
    )
    db.add(younger)
    db.flush()

    (letter,) = remind(db, SECOND, [house.family.id])

    assert (letter.level, letter.total_cents) == (2, 4_060)
    rows = reminder_rows(db, [letter.id])[letter.id]
    assert [(row.number, row.level) for row in rows] == [(older.number, 2), (younger.number, 1)]


def test_what_was_paid_meanwhile_is_not_reminded(db: Session, house: Household) -> None:
    pay(db, house, 3_060)

    assert overdue_invoices(db, now=FIRST) == []


def test_what_is_partly_paid_is_reminded_of_the_rest(db: Session, house: Household) -> None:
    pay(db, house, 1_000)

    (letter,) = remind(db, FIRST, [house.family.id])

    assert letter.total_cents == 2_060
    assert "20,60\u00a0€" in letter.body


def test_an_invoice_cancelled_by_a_credit_note_is_not_reminded(db: Session, house: Household) -> None:
    correct_invoice(
        db, actor=ACTOR, now=FIRST, invoice_id=only_invoice(db).id, given_back=None, reason="Erreur"
    )

    assert overdue_invoices(db, now=SECOND) == []
    assert check_ledger(db) == []


def test_a_contested_line_holds_its_invoice_back_until_it_is_answered(db: Session, house: Household) -> None:
    line_id = db.scalars(select(InvoiceLine.id)).first()
    assert line_id is not None
    case = contest_line(db, actor=ACTOR, now=FIRST, line_id=line_id, message="Léo était absent.")
    assert held(db) == [Hold.CONTESTED]

    refuse_contest(db, actor=ACTOR, now=FIRST, demarche_id=case.id, reason="Il était pointé.")

    assert len(due_today(db, now=FIRST).families) == 1


def test_a_card_payment_under_way_holds_its_invoice_back_for_half_an_hour(
    db: Session, house: Household
) -> None:
    opened = FIRST - timedelta(minutes=29)
    open_try(db, actor=ACTOR, now=opened, family_id=house.family.id, invoice_ids=[only_invoice(db).id])

    assert held(db) == [Hold.CARD_UNDER_WAY]
    assert len(due_today(db, now=FIRST + timedelta(minutes=1)).families) == 1


def test_an_invoice_that_will_be_debited_is_left_out(db: Session, house: Household) -> None:
    account = Account("Alice Martin", IBAN)
    sign_mandate(db, actor=ACTOR, now=FIRST, family_id=house.family.id, account=account)
    announce_batch(db, actor=ACTOR, now=FIRST, collection_on=date(2027, 1, 29))

    assert held(db) == [Hold.DIRECT_DEBIT]


def test_a_family_left_alone_is_not_written_to_until_the_day_after(db: Session, house: Household) -> None:
    family_id, last = house.family.id, FIRST.date()
    pause_recovery(
        db, actor=ACTOR, now=FIRST, family_id=family_id, reason=" Échéancier accordé ", until_on=last
    )

    assert held(db) == [Hold.PAUSED]
    (left,) = due_today(db, now=FIRST).left_out
    assert left.pause is not None
    assert left.pause.reason == "Échéancier accordé"
    assert len(due_today(db, now=FIRST + timedelta(days=1)).families) == 1


def test_a_family_is_taken_up_again_at_once(db: Session, house: Household) -> None:
    family_id = house.family.id
    pause_recovery(
        db, actor=ACTOR, now=FIRST, family_id=family_id, reason="x", until_on=DUE_ON.replace(year=2028)
    )
    resume_recovery(db, actor=ACTOR, now=FIRST, family_id=family_id)
    resume_recovery(db, actor=ACTOR, now=FIRST, family_id=family_id)

    assert len(due_today(db, now=FIRST).families) == 1
    resumed = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "resume_recovery")
    assert db.scalar(resumed) == 1


@pytest.mark.parametrize(
    ("reason", "until_on", "code"),
    [(" ", date(2027, 2, 1), "reason_missing"), ("x", date(2027, 1, 10), "pause_already_over")],
)
def test_a_pause_has_a_reason_and_an_end_to_come(
    db: Session, house: Household, reason: str, until_on: date, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        pause_recovery(
            db, actor=ACTOR, now=FIRST, family_id=house.family.id, reason=reason, until_on=until_on
        )


@pytest.mark.parametrize(
    ("email", "wants_e_invoice", "paper", "expected"),
    [
        ("", True, PaperRule.NEVER, (False, Delivery.PAPER)),
        ("a@foyer.example", True, PaperRule.PAPER_FAMILIES, (True, Delivery.ELECTRONIC)),
        ("a@foyer.example", False, PaperRule.PAPER_FAMILIES, (True, Delivery.PAPER)),
        ("a@foyer.example", False, PaperRule.NEVER, (True, Delivery.ELECTRONIC)),
        ("a@foyer.example", True, PaperRule.EVERYBODY, (True, Delivery.PAPER)),
    ],
)
def test_a_reminder_goes_the_way_that_its_level_and_the_family_say(
    db: Session,
    house: Household,
    email: str,
    wants_e_invoice: bool,
    paper: PaperRule,
    expected: tuple[bool, Delivery],
) -> None:
    db.execute(update(Guardian).values(email=email))
    house.family.wants_e_invoice = wants_e_invoice
    db.execute(update(ReminderLevel).values(paper=paper))
    db.flush()

    (letter,) = remind(db, FIRST, [house.family.id])

    assert (letter.by_email, letter.delivery) == expected


def test_a_letter_on_paper_joins_the_next_print_batch_once(db: Session, house: Household) -> None:
    make_print_batch(db, actor=ACTOR, now=FIRST)
    (letter,) = remind(db, FIRST, [house.family.id])
    assert unprinted_count(db) == 1

    batch = make_print_batch(db, actor=ACTOR, now=FIRST)

    assert batch is not None
    assert (batch.invoice_count, batch.reminder_count) == (0, 1)
    db.refresh(letter)
    assert letter.printed_at == FIRST
    assert make_print_batch(db, actor=ACTOR, now=FIRST) is None


def test_paid_after_its_reminder_an_invoice_is_reminded_no_more(db: Session, house: Household) -> None:
    remind(db, FIRST, [house.family.id])
    pay(db, house, 3_060)

    assert only_invoice(db).state is InvoiceState.PAID
    assert due_today(db, now=SECOND).families == ()


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER, Role.PARENT])
def test_only_who_cashes_reminds(db: Session, house: Household, role: Role) -> None:
    actor = Actor(label="user:9", user_id=9, roles=frozenset({role}))

    with pytest.raises(Refusal, match="not_allowed"):
        send_reminders(db, actor=actor, now=FIRST, family_ids=[house.family.id])
    with pytest.raises(Refusal, match="not_allowed"):
        pause_recovery(
            db, actor=actor, now=FIRST, family_id=house.family.id, reason="x", until_on=date(2028, 1, 1)
        )
    with pytest.raises(Refusal, match="not_allowed"):
        resume_recovery(db, actor=actor, now=FIRST, family_id=house.family.id)


def test_the_work_list_counts_families_and_invoices(db: Session, house: Household) -> None:
    assert waiting_recovery(db, FIRST).families == 1
    remind_to_the_end(db, house)

    waiting = waiting_recovery(db, THIRD + timedelta(days=15))
    assert (waiting.families, waiting.for_tresor) == (0, 1)


def test_a_month_with_bookings_that_nobody_issued_is_late_after_the_tenth(
    db: Session, house: Household
) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, date(2026, 12, 1), 3)

    assert late_month(db, date(2027, 1, 10)) is None
    assert late_month(db, date(2027, 1, 11)) == date(2026, 12, 1)
    assert late_month(db, date(2026, 12, 11)) is None  # November is issued
    assert late_month(db, instant(date(2026, 9, 11)).date()) is None  # nobody came in August
