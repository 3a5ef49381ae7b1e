"""A past month counted again comes to what was issued, whatever was learnt since; what was rewritten is named."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.attendance.absences import decide_absence, report_absence
from domain.books import open_books
from domain.custody.operations import attach_child, set_arrangement
from domain.demarches.operations import NewAddress, decide_address_change, report_address_change
from domain.family.quotients import record_quotient
from domain.invoicing.credit import correct_invoice
from domain.invoicing.recount import Recounted, recount_month
from domain.invoicing.retroactive import apply_quotient
from models.activities import ActivityKind
from models.attendance import Attendance, Presence
from models.base import stamp_session
from models.custody import CustodyPattern
from models.invoices import Invoice, InvoiceLine, LineKind
from models.quotients import QuotientSource
from models.reservations import Reservation, ReservationState
from models.tariffs import PriceRule, SiblingDiscount, Tariff, TariffVersion
from models.town import raise_revision
from tests.invoicing.support import DECEMBER, NOVEMBER, ON_TIME, issue, owe_ten_meals
from tests.support.households import ACTOR, AUGUST, Household, instant, make_family, make_household

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
LATER = ON_TIME + timedelta(days=40)


@pytest.fixture
def house(db: Session) -> Household:
    """Two children, a sibling discount, a roll-call with an absence and an unbooked presence; November is issued."""
    made = make_household(db)
    db.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    days = [one.day for one in made.book(made.elder, CANTEEN, NOVEMBER, 10)]
    made.book(made.younger, STUDY, NOVEMBER, 8)
    open_days = made.days(CANTEEN, NOVEMBER, 12)
    stamp_session(db, ACTOR.label, instant(days[9]))
    made.call(made.elder, open_days[0], Presence.ABSENT)
    made.call(made.elder, open_days[1], Presence.PRESENT)
    made.call(made.younger, open_days[11], Presence.PRESENT)
    stamp_session(db, ACTOR.label, ON_TIME)
    issue(db)
    stamp_session(db, ACTOR.label, LATER)
    return made


def learn_quotient(house: Household, since: date, cents: int) -> None:
    quotient = record_quotient(
        house.session,
        actor=ACTOR,
        now=LATER,
        family_id=house.family.id,
        value_cents=cents,
        source=QuotientSource.CAF,
        valid_from=since,
    )
    apply_quotient(
        house.session,
        actor=ACTOR,
        now=LATER,
        family_id=house.family.id,
        quotient_id=quotient.id,
        since=since,
    )


def vote_prices(house: Household, since: date, cents: int) -> None:
    """Every price list has a new version from a day on."""
    session = house.session
    for tariff in session.scalars(select(Tariff)).all():
        session.execute(
            update(TariffVersion)
            .where(TariffVersion.tariff_id == tariff.id, TariffVersion.valid_to.is_(None))
            .values(valid_to=since)
        )
        rule = PriceRule(method="flat", amount_cents=cents, bands=[])
        session.add(TariffVersion(tariff_id=tariff.id, valid_from=since, rules=[rule]))
    session.flush()
    raise_revision(session)


def move_away(house: Household, since: date) -> None:
    moved = report_address_change(
        house.session,
        actor=ACTOR,
        now=LATER,
        family_id=house.family.id,
        address=NewAddress("3 rue du Lac", "", "45000", "Orléans"),
        effective_on=since,
        proof_id=None,
    )
    decide_address_change(house.session, actor=ACTOR, now=LATER, demarche_id=moved.demarche_id, accept=True)


def share_child(house: Household, since: date, percent: int | None) -> None:
    other = make_family(house.session, "Moreau")
    attach_child(
        house.session,
        actor=ACTOR,
        now=LATER,
        child_id=house.elder.id,
        family_id=other.id,
        valid_from=SEPTEMBER,
    )
    set_arrangement(
        house.session,
        actor=ACTOR,
        now=LATER,
        child_id=house.elder.id,
        family_id=other.id,
        pattern=CustodyPattern.EVEN_WEEKS,
        valid_from=since,
        share_percent=percent,
    )


def test_a_month_just_issued_comes_to_the_same(house: Household) -> None:
    found = recount_month(house.session, NOVEMBER)

    invoice = house.session.scalars(select(Invoice)).one()
    assert (found.document_count, found.differences) == (1, [])
    assert found.issued_cents == found.recounted_cents == invoice.total_cents
    assert house.session.scalars(select(InvoiceLine).where(InvoiceLine.kind == LineKind.DISCOUNT)).one()


def test_a_certificate_accepted_after_the_issue_does_not_change_the_month(house: Household) -> None:
    first = house.session.scalars(select(Attendance).where(Attendance.presence == Presence.ABSENT)).one()
    stamp_session(house.session, ACTOR.label, instant(first.day))
    absence = report_absence(
        house.session,
        actor=ACTOR,
        now=instant(first.day),
        child_id=house.elder.id,
        family_id=house.family.id,
        starts_on=first.day,
        ends_on=first.day,
    )
    decide_absence(house.session, actor=ACTOR, now=LATER, absence_id=absence.id, accept=True)

    assert recount_month(house.session, NOVEMBER).is_right


def test_a_cancelled_and_corrected_invoice_is_still_what_was_issued(house: Household) -> None:
    invoice = house.session.scalars(select(Invoice)).one()
    correct_invoice(
        house.session, actor=ACTOR, now=LATER, invoice_id=invoice.id, given_back=None, reason="Erreur"
    )

    assert recount_month(house.session, NOVEMBER).is_right


def test_a_carried_sum_is_counted_again_too(db: Session) -> None:
    made = make_household(db)
    made.book(made.elder, CANTEEN, NOVEMBER, 2)
    issue(db)
    made.book(made.elder, CANTEEN, DECEMBER, 8)
    issue(db, DECEMBER)
    stamp_session(db, ACTOR.label, LATER)
    learn_quotient(made, SEPTEMBER, 40_000)

    found = [recount_month(db, month) for month in (NOVEMBER, DECEMBER)]

    assert [(one.issued_cents, one.recounted_cents, one.differences) for one in found] == [
        (612, 612, []), (3060, 3060, []),
    ]  # fmt: skip


def test_a_reservation_cancelled_since_is_named(house: Household) -> None:
    booked = house.session.scalars(select(Reservation).order_by(Reservation.day.desc()).limit(1)).one()
    booked.state, booked.cancelled_at = ReservationState.CANCELLED, LATER
    house.session.flush()

    found = recount_month(house.session, NOVEMBER)

    number = house.session.scalars(select(Invoice.number)).one()
    assert found.differences == [
        Recounted(number, house.family.id, "Léo Martin", "Restauration", 2754, 2448, gone=(booked.day,))
    ]


def test_a_price_rewritten_since_is_named(house: Household) -> None:
    rule = house.session.scalars(select(PriceRule).where(PriceRule.rate_ppm == 3600)).one()
    rule.rate_ppm = 3700
    house.session.flush()
    raise_revision(house.session)

    found = [
        one for one in recount_month(house.session, NOVEMBER).differences if one.child_name == "Léo Martin"
    ]

    assert sum(one.issued_cents for one in found) == 10 * 306
    assert sum(one.recounted_cents for one in found) == 10 * 315
    assert sum(len(one.repriced) for one in found) == 10


def test_a_cent_changed_in_the_books_is_named(house: Household) -> None:
    with open_books(house.session, "a fault of the test"):
        line = house.session.scalars(select(InvoiceLine).where(InvoiceLine.quantity == 9)).one()
        line.unit_cents, line.amount_cents = 307, 9 * 307
        house.session.flush()

    [found] = recount_month(house.session, NOVEMBER).differences

    assert (found.issued_cents, found.recounted_cents, len(found.repriced)) == (9 * 307, 9 * 306, 9)


def test_the_command_proves_a_month(app: Flask, store: Session) -> None:
    make_household(store, lived=owe_ten_meals)
    store.commit()
    runner = app.test_cli_runner()

    proof = runner.invoke(args=["invoices", "recount", "2026-11"])

    assert (proof.exit_code, "Rien n’a changé" in proof.output) == (0, True)

    booked = store.scalars(select(Reservation).limit(1)).one()
    booked.state, booked.cancelled_at = ReservationState.CANCELLED, LATER
    store.commit()
    proof = runner.invoke(args=["invoices", "recount", "2026-11"])
    assert proof.exit_code == 1
    assert "Léo Martin, Restauration : 30,60\xa0€ émis, 27,54\xa0€ recalculés" in proof.output


DAYS = st.dates(SEPTEMBER, date(2027, 1, 31))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just(learn_quotient), DAYS, st.integers(20_000, 200_000)),
        st.tuples(st.just(vote_prices), st.dates(DECEMBER, date(2027, 6, 30)), st.integers(1, 999)),
        st.tuples(st.just(move_away), st.dates(OCTOBER, date(2027, 1, 31))),
        st.tuples(st.just(share_child), DAYS, st.sampled_from([None, 50, 33])),
    ),
    max_size=3,
    unique_by=lambda change: change[0],
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(meals=st.integers(5, 16), studies=st.integers(0, 12), changes=CHANGES)
def test_whatever_is_learnt_later_a_past_month_comes_to_what_was_issued(
    db: Session, meals: int, studies: int, changes: list[tuple[object, ...]]
) -> None:
    with db.begin_nested() as savepoint:
        made = make_household(db)
        db.add(SiblingDiscount(from_rank=2, percent_bp=1500, valid_from=SEPTEMBER))
        made.book(made.elder, CANTEEN, NOVEMBER, meals)
        if studies:
            made.book(made.younger, STUDY, NOVEMBER, studies)
        stamp_session(db, ACTOR.label, ON_TIME)
        issue(db)
        before = recount_month(db, NOVEMBER)
        stamp_session(db, ACTOR.label, LATER)

        for change, *arguments in changes:
            change(made, *arguments)  # type: ignore[operator]

        after = recount_month(db, NOVEMBER)
        assert after.is_right
        assert after == before
        savepoint.rollback()
        stamp_session(db, ACTOR.label, AUGUST)
