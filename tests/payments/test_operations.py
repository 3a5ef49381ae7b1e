"""What the bank's word changes, and what it never does: on both databases."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import system
from domain.errors import Refusal
from domain.payments.bank import hear_bank, hear_forgery
from domain.payments.gateway import Cause, Notification, Outcome
from domain.payments.operations import allocate_credit, open_try
from domain.payments.queries import balance_cents, credit_cents
from domain.payments.rules import Verdict
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceState
from models.payments import Allocation, BankNotification, Payment, PaymentMeans, PaymentTry, TryState
from tests.invoicing.support import DECEMBER, issue, owe_ten_meals
from tests.support.households import ACTOR, Household, instant, make_family, make_household
from tests.support.money import take_money

NOON = instant(date(2026, 12, 10), 12)
BANK = system("bank")


@pytest.fixture
def house(db: Session) -> Household:
    """A family that owes ten meals, 30,60 €."""
    return make_household(db, lived=owe_ten_meals)


def an_invoice(house: Household) -> Invoice:
    return house.session.scalars(select(Invoice).order_by(Invoice.id)).all()[-1]


def a_try(house: Household) -> PaymentTry:
    return open_try(
        house.session, actor=ACTOR, now=NOON, family_id=house.family.id, invoice_ids=[an_invoice(house).id]
    )


def said(
    opened: PaymentTry, code: str = "00000", *, cents: int | None = None, transaction: str = "T1"
) -> Notification:
    return Notification(
        reference=opened.reference,
        amount_cents=opened.amount_cents if cents is None else cents,
        currency="978",
        outcome=Outcome.PAID if code == "00000" else Outcome.REFUSED,
        cause=Cause.NONE,
        error_code=code,
        authorisation="A1" if code == "00000" else "",
        transaction=transaction,
        call="1",
        raw="montant=…",
    )


def hear(house: Household, notice: Notification) -> Verdict:
    return hear_bank(house.session, actor=BANK, now=NOON, notice=notice, source_ip="127.0.0.1").verdict


def count(house: Household, table: type) -> int:
    return house.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_banks_word_settles_the_invoice(house: Household) -> None:
    opened = a_try(house)

    assert hear(house, said(opened)) is Verdict.SETTLED

    invoice = an_invoice(house)
    assert (invoice.paid_cents, invoice.state) == (3060, InvoiceState.PAID)
    assert opened.state is TryState.PAID
    assert balance_cents(house.session, house.family.id) == 0
    assert house.session.scalars(select(Payment.number)).all() == ["P2026-000001"]


def test_the_same_word_again_changes_nothing(house: Household) -> None:
    opened = a_try(house)

    verdicts = [hear(house, said(opened)) for _ in range(3)]

    assert verdicts == [Verdict.SETTLED, Verdict.REPEATED, Verdict.REPEATED]
    assert count(house, Payment) == count(house, Allocation) == 1
    assert count(house, BankNotification) == 3


def test_another_amount_is_quarantined_and_settles_nothing(house: Household) -> None:
    opened = a_try(house)

    assert hear(house, said(opened, cents=1)) is Verdict.QUARANTINED

    assert opened.state is TryState.QUARANTINED
    assert count(house, Payment) == 0
    assert an_invoice(house).paid_cents == 0


def test_an_unknown_reference_is_only_written_down(house: Household) -> None:
    opened = a_try(house)
    stranger = Notification(**{**said(opened).__dict__, "reference": "NOBODY"})

    assert hear(house, stranger) is Verdict.UNKNOWN
    assert opened.state is TryState.CREATED


def test_a_refusal_closes_the_try_and_a_later_card_still_pays(house: Household) -> None:
    opened = a_try(house)

    assert hear(house, said(opened, "00151")) is Verdict.REFUSED
    assert opened.state is TryState.REFUSED
    assert an_invoice(house).paid_cents == 0
    assert hear(house, said(opened)) is Verdict.SETTLED
    assert an_invoice(house).state is InvoiceState.PAID


def test_a_refusal_after_the_payment_changes_nothing(house: Household) -> None:
    opened = a_try(house)
    hear(house, said(opened))

    assert hear(house, said(opened, "00151")) is Verdict.REPEATED
    assert opened.state is TryState.PAID


def test_pending_waits_for_its_end(house: Household) -> None:
    opened = a_try(house)

    assert hear(house, said(opened, "99999")) is Verdict.PENDING
    assert opened.state is TryState.PENDING
    assert hear(house, said(opened)) is Verdict.SETTLED


def test_paid_on_line_after_the_desk_becomes_the_familys_credit(house: Household) -> None:
    opened = a_try(house)
    take_money(
        house.session,
        actor=ACTOR,
        now=NOON,
        family_id=house.family.id,
        means=PaymentMeans.CASH,
        amount_cents=3060,
    )

    heard = hear_bank(house.session, actor=BANK, now=NOON, notice=said(opened), source_ip="")

    assert heard.credit_cents == 3060
    assert credit_cents(house.session, house.family.id) == 3060
    assert balance_cents(house.session, house.family.id) == -3060
    assert an_invoice(house).paid_cents == 3060


def test_a_credit_settles_the_next_invoice(house: Household) -> None:
    take_money(
        house.session,
        actor=ACTOR,
        now=NOON,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=5000,
    )
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 8)
    issue(house.session, DECEMBER)

    allocate_credit(house.session, actor=ACTOR, now=NOON, family_ids=[house.family.id])

    invoice = an_invoice(house)
    assert (invoice.total_cents, invoice.paid_cents, invoice.state) == (2448, 1940, InvoiceState.PARTLY_PAID)


def test_a_paid_invoice_cannot_be_paid_again(house: Household) -> None:
    hear(house, said(a_try(house)))

    with pytest.raises(Refusal, match="nothing_to_pay"):
        a_try(house)


def test_another_familys_invoice_is_nothing_to_pay(house: Household) -> None:
    stranger = make_family(house.session, "Roux")

    with pytest.raises(Refusal, match="nothing_to_pay"):
        open_try(
            house.session, actor=ACTOR, now=NOON, family_id=stranger.id, invoice_ids=[an_invoice(house).id]
        )


def test_a_forged_call_is_kept_whatever_bytes_it_holds(db: Session) -> None:
    hear_forgery(db, now=NOON, raw="montant=1\x00&x", source_ip="127.0.0.1", detail="bad\x00")

    kept = db.scalars(select(BankNotification)).one()
    assert (kept.raw, kept.detail) == ("montant=1\\0&x", "bad\\0")
