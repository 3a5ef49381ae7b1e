"""What a retroactive quotient gave back, refunded to a family that leaves: 8,64 € of DOMAIN §7."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.books import open_books
from domain.errors import Refusal
from domain.family.quotients import record_quotient
from domain.invoicing.retroactive import apply_quotient
from domain.payments.ledger import check_ledger
from domain.payments.operations import receive_payment
from domain.payments.queries import balance_cents, credit_cents
from domain.regie.operations import open_cash_session, take_payment
from domain.regie.refunds import refund_note, refundable_cents
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceKind, InvoiceState
from models.payments import Payment, PaymentMeans, Refund
from models.quotients import QuotientSource
from models.tariffs import PriceRule
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

NOW = instant(date(2026, 12, 10), 12)
PAID, GIVEN_BACK = 4_896, 864


def make_note(session: Session) -> tuple[Household, Invoice]:
    """Sixteen meals issued at QF 850 and paid; the quotient was 700 all along: a credit note of 8,64 €."""
    house = make_household(session)
    session.scalars(select(PriceRule).where(PriceRule.rate_ppm == 3600)).one().floor_cents = 200
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, 16)
    issue(session)
    paid = Payment(family_id=house.family.id, means=PaymentMeans.CHEQUE, amount_cents=PAID)
    receive_payment(session, ACTOR, NOW, paid, ())
    since = date(2026, 10, 1)
    quotient = record_quotient(
        session,
        actor=ACTOR,
        now=NOW,
        family_id=house.family.id,
        value_cents=70_000,
        source=QuotientSource.CAF,
        valid_from=since,
    )
    apply_quotient(
        session, actor=ACTOR, now=NOW, family_id=house.family.id, quotient_id=quotient.id, since=since
    )
    note = session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()
    return house, note


def give(
    session: Session,
    note: Invoice,
    cents: int,
    means: PaymentMeans = PaymentMeans.TRANSFER,
    actor: Actor = ACTOR,
) -> Refund:
    return refund_note(
        session,
        actor=actor,
        now=NOW,
        note_id=note.id,
        amount_cents=cents,
        means=means,
        reason="Déménagement",
    )


def test_what_a_credit_note_still_gives_is_given_back_once(db: Session) -> None:
    house, note = make_note(db)
    assert (note.total_cents, balance_cents(db, house.family.id)) == (GIVEN_BACK, -GIVEN_BACK)

    give(db, note, 500)
    with pytest.raises(Refusal) as more:
        give(db, note, 365)
    assert more.value.facts == {"credit_cents": 364}
    give(db, note, 364)

    assert (note.state, note.due_cents) == (InvoiceState.PAID, 0)
    assert (balance_cents(db, house.family.id), credit_cents(db, house.family.id)) == (0, 0)
    assert check_ledger(db) == []


def test_cash_leaves_the_open_drawer(db: Session) -> None:
    house, note = make_note(db)
    with pytest.raises(Refusal, match="cash_session_not_open"):
        give(db, note, GIVEN_BACK, PaymentMeans.CASH)
    open_cash_session(db, actor=ACTOR, now=NOW, cashier_name="R. Régis", float_cents=5_000)
    with pytest.raises(Refusal, match="drawer_too_short"):
        give(db, note, GIVEN_BACK, PaymentMeans.CASH)
    take_payment(
        db, actor=ACTOR, now=NOW, family_id=house.family.id, means=PaymentMeans.CASH, amount_cents=1_000
    )

    assert give(db, note, GIVEN_BACK, PaymentMeans.CASH).cash_session_id is not None


@pytest.mark.parametrize("means", [PaymentMeans.CARD_ONLINE, PaymentMeans.CESU, PaymentMeans.DIRECT_DEBIT])
def test_a_note_is_given_back_by_money_of_the_regie(db: Session, means: PaymentMeans) -> None:
    _, note = make_note(db)

    with pytest.raises(Refusal, match="means_not_for_refund"):
        give(db, note, 100, means)


def test_what_vouchers_paid_is_not_given_back(db: Session) -> None:
    _, note = make_note(db)
    with open_books(db, "test"):
        db.scalars(select(Payment)).one().means = PaymentMeans.ANCV
        db.flush()

    assert refundable_cents(db, note) == 0
    with pytest.raises(Refusal, match="refund_over_credit"):
        give(db, note, 100)


def test_only_the_regie_gives_back(db: Session) -> None:
    _, note = make_note(db)
    agent = Actor(label="user:1", user_id=1, roles=frozenset({Role.SCHOOL_AGENT}))

    with pytest.raises(Refusal, match="not_allowed"):
        give(db, note, 100, actor=agent)


def test_the_desk_shows_what_may_be_given_back(app: Flask, store: Session) -> None:
    house, note = make_note(store)
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    cashier = Visitor(app).sign_in(user)
    desk, path = f"/admin/guichet/familles/{house.family.id}", f"/admin/guichet/avoirs/{note.id}/rembourser"

    assert path in cashier.get(desk).links().values()
    page = cashier.get(path)
    over = cashier.submit(page, {"amount_cents": "8,65", "means": "transfer", "reason": "Départ"}, status=422)
    assert "8,64" in over.text
    done = cashier.submit(page, {"means": "transfer", "reason": "Départ"})

    assert "8,64 € rendus" in done.text.replace("\u00a0", " ")
    assert path not in cashier.get(desk).links().values()
    invoice = store.scalars(select(Invoice.id).where(Invoice.kind == InvoiceKind.INVOICE)).one()
    cashier.get(f"/admin/guichet/avoirs/{invoice}/rembourser", status=404)
