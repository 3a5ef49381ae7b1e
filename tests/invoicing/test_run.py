"""A month through the database: previewed, issued, interrupted, carried, corrected by what really happened."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.errors import Refusal
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from models.activities import ActivityKind
from models.attendance import AbsenceJustification, ActivityEvent, EventKind, Presence
from models.invoices import CarriedAmount, Delivery, Invoice, InvoiceItem, InvoiceLine, RunState
from models.payments import LedgerEntry
from models.reservations import Reservation, ReservationState
from models.tariffs import SiblingDiscount
from tests.invoicing.support import DECEMBER, JANUARY, NOVEMBER, ON_TIME, issue
from tests.support.households import ACTOR, Household, instant, make_family, make_household, make_pupil

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY


def lines(session: Session) -> list[InvoiceLine]:
    return list(session.scalars(select(InvoiceLine).order_by(InvoiceLine.invoice_id, InvoiceLine.position)))


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def test_a_month_of_meals_is_one_explained_line(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 10)

    run = issue(house.session)

    invoice = house.session.scalars(select(Invoice)).one()
    line = lines(house.session)[0]
    assert (line.label, line.quantity, line.unit_cents, line.amount_cents) == ("Restauration", 10, 306, 3060)
    assert line.explanation["price"]["quotient_cents"] == 85_000
    assert len(line.explanation["days"]) == 10
    assert invoice.number == "F2026-000001"
    assert invoice.delivery is Delivery.PAPER
    assert invoice.payer_address.endswith("45110 Saint-Préau")
    assert (run.state, run.issued_total_cents, run.failure) == (RunState.ISSUED, 3060, "")


def test_a_whole_bill_discount_for_the_second_child_is_taken_off_once(house: Household) -> None:
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=date(2026, 9, 1)))
    house.book(house.elder, CANTEEN, NOVEMBER, 12)
    house.book(house.elder, STUDY, NOVEMBER, 8)
    house.book(house.younger, CANTEEN, NOVEMBER, 11)

    issue(house.session)

    found = [(line.child_name, line.label, line.amount_cents) for line in lines(house.session)]
    assert ("Léo Martin", "Étude surveillée", 8 * 210) in found
    assert ("Jade Martin", "Réduction fratrie", -337) in found
    total = house.session.scalars(select(Invoice.total_cents)).one()
    assert total == sum(amount for _, _, amount in found)


def test_issuing_again_bills_nothing_twice(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 10)

    issue(house.session)
    again = issue(house.session)

    assert again.control_total_cents == 0
    assert house.session.scalar(select(func.count()).select_from(Invoice)) == 1
    assert house.session.scalar(select(func.count()).select_from(InvoiceItem)) == 10


def test_an_interrupted_run_goes_on_without_gap_or_double(house: Household) -> None:
    families = [make_family(house.session, name) for name in ("Roux", "Petit", "Moreau")]
    for number, family in enumerate(families):
        child = make_pupil(house.session, house.setting, family, "Noé", date(2019, 1, 1 + number), "CE1")
        other = Household(house.session, house.setting, family, child, child)
        other.book(child, CANTEEN, NOVEMBER, 6)
    run = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
    start_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)

    issue_next_families(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id, limit=1)
    start_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)
    while issue_next_families(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id, limit=2):
        pass

    numbers = house.session.scalars(select(Invoice.sequence).order_by(Invoice.sequence)).all()
    assert numbers == [1, 2, 3]
    assert run.issued_total_cents == run.control_total_cents
    assert run.done_count == run.family_count == 3


def test_what_stays_under_the_threshold_is_carried_until_it_is_worth_a_letter(house: Household) -> None:
    first = house.book(house.elder, CANTEEN, NOVEMBER, 3)
    house.book(house.elder, CANTEEN, DECEMBER, 1)
    house.book(house.elder, CANTEEN, JANUARY, 2)

    for month in (NOVEMBER, DECEMBER):
        issue(house.session, month)
        assert house.session.scalar(select(func.count()).select_from(Invoice)) == 0
    issue(house.session, JANUARY)

    invoice = house.session.scalars(select(Invoice)).one()
    assert invoice.total_cents == 6 * 306
    assert [line.amount_cents for line in lines(house.session)] == [612, 918, 306]
    assert house.session.scalar(select(func.count()).select_from(CarriedAmount)) == 2
    assert first[0].state is ReservationState.RESERVED


def test_who_leaves_is_invoiced_at_once(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 1)
    house.family.left_on = date(2026, 11, 30)

    issue(house.session)

    assert house.session.scalars(select(Invoice.total_cents)).one() == 306


def test_the_roll_call_decides_what_is_billed(house: Household) -> None:
    booked = house.book(house.elder, CANTEEN, NOVEMBER, 8)
    days = house.days(CANTEEN, NOVEMBER, 9)
    house.call(house.elder, days[0], Presence.PRESENT)
    house.call(house.elder, days[1], Presence.ABSENT)
    house.call(house.elder, days[2], Presence.ABSENT)
    house.session.add(
        AbsenceJustification(
            child_id=house.elder.id,
            family_id=house.family.id,
            starts_on=days[2].day,
            ends_on=days[2].day,
            justified_at=instant(days[2].day, 18),
            is_accepted=True,
        )
    )
    house.session.add(ActivityEvent(activity_day_id=days[3].id, kind=EventKind.STRIKE))
    house.call(house.elder, days[8], Presence.PRESENT)  # came without a booking
    house.session.execute(
        Reservation.__table__.update()
        .where(Reservation.id == booked[4].id)
        .values(state="cancelled", cancelled_at=instant(date(2026, 11, 2)))
    )

    issue(house.session)

    found = {
        (line.unit_cents, line.explanation["price"]["situation"]): line.quantity
        for line in lines(house.session)
    }
    assert found == {(306, "normal"): 4, (306, "absence"): 1, (505, "unreserved"): 1}


def test_waiting_days_are_billed_once_for_an_absence_over_two_months(house: Household) -> None:
    december = house.book(house.elder, CANTEEN, DECEMBER, 2)
    late = house.days(CANTEEN, NOVEMBER, 40)[-2:]
    house.book(house.elder, CANTEEN, NOVEMBER, len(house.days(CANTEEN, NOVEMBER, 40)))
    for day in [*late, *house.days(CANTEEN, DECEMBER, 2)]:
        house.call(house.elder, day, Presence.ABSENT)
    house.session.add(
        AbsenceJustification(
            child_id=house.elder.id,
            family_id=house.family.id,
            starts_on=late[0].day,
            ends_on=december[-1].day,
            justified_at=instant(late[0].day + timedelta(days=7)),
            is_accepted=True,
        )
    )

    issue(house.session)
    run = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=DECEMBER)

    absent = [line for line in lines(house.session) if line.explanation["price"]["situation"] == "absence"]
    assert [line.quantity for line in absent] == [2]
    assert run.control_total_cents == 0


def test_a_family_without_quotient_pays_the_ceiling_and_is_told_to_staff(db: Session) -> None:
    house = make_household(db, quotient_cents=None)
    house.book(house.elder, CANTEEN, NOVEMBER, 4)

    run = preview_run(db, actor=ACTOR, now=ON_TIME, month=NOVEMBER)

    assert run.control_total_cents == 4 * 450
    assert run.anomaly_count == 1


def test_an_invoice_moves_the_familys_account(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 10)

    issue(house.session)

    assert house.session.scalars(select(LedgerEntry.amount_cents)).all() == [3060]


def test_a_month_that_is_being_issued_is_not_previewed_again(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    run = preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
    start_run(house.session, actor=ACTOR, now=ON_TIME, run_id=run.id)

    with pytest.raises(Refusal, match="run_already_issuing"):
        preview_run(house.session, actor=ACTOR, now=ON_TIME, month=NOVEMBER)
