"""An issued invoice is corrected by a credit note: nothing is changed, nothing is lost, nothing is billed twice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.invoicing.correction import IssuedLine, Reduction, kept_lines
from domain.invoicing.credit import Corrected, correct_invoice, issued_lines
from domain.invoicing.operations import preview_run
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents, credit_cents
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState
from models.payments import PaymentMeans
from models.tariffs import SiblingDiscount
from tests.invoicing.support import NOVEMBER, ON_TIME, issue, set_price
from tests.support.households import ACTOR, Household, make_household
from tests.support.money import take_money

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def billed(house: Household, meal_cents: int, study_cents: int) -> Invoice:
    """An invoice of ten meals and ten studies, of which 50,00 € are paid."""
    set_price(house, CANTEEN, (SEPTEMBER, meal_cents))
    set_price(house, STUDY, (SEPTEMBER, study_cents))
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    house.book(house.elder, STUDY, NOVEMBER, 10)
    issue(house.session)
    take_money(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=5000,
    )
    return house.session.scalars(select(Invoice)).one()


def line_of(session: Session, invoice: Invoice, label: str) -> InvoiceLine:
    return session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id, InvoiceLine.label == label)
    ).one()


def give_back(session: Session, invoice: Invoice, label: str, count: int = 0) -> Corrected:
    """Give back a line, or its first days."""
    row = line_of(session, invoice, label)
    items = [item for item, _day in issued_lines(session, [row])[0].items][:count]
    return correct_invoice(
        session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=invoice.id,
        given_back={row.id: frozenset(items)},
        reason="L’enfant était absent.",
    )


def test_120_paid_50_corrected_to_95_leaves_45_due(house: Household) -> None:
    invoice = billed(house, 950, 250)

    done = give_back(house.session, invoice, "Étude surveillée")

    assert done.invoice is not None
    assert (invoice.state, invoice.total_cents) == (InvoiceState.CANCELLED, 12_000)
    assert (done.note.number, done.note.total_cents, done.note.corrects_id) == (
        "A2026-000001", 12_000, invoice.id,
    )  # fmt: skip
    assert (done.invoice.number, done.invoice.replaces_id) == ("F2026-000002", invoice.id)
    assert (done.invoice.total_cents, done.invoice.due_cents) == (9500, 4500)
    assert balance_cents(house.session, house.family.id) == 4500
    assert check_ledger(house.session) == []


def test_120_paid_50_corrected_to_30_leaves_a_credit_of_20(house: Household) -> None:
    invoice = billed(house, 900, 300)

    done = give_back(house.session, invoice, "Restauration")

    assert done.invoice is not None
    assert (done.invoice.total_cents, done.invoice.due_cents, done.invoice.state) == (
        3000, 0, InvoiceState.PAID,
    )  # fmt: skip
    assert done.credit_cents == credit_cents(house.session, house.family.id) == 2000
    assert balance_cents(house.session, house.family.id) == -2000
    assert check_ledger(house.session) == []


def test_the_whole_invoice_is_given_back(house: Household) -> None:
    invoice = billed(house, 900, 300)

    done = correct_invoice(
        house.session, actor=ACTOR, now=ON_TIME, invoice_id=invoice.id, given_back=None, reason="Erreur"
    )

    assert done.invoice is None
    assert credit_cents(house.session, house.family.id) == 5000
    assert preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER).control_total_cents == 0
    assert check_ledger(house.session) == []


def test_what_is_given_back_to_be_billed_again_is_in_the_next_preview(house: Household) -> None:
    invoice = billed(house, 900, 300)

    correct_invoice(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=invoice.id,
        given_back=None,
        reason="Tarif faux",
        bill_again=True,
    )

    assert preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER).control_total_cents == 12_000


def test_two_days_of_a_line_are_given_back_and_the_others_keep_their_days(house: Household) -> None:
    invoice = billed(house, 900, 300)
    days = line_of(house.session, invoice, "Restauration").explanation["days"]

    done = give_back(house.session, invoice, "Restauration", 2)

    assert done.invoice is not None
    line = line_of(house.session, done.invoice, "Restauration")
    assert (line.quantity, line.amount_cents, line.explanation["days"]) == (8, 7200, days[2:])
    live = house.session.scalars(select(InvoiceItem).where(InvoiceItem.released_by_id.is_(None))).all()
    assert len(live) == 20  # the two days given back stay spent: no later month bills them
    assert preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER).control_total_cents == 0


def test_the_second_childs_discount_is_counted_again_on_what_is_kept(house: Household) -> None:
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    house.book(house.younger, CANTEEN, NOVEMBER, 11)
    issue(house.session)
    invoice = house.session.scalars(select(Invoice)).one()
    row = house.session.scalars(
        select(InvoiceLine).where(
            InvoiceLine.child_id == house.younger.id, InvoiceLine.label == "Restauration"
        )
    ).one()
    first = issued_lines(house.session, [row])[0].items[0][0]

    done = correct_invoice(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=invoice.id,
        given_back={row.id: frozenset({first})},
        reason="Absente",
    )

    assert invoice.total_cents == 10 * 306 + 11 * 306 - 337
    assert done.invoice is not None
    assert done.invoice.total_cents == 10 * 306 + 10 * 306 - 306


def test_a_credit_note_is_made_once(house: Household) -> None:
    invoice = billed(house, 900, 300)
    give_back(house.session, invoice, "Restauration")

    with pytest.raises(Refusal, match="invoice_action_not_possible"):
        give_back(house.session, invoice, "Étude surveillée")

    notes = house.session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).all()
    assert len(notes) == 1


def test_a_parent_makes_no_credit_note(house: Household) -> None:
    invoice = billed(house, 900, 300)
    parent = Actor("user:9", 9, frozenset({Role.PARENT}), frozenset({house.family.id}))

    with pytest.raises(Refusal, match="not_allowed"):
        correct_invoice(
            house.session, actor=parent, now=ON_TIME, invoice_id=invoice.id, given_back=None, reason="Non"
        )


def test_a_discount_is_not_given_back_by_itself() -> None:
    line = IssuedLine(1, 1, None, 1, -100, -100, reduction=Reduction(2, 1000, None))

    with pytest.raises(Refusal, match="discount_follows_its_lines"):
        kept_lines([line], {1: frozenset()})


@given(
    quantities=st.lists(st.integers(1, 20), min_size=1, max_size=5),
    unit=st.integers(1, 3000),
    percent=st.integers(1, 10_000),
    data=st.data(),
)
def test_what_is_kept_is_what_it_would_have_cost(
    quantities: list[int], unit: int, percent: int, data: st.DataObject
) -> None:
    """A corrected invoice equals one issued without the days given back, to the cent."""
    lines = [
        IssuedLine(
            place, 7, 3, count, unit, count * unit, tuple((place * 100 + n, f"2026-11-{n + 1:02d}") for n in range(count))
        )
        for place, count in enumerate(quantities)
    ]  # fmt: skip
    discount = IssuedLine(99, 7, None, 1, -1, -1, reduction=Reduction(2, percent, None))
    every = [item for line in lines for item, _day in line.items]
    gone = data.draw(st.sets(st.sampled_from(every), min_size=1))
    asked = {
        line.id: mine for line in lines if (mine := frozenset(item for item, _ in line.items if item in gone))
    }

    kept = kept_lines([*lines, discount], asked)

    left = (len(every) - len(gone)) * unit
    off = -sum(line.amount_cents for line in kept if line.reduction is not None)
    assert sum(line.amount_cents for line in kept if line.reduction is None) == left
    assert off == (left * percent + 5000) // 10_000
