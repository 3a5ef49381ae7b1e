"""A price that two homes share by a percentage: each is billed its part, once, at its own quotient (DOMAIN §7)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.custody.operations import attach_child, set_arrangement
from domain.family.quotients import record_quotient
from domain.invoicing.credit import correct_invoice
from domain.invoicing.queries import line_reasons
from domain.invoicing.recount import recount_month
from domain.invoicing.running import running_total
from domain.payments.ledger import check_ledger
from domain.pricing.rules import Explanation, Method, Price, Residence, Situation
from models.activities import ActivityKind
from models.attendance import Presence
from models.custody import CustodyPattern
from models.family import Family
from models.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState
from models.quotients import QuotientSource
from models.town import Town
from tests.invoicing.support import DECEMBER, NOVEMBER, ON_TIME, issue, set_price
from tests.support.households import ACTOR, AUGUST, Household, make_family, make_household

CANTEEN = ActivityKind.CANTEEN
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def give_quotient(session: Session, family: Family, cents: int) -> None:
    record_quotient(
        session,
        actor=ACTOR,
        now=AUGUST,
        family_id=family.id,
        value_cents=cents,
        source=QuotientSource.CAF,
        valid_from=SEPTEMBER,
    )


def share(house: Household, percent: int | None, since: date = SEPTEMBER, quotient: int = 85_000) -> Family:
    """Put the elder into a second home, which pays the other part of each of its days."""
    session = house.session
    other = make_family(session, "Moreau")
    give_quotient(session, other, quotient)
    attach_child(
        session, actor=ACTOR, now=AUGUST, child_id=house.elder.id, family_id=other.id, valid_from=SEPTEMBER
    )
    set_arrangement(
        session,
        actor=ACTOR,
        now=AUGUST,
        child_id=house.elder.id,
        family_id=house.family.id,
        pattern=CustodyPattern.ALTERNATE_FROM_START,
        valid_from=since,
        share_percent=percent,
    )
    return other


def billed(session: Session) -> dict[int, int]:
    """What each family was invoiced and has not got back, in cents."""
    rows = session.execute(
        select(Invoice.family_id, Invoice.total_cents).where(
            Invoice.kind == InvoiceKind.INVOICE, Invoice.state != InvoiceState.CANCELLED
        )
    )
    found: dict[int, int] = {}
    for family_id, cents in rows:
        found[family_id] = found.get(family_id, 0) + cents
    return found


def test_100_01_at_50_50_is_50_01_and_50_00(house: Household) -> None:
    set_price(house, CANTEEN, (SEPTEMBER, 10_001))
    house.book(house.elder, CANTEEN, NOVEMBER, 1)
    other = share(house, 50)

    issue(house.session)

    assert billed(house.session) == {house.family.id: 5001, other.id: 5000}
    assert check_ledger(house.session) == []


def test_each_home_pays_its_part_of_the_price_at_its_own_quotient(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    other = share(house, 60, quotient=125_000)

    issue(house.session)

    lines = house.session.scalars(select(InvoiceLine).order_by(InvoiceLine.invoice_id)).all()
    assert [(line.quantity, line.unit_cents) for line in lines] == [(16, 184), (16, 180)]
    assert set(billed(house.session)) == {house.family.id, other.id}
    told = [next(iter(line_reasons(line.quantity, line.unit_cents, line.explanation))) for line in lines]
    assert [sentence.replace("\xa0", " ") for sentence in told] == [
        "16 repas × 1,84 € : 60 % de 3,06 €, prix partagé entre deux foyers, QF 850 × 0,36 %,"
        " tarif du 1er sept. 2026",
        "16 repas × 1,80 € : 40 % de 4,50 €, prix partagé entre deux foyers, QF 1250 × 0,36 %,"
        " tarif du 1er sept. 2026",
    ]


def test_a_shared_day_is_billed_to_each_home_once_whatever_is_issued_again(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    other = share(house, 50)
    issue(house.session)

    again = issue(house.session)

    assert again.invoice_count == 0
    assert billed(house.session) == {house.family.id: 16 * 153, other.id: 16 * 153}
    homes = house.session.execute(select(InvoiceItem.reservation_id, InvoiceItem.home)).all()
    assert len(homes) == len(set(homes)) == 32
    assert recount_month(house.session, NOVEMBER).is_right


def test_days_before_the_percentage_are_whole(house: Household) -> None:
    days = house.book(house.elder, CANTEEN, NOVEMBER, 10)
    other = share(house, 50, since=days[6].day)

    issue(house.session)

    assert billed(house.session) == {house.family.id: 6 * 306 + 4 * 153}
    carried = recount_month(house.session, NOVEMBER)
    assert (carried.document_count, carried.is_right) == (2, True)
    assert running(house, other) == 0


def running(house: Household, family: Family) -> int:
    found = running_total(house.session, actor=ACTOR, now=ON_TIME, family_id=family.id)
    return found.expected_cents


def test_a_calendar_without_percentage_bills_who_booked(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 6)
    share(house, None)

    issue(house.session)

    assert billed(house.session) == {house.family.id: 6 * 306}


def test_a_child_who_comes_unbooked_is_shared_too(house: Household) -> None:
    [day] = house.days(CANTEEN, NOVEMBER, 1)
    house.session.get_one(Town, 1).collection_threshold_cents = 0
    house.call(house.elder, day, Presence.PRESENT)
    other = share(house, 50)

    issue(house.session)

    found = billed(house.session)
    assert set(found) == {house.family.id, other.id}
    assert found[house.family.id] - found[other.id] in (0, 1)


def test_what_is_given_back_to_one_home_is_billed_to_it_again_and_to_no_other(house: Household) -> None:
    session = house.session
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    other = share(house, 50)
    issue(session)
    mine = session.scalars(select(Invoice).where(Invoice.family_id == other.id)).one()

    correct_invoice(
        session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=mine.id,
        given_back=None,
        reason="À refaire",
        bill_again=True,
    )
    issue(session)

    assert billed(session) == {house.family.id: 16 * 153, other.id: 16 * 153}
    assert check_ledger(session) == []


def test_the_running_total_of_each_home_is_its_part(house: Household) -> None:
    house.book(house.elder, CANTEEN, DECEMBER, 10)
    other = share(house, 50)

    assert (running(house, house.family), running(house, other)) == (1530, 1530)


PRICE = Explanation("Cantine", "repas", "repas", SEPTEMBER, Method.FLAT, Residence.ANY, Situation.NORMAL)


@given(st.integers(0, 10**7), st.integers(0, 100))
def test_two_parts_make_the_whole_and_neither_is_a_cent_from_its_share(cents: int, percent: int) -> None:
    whole = Price(cents, PRICE)

    first, second = (whole.shared(percent, is_first=is_first) for is_first in (True, False))

    assert first.unit_cents + second.unit_cents == cents
    assert abs(100 * first.unit_cents - cents * percent) < 100
    assert (first.explanation.share_percent, second.explanation.share_percent) == (percent, 100 - percent)
    assert Explanation.from_dict(first.explanation.to_dict()) == first.explanation
