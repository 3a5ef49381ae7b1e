"""A quotient that changes for an issued month: 8,64 € given back, as the town's policy says, or refused with a reason."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.family.quotients import record_quotient
from domain.invoicing.billing import MonthReader
from domain.invoicing.queries import line_reasons
from domain.invoicing.retroactive import apply_quotient, revised_invoices
from domain.invoicing.rules import group_lines
from domain.invoicing.running import running_total
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents, credit_cents
from domain.reservations.catalogue import catalogue
from models.activities import ActivityKind
from models.corrections import Adjustment, QuotientRevision
from models.invoices import Invoice, InvoiceKind, InvoiceLine, LineKind
from models.payments import PaymentMeans
from models.quotients import QuotientSource
from models.tariffs import PriceRule, SiblingDiscount
from models.town import RetroactivePolicy, Town
from tests.invoicing.support import DECEMBER, NOVEMBER, ON_TIME, issue
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.money import take_money

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def make_town_without_floor(db: Session) -> Household:
    """The worked figure has no floor between 3,06 € and 2,52 €."""
    made = make_household(db)
    rule = db.scalars(select(PriceRule).where(PriceRule.rate_ppm == 3600)).one()
    rule.floor_cents = 200
    db.flush()
    return made


@pytest.fixture
def house(db: Session) -> Household:
    """Sixteen meals of November, issued at QF 850."""
    made = make_town_without_floor(db)
    made.book(made.elder, CANTEEN, NOVEMBER, 16)
    issue(db)
    return made


def revise(
    house: Household, policy: RetroactivePolicy, value: int = 70_000, since: date = OCTOBER
) -> QuotientRevision:
    town = house.session.get_one(Town, 1)
    town.retroactive_policy = policy
    town.retroactive_reason = "Le règlement n’applique pas les quotients aux mois déjà facturés."
    quotient = record_quotient(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        family_id=house.family.id,
        value_cents=value,
        source=QuotientSource.CAF,
        valid_from=since,
    )
    return apply_quotient(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        family_id=house.family.id,
        quotient_id=quotient.id,
        since=since,
    )


def original(house: Household) -> Invoice:
    return house.session.scalars(select(Invoice).order_by(Invoice.id)).first()  # type: ignore[return-value]


def test_850_to_700_gives_back_8_64_by_a_credit_note(house: Household) -> None:
    revision = revise(house, RetroactivePolicy.CREDIT)

    invoice = original(house)
    note = house.session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.CREDIT_NOTE)).one()
    line = house.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == note.id)).one()
    assert (revision.difference_cents, revision.applied_cents) == (-864, -864)
    assert (note.total_cents, note.corrects_id) == (864, invoice.id)
    assert (line.quantity, line.unit_cents, line.amount_cents) == (16, 54, 864)
    assert (invoice.total_cents, invoice.due_cents) == (
        4896,
        4032,
    )  # untouched; the credit settles a part of it
    assert balance_cents(house.session, house.family.id) == 4032
    assert check_ledger(house.session) == []
    words = " ".join(line_reasons(line.quantity, line.unit_cents, line.explanation))
    assert "2,52" in words
    assert "au lieu de 3,06" in words


def test_on_a_paid_invoice_the_credit_is_the_familys_for_its_next_one(house: Household) -> None:
    take_money(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        family_id=house.family.id,
        means=PaymentMeans.CASH,
        amount_cents=4896,
    )

    revise(house, RetroactivePolicy.CREDIT)

    assert credit_cents(house.session, house.family.id) == 864
    assert balance_cents(house.session, house.family.id) == -864


def test_the_difference_may_be_a_line_of_the_next_invoice(house: Household) -> None:
    revise(house, RetroactivePolicy.NEXT_INVOICE)
    house.book(house.elder, CANTEEN, DECEMBER, 10)

    run = issue(house.session, DECEMBER)

    last = house.session.scalars(select(Invoice).order_by(Invoice.id.desc())).first()
    assert last is not None
    rows = house.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == last.id)).all()
    assert {row.kind: row.amount_cents for row in rows} == {LineKind.SERVICE: 2520, LineKind.ADJUSTMENT: -864}
    assert last.total_cents == 2520 - 864 == run.control_total_cents
    assert house.session.scalars(select(Adjustment.invoice_id)).one() == last.id
    issue(house.session, date(2027, 1, 1))
    assert len(house.session.scalars(select(Invoice)).all()) == 2
    assert check_ledger(house.session) == []


def test_the_commune_may_refuse_and_the_file_says_why(house: Household) -> None:
    revision = revise(house, RetroactivePolicy.REFUSED)

    assert (revision.difference_cents, revision.applied_cents) == (-864, 0)
    assert revision.reason.startswith("Le règlement n’applique pas")
    assert len(house.session.scalars(select(Invoice)).all()) == 1
    assert house.session.scalars(select(Adjustment)).all() == []


def test_more_to_pay_is_never_a_credit_note_but_a_line(house: Household) -> None:
    revision = revise(house, RetroactivePolicy.CREDIT, value=100_000)

    assert revision.applied_cents == 16 * (360 - 306)
    assert house.session.scalars(select(Adjustment.amount_cents)).one() == 864


def test_revising_twice_gives_back_once(house: Household) -> None:
    revise(house, RetroactivePolicy.CREDIT)

    again = revise(house, RetroactivePolicy.CREDIT)
    once_more = revise(house, RetroactivePolicy.CREDIT, value=80_000)

    assert again.difference_cents == 0
    assert once_more.difference_cents == 16 * (288 - 252)


def test_only_the_days_from_the_new_quotient_on_are_revised(house: Household) -> None:
    days = house.days(CANTEEN, NOVEMBER, 16)

    revision = revise(house, RetroactivePolicy.CREDIT, since=days[12].day)

    assert revision.applied_cents == -4 * 54


def test_the_sibling_discount_is_counted_again(db: Session) -> None:
    made = make_town_without_floor(db)
    db.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    made.book(made.elder, CANTEEN, NOVEMBER, 10)
    made.book(made.younger, CANTEEN, NOVEMBER, 10)
    issue(db)

    revision = revise(made, RetroactivePolicy.CREDIT)

    assert revision.applied_cents == -(20 * 54) + (306 - 252)
    assert check_ledger(db) == []


def test_the_running_total_is_read_on_any_day(house: Household) -> None:
    house.book(house.elder, CANTEEN, DECEMBER, 10)
    tenth = house.days(CANTEEN, DECEMBER, 10)[4].day

    found = running_total(house.session, actor=ACTOR, now=instant(tenth), family_id=house.family.id)

    assert (found.month, found.so_far_cents, found.expected_cents, found.carried_cents) == (
        DECEMBER, 5 * 306, 10 * 306, 0,
    )  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(meals=st.integers(5, 16), studies=st.integers(0, 12))
def test_a_past_month_counted_again_is_what_was_issued(db: Session, meals: int, studies: int) -> None:
    with db.begin_nested() as savepoint:
        made = make_household(db)
        made.book(made.elder, CANTEEN, NOVEMBER, meals)
        if studies:
            made.book(made.younger, STUDY, NOVEMBER, studies)
        issue(db)

        reader = MonthReader(
            db, month=NOVEMBER, today=ON_TIME.date(), settings=catalogue(db), include_billed=True
        )
        [month] = reader.read([made.family.id])
        again = sorted((line.quantity, line.unit_cents) for line in group_lines(month.days))

        rows = db.scalars(select(InvoiceLine).where(InvoiceLine.kind == LineKind.SERVICE)).all()
        assert again == sorted((row.quantity, row.unit_cents) for row in rows)
        assert revised_invoices(db, family_id=made.family.id, since=SEPTEMBER, now=ON_TIME) == []
        total = sum(row.amount_cents for row in db.scalars(select(InvoiceLine)))
        assert total == db.scalars(select(Invoice.total_cents)).one()
        savepoint.rollback()
