"""A family leaves: places given back, what it owes stays, and a way in to read and pay."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.family.departure import close_departed_families, depart_family, departure_of, reinstate_family
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.reservations.operations import Choice, reserve_days
from models.activities import ActivityDay, ActivityKind, ActivityRegistration, RegistrationState
from models.family import ChildFamily, Family, FamilyState
from models.invoices import CarriedAmount, Invoice
from models.reservations import LIVE_STATES, Reservation, ReservationState
from models.schools import EnrolmentState, SchoolEnrolment
from tests.support.households import ACTOR, Household, instant, make_household

CANTEEN = ActivityKind.CANTEEN
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
TODAY = date(2026, 11, 23)
NOW = instant(TODAY, 11)


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def leave(house: Household, day: date, *, now_on: date = TODAY) -> Family:
    return depart_family(
        house.session,
        actor=ACTOR,
        now=instant(now_on, 11),
        family_id=house.family.id,
        left_on=day,
        reason="Déménagement",
    )


def live(house: Household) -> list[date]:
    rows = select(Reservation.day).where(Reservation.state.in_(LIVE_STATES)).order_by(Reservation.day)
    return list(house.session.scalars(rows))


def taken(house: Household) -> int:
    house.session.expire_all()
    return house.session.scalar(select(func.sum(ActivityDay.taken))) or 0


def test_places_from_that_day_on_are_given_back_whatever_the_deadline(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 15)
    before = taken(house)
    told = departure_of(house.session, family_id=house.family.id, left_on=date(2026, 11, 24), today=TODAY)

    leave(house, date(2026, 11, 24))

    assert max(live(house)) < date(2026, 11, 24)
    assert told.bookings == before - taken(house) > 0
    assert taken(house) == len(live(house))
    states = set(house.session.scalars(select(Reservation.state)))
    assert states == {ReservationState.RESERVED, ReservationState.CANCELLED}


def test_a_departure_written_afterwards_leaves_past_days_as_they_were(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 15)

    leave(house, date(2026, 11, 2))

    assert [day for day in live(house) if day >= TODAY] == []
    assert len([day for day in live(house) if day >= date(2026, 11, 2)]) > 0


def test_the_children_leave_with_it(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 1)

    leave(house, TODAY)

    session = house.session
    assert house.family.state is FamilyState.DEPARTED
    assert set(session.scalars(select(ChildFamily.valid_to))) == {TODAY}
    assert set(session.scalars(select(SchoolEnrolment.state))) == {EnrolmentState.LEFT}
    assert set(session.scalars(select(ActivityRegistration.state))) == {RegistrationState.ENDED}
    day = house.days(CANTEEN, DECEMBER, 1)[0]
    outcome = reserve_days(
        session,
        actor=ACTOR,
        now=NOW,
        child_id=house.elder.id,
        family_id=house.family.id,
        choices=[Choice(day.id)],
    )
    assert (outcome.booked, len(outcome.refused)) == ([], 1)


def test_an_announced_departure_closes_the_file_on_its_day(house: Household) -> None:
    leave(house, date(2026, 12, 1))
    assert house.family.state is FamilyState.VALIDATED

    assert close_departed_families(house.session, now=instant(date(2026, 11, 30))) == 0
    assert close_departed_families(house.session, now=instant(date(2026, 12, 1))) == 1

    assert house.family.state is FamilyState.DEPARTED


def test_what_was_carried_is_invoiced_when_it_leaves(house: Household) -> None:
    """DOMAIN.md §7: carried amounts are issued when the family leaves."""
    house.book(house.elder, CANTEEN, NOVEMBER, 3)
    session = house.session
    issue(house, NOVEMBER, instant(date(2026, 12, 5)))
    assert session.scalars(select(CarriedAmount.amount_cents)).one() == 918
    assert session.scalars(select(Invoice)).all() == []

    leave(house, date(2026, 12, 10), now_on=date(2026, 12, 10))
    issue(house, DECEMBER, instant(date(2027, 1, 5)))

    assert session.scalars(select(Invoice.total_cents)).one() == 918


def issue(house: Household, month: date, now: object) -> None:
    signed = {"actor": ACTOR, "now": now}
    run = preview_run(house.session, month=month, **signed)
    start_run(house.session, run_id=run.id, **signed)
    while issue_next_families(house.session, run_id=run.id, limit=10, **signed):
        house.session.flush()


def test_a_parent_of_a_family_that_left_books_nothing(house: Household) -> None:
    leave(house, TODAY)
    family = frozenset({house.family.id})
    alice = Actor("user:1", 1, frozenset({Role.PARENT}), family, departed_ids=family)
    day = house.days(CANTEEN, DECEMBER, 1)[0]

    with pytest.raises(Refusal, match="family_departed"):
        reserve_days(
            house.session, actor=alice, now=NOW, child_id=house.elder.id, family_id=house.family.id,
            choices=[Choice(day.id)],
        )  # fmt: skip


def test_a_departure_is_taken_back(house: Household) -> None:
    leave(house, TODAY)

    reinstate_family(house.session, actor=ACTOR, now=NOW, family_id=house.family.id)

    house.session.expire_all()
    assert (house.family.state, house.family.left_on) == (FamilyState.VALIDATED, None)
    assert set(house.session.scalars(select(ChildFamily.valid_to))) == {None}
    with pytest.raises(Refusal, match="family_not_departed"):
        reinstate_family(house.session, actor=ACTOR, now=NOW, family_id=house.family.id)


def test_only_the_desk_writes_it_and_only_of_a_validated_family(house: Household) -> None:
    parent = Actor("user:1", 1, frozenset({Role.PARENT}), frozenset({house.family.id}))
    with pytest.raises(Refusal, match="not_allowed"):
        depart_family(
            house.session, actor=parent, now=NOW, family_id=house.family.id, left_on=TODAY, reason=""
        )
    with pytest.raises(Refusal, match="departure_implausible"):
        leave(house, date(2029, 1, 1))
    leave(house, TODAY)

    with pytest.raises(Refusal, match="family_cannot_leave"):
        leave(house, TODAY)
