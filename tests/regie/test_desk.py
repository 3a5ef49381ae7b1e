"""The desk on both databases: opened, used, undone, counted, closed; every cent accounted for."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.payments.ledger import check_ledger
from domain.payments.operations import allocate_credit
from domain.payments.queries import balance_cents, credit_cents
from domain.regie.operations import close_cash_session, open_cash_session, take_payment
from domain.regie.queries import closed_desk, deposit_slips, open_desk
from domain.regie.refunds import cancel_entry, refund_credit
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceState
from models.payments import LedgerEntry, LedgerKind, Payment, PaymentMeans
from models.regies import CashSession
from tests.invoicing.support import DECEMBER, issue, owe_ten_meals
from tests.support.households import ACTOR, Household, instant, make_household

NOON = instant(date(2026, 12, 10), 12)
CASH, CHEQUE, CESU, ANCV = PaymentMeans.CASH, PaymentMeans.CHEQUE, PaymentMeans.CESU, PaymentMeans.ANCV


@pytest.fixture
def house(db: Session) -> Household:
    """A family that owes ten meals (30,60 €) and five evenings of childcare, at an open desk."""
    made = make_household(db, lived=owe_ten_meals)
    open_cash_session(db, actor=ACTOR, now=NOON, cashier_name="Rachid Régis", float_cents=5_000)
    return made


def take(house: Household, cents: int, means: PaymentMeans = CASH, **more: object) -> Payment:
    return take_payment(
        house.session,
        actor=ACTOR,
        now=NOON,
        family_id=house.family.id,
        means=means,
        amount_cents=cents,
        **more,  # type: ignore[arg-type]
    )


def refuse(code: str, house: Household, cents: int, means: PaymentMeans = CASH) -> dict[str, object]:
    with pytest.raises(Refusal) as refusal:
        take(house, cents, means)
    assert refusal.value.code == code
    return refusal.value.facts


def close(house: Household, pieces: dict[int, int], note: str = "") -> CashSession:
    return close_cash_session(house.session, actor=ACTOR, now=NOON, pieces=pieces, note=note)


def invoices(house: Household) -> list[Invoice]:
    return list(house.session.scalars(select(Invoice).order_by(Invoice.id)))


def test_money_at_the_desk_settles_the_invoice_against_a_numbered_receipt(house: Household) -> None:
    first, second = take(house, 2_000), take(house, 1_060, CHEQUE, bank_reference="0042, Crédit Agricole")

    assert [first.number, second.number] == ["P2026-000001", "P2026-000002"]
    assert invoices(house)[0].state is InvoiceState.PAID
    desk = open_desk(house.session, ACTOR)
    assert desk is not None
    assert desk.totals == {"cash": 2_000, "cheque": 1_060}
    assert desk.expected_cents == 7_000
    assert check_ledger(house.session) == []


def test_the_oldest_is_paid_first_unless_another_is_chosen_and_the_rest_is_credit(house: Household) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 8)
    issue(house.session, DECEMBER)
    older, newer = invoices(house)

    take(house, 1_000, invoice_ids=[newer.id])
    assert (older.paid_cents, newer.paid_cents) == (0, 1_000)
    take(house, 10_000)

    assert (older.due_cents, newer.due_cents) == (0, 0)
    assert credit_cents(house.session, house.family.id) == 11_000 - 3_060 - 2_448
    assert check_ledger(house.session) == []


def test_nothing_is_taken_without_an_open_desk(house: Household) -> None:
    close(house, {5_000: 1})

    refuse("cash_session_not_open", house, 100)


def test_a_desk_is_opened_once_by_each_cashier(house: Household) -> None:
    with pytest.raises(Refusal, match="cash_session_already_open"):
        open_cash_session(house.session, actor=ACTOR, now=NOON, cashier_name="R.", float_cents=0)
    other = Actor(label="user:2", user_id=2, roles=frozenset({Role.REGISSEUR}))
    open_cash_session(house.session, actor=other, now=NOON, cashier_name="S.", float_cents=0)
    with pytest.raises(Refusal, match="float_negative"):
        open_cash_session(house.session, actor=other, now=NOON, cashier_name="S.", float_cents=-1)


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER, Role.PARENT])
def test_only_who_cashes_takes_money(house: Household, role: Role) -> None:
    actor = Actor(label="user:3", user_id=3, roles=frozenset({role}))

    for act in (
        lambda: open_cash_session(house.session, actor=actor, now=NOON, cashier_name="", float_cents=0),
        lambda: take_payment(
            house.session, actor=actor, now=NOON, family_id=house.family.id, means=CASH, amount_cents=1
        ),
        lambda: close_cash_session(house.session, actor=actor, now=NOON, pieces={}, note=""),
    ):
        with pytest.raises(Refusal, match="not_allowed"):
            act()


def test_what_the_desk_does_not_take(house: Household) -> None:
    refuse("amount_not_positive", house, 0)
    refuse("means_not_for_desk", house, 100, PaymentMeans.CARD_ONLINE)
    refuse("means_not_for_desk", house, 100, PaymentMeans.DIRECT_DEBIT)
    refuse("cheque_number_missing", house, 100, CHEQUE)
    with pytest.raises(Refusal, match="family_unknown"):
        take_payment(house.session, actor=ACTOR, now=NOON, family_id=-1, means=CASH, amount_cents=1)


def test_vouchers_never_pay_meals(house: Household) -> None:
    assert refuse("means_not_accepted", house, 100, CESU) == {"means": "cesu", "limit_cents": 0}
    assert refuse("means_not_accepted", house, 100, ANCV)["limit_cents"] == 0


def test_vouchers_settle_what_they_may_and_leave_the_meals_due(house: Household) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 4)
    house.book(house.elder, ActivityKind.EVENING_CHILDCARE, DECEMBER, 4)
    issue(house.session, DECEMBER)
    meals, both = invoices(house)
    childcare = both.total_cents - 4 * 306

    assert refuse("means_not_accepted", house, childcare + 1, CESU)["limit_cents"] == childcare
    paid = take(house, childcare, CESU)

    assert (meals.paid_cents, both.paid_cents) == (0, childcare)
    assert paid.credit_cents == 0
    assert refuse("means_not_accepted", house, 1, CESU)["limit_cents"] == 0
    assert refuse("means_not_accepted", house, 1, ANCV)["limit_cents"] == 0


def test_a_credit_of_vouchers_never_goes_to_meals(house: Household) -> None:
    house.book(house.elder, ActivityKind.EVENING_CHILDCARE, DECEMBER, 8)
    issue(house.session, DECEMBER)
    meals, childcare = invoices(house)
    paid = take(house, childcare.total_cents, CESU)
    cancel_entry(house.session, actor=ACTOR, now=NOON, payment_id=paid.id, reason="Erreur de saisie")

    assert allocate_credit(house.session, actor=ACTOR, now=NOON, family_ids=[house.family.id]) == 0
    assert (meals.paid_cents, childcare.paid_cents) == (0, 0)


def test_a_wrong_entry_is_undone_and_its_invoice_is_due_again(house: Household) -> None:
    wrong = take(house, 3_060)

    refund = cancel_entry(house.session, actor=ACTOR, now=NOON, payment_id=wrong.id, reason="Autre famille")

    assert (refund.number, refund.amount_cents, refund.means) == ("R2026-000001", 3_060, CASH)
    invoice = invoices(house)[0]
    assert (invoice.paid_cents, invoice.state) == (0, InvoiceState.ISSUED)
    assert balance_cents(house.session, house.family.id) == 3_060
    assert open_desk(house.session, ACTOR).totals["cash"] == 0  # type: ignore[union-attr]
    assert check_ledger(house.session) == []
    with pytest.raises(Refusal, match="entry_already_refunded"):
        cancel_entry(house.session, actor=ACTOR, now=NOON, payment_id=wrong.id, reason="Encore")


def test_entries_of_a_closed_desk_are_locked(house: Household) -> None:
    taken = take(house, 1_000)
    close(house, {5_000: 1, 1_000: 1})
    open_cash_session(house.session, actor=ACTOR, now=NOON, cashier_name="R.", float_cents=0)

    with pytest.raises(Refusal, match="cash_session_closed"):
        cancel_entry(house.session, actor=ACTOR, now=NOON, payment_id=taken.id, reason="Trop tard")


def test_the_drawer_is_counted_and_a_difference_explained(house: Household) -> None:
    take(house, 3_060)
    take(house, 500, CHEQUE, bank_reference="77")

    with pytest.raises(Refusal) as refusal:
        close(house, {5_000: 1, 1_000: 3})
    assert refusal.value.facts == {"difference_cents": -60}
    desk = close(house, {5_000: 1, 1_000: 3}, "Soixante centimes rendus en trop")

    view = closed_desk(house.session, desk.id)
    assert view is not None
    assert (view.expected_cents, view.counted_cents, view.difference_cents) == (8_060, 8_000, -60)
    slips = [(slip.number, slip.means, slip.amount_cents) for slip in deposit_slips(house.session, desk.id)]
    assert slips == [("BV2026-000001", CASH, 3_060), ("BV2026-000002", CHEQUE, 500)]


def test_a_credit_is_given_back_once_and_the_books_agree(house: Household) -> None:
    paid = take(house, 5_000)

    def give(cents: int, means: PaymentMeans = PaymentMeans.TRANSFER, reason: str = "Départ") -> None:
        refund_credit(
            house.session,
            actor=ACTOR,
            now=NOON,
            payment_id=paid.id,
            amount_cents=cents,
            means=means,
            reason=reason,
        )

    for code, cents, means, reason in (
        ("refund_over_credit", 1_941, PaymentMeans.TRANSFER, "Départ"),
        ("note_missing", 1_000, PaymentMeans.TRANSFER, " "),
        ("amount_not_positive", 0, PaymentMeans.TRANSFER, "Départ"),
        ("means_not_for_refund", 1_000, CESU, "Départ"),
        ("means_not_for_refund", 1_000, PaymentMeans.CARD_ONLINE, "Départ"),
        ("drawer_too_short", 5_001, CASH, "Départ"),
    ):
        with pytest.raises(Refusal, match=code):
            give(cents, means, reason)
    give(1_000)
    give(940, CASH)

    assert credit_cents(house.session, house.family.id) == 0
    assert balance_cents(house.session, house.family.id) == 0
    refunds = select(func.sum(LedgerEntry.amount_cents)).where(LedgerEntry.kind == LedgerKind.REFUND)
    assert house.session.scalar(refunds) == 1_940
    assert open_desk(house.session, ACTOR).totals["cash"] == 4_060  # type: ignore[union-attr]
    assert check_ledger(house.session) == []


def test_what_was_given_back_settles_nothing_any_more(house: Household) -> None:
    paid = take(house, 5_000)
    refund_credit(
        house.session,
        actor=ACTOR,
        now=NOON,
        payment_id=paid.id,
        amount_cents=1_500,
        means=PaymentMeans.TRANSFER,
        reason="Départ",
    )
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 8)
    issue(house.session, DECEMBER)

    allocate_credit(house.session, actor=ACTOR, now=NOON, family_ids=[house.family.id])

    assert invoices(house)[-1].paid_cents == 440
    assert check_ledger(house.session) == []
