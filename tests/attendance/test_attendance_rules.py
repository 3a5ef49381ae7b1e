"""The truth table of billing, carence, and staff ratios (DOMAIN §5)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance.rules import (
    AbsencePolicy,
    BillingBasis,
    Booking,
    CareKind,
    DayRecord,
    Justification,
    StaffRatio,
    billing_basis,
    justifications,
    staff_needed,
    staff_ratio,
)
from domain.clock import PARIS

NORMAL, ABSENCE, UNRESERVED = BillingBasis.NORMAL, BillingBasis.ABSENCE, BillingBasis.UNRESERVED
FREE, WAITING_DAY = BillingBasis.FREE, BillingBasis.WAITING_DAY
POLICY = AbsencePolicy(free_within_hours=72, partial_within_days=10, waiting_days=2)
MISSED = [date(2026, 11, day) for day in (16, 17, 19, 20)]
ABSENT_FROM = datetime(2026, 11, 16, 12, tzinfo=PARIS)
MEAL_CENTS = 306


@pytest.mark.parametrize(
    ("booking", "attended", "justification", "is_event", "basis"),
    [
        (Booking.RESERVED, True, Justification.NONE, False, NORMAL),
        (Booking.RESERVED, None, Justification.NONE, False, NORMAL),
        (Booking.RESERVED, False, Justification.NONE, False, ABSENCE),
        (Booking.RESERVED, False, Justification.FREE, False, FREE),
        (Booking.RESERVED, False, Justification.WAITING_DAY, False, WAITING_DAY),
        (Booking.RESERVED, True, Justification.NONE, True, FREE),
        (Booking.RESERVED, False, Justification.NONE, True, FREE),
        (Booking.RESERVED, None, Justification.NONE, True, FREE),
        (Booking.CANCELLED, False, Justification.NONE, False, FREE),
        (Booking.CANCELLED, None, Justification.NONE, False, FREE),
        (Booking.CANCELLED, True, Justification.NONE, False, UNRESERVED),
        (Booking.LATE_CANCELLED, False, Justification.NONE, False, ABSENCE),
        (Booking.LATE_CANCELLED, None, Justification.NONE, False, ABSENCE),
        (Booking.LATE_CANCELLED, False, Justification.FREE, False, FREE),
        (Booking.LATE_CANCELLED, False, Justification.WAITING_DAY, False, WAITING_DAY),
        (Booking.LATE_CANCELLED, True, Justification.NONE, False, NORMAL),
        (Booking.LATE_CANCELLED, False, Justification.NONE, True, FREE),
        (Booking.NONE, True, Justification.NONE, False, UNRESERVED),
        (Booking.NONE, False, Justification.NONE, False, FREE),
        (Booking.NONE, None, Justification.NONE, False, FREE),
    ],
)
def test_the_truth_table(booking, attended, justification, is_event, basis):
    record = DayRecord(booking, attended, justification, is_event=is_event)

    assert billing_basis(record) is basis


def test_a_late_cancellation_whose_place_was_taken_again_is_free_where_the_town_says_so():
    record = DayRecord(Booking.LATE_CANCELLED, attended=False, is_place_retaken=True)

    assert billing_basis(record) is ABSENCE
    assert billing_basis(record, retaken_is_free=True) is FREE


RECORDS = st.builds(
    DayRecord,
    st.sampled_from(Booking),
    st.sampled_from([True, False, None]),
    st.sampled_from(Justification),
    is_event=st.booleans(),
    is_place_retaken=st.booleans(),
)


@given(RECORDS, st.booleans())
def test_a_child_who_came_without_event_always_pays(record, retaken_is_free):
    basis = billing_basis(record, retaken_is_free=retaken_is_free)

    if record.attended and not record.is_event:
        assert basis in (NORMAL, UNRESERVED)


def billed_cents(justified_at: datetime) -> int:
    freed = justifications(MISSED, ABSENT_FROM, justified_at, POLICY)
    bases = [
        billing_basis(DayRecord(Booking.RESERVED, attended=False, justification=freed[day])) for day in MISSED
    ]
    return sum(MEAL_CENTS for basis in bases if basis is not FREE)


@pytest.mark.parametrize(
    ("justified_at", "cents"),
    [
        (datetime(2026, 11, 19, 12, tzinfo=PARIS), 0),
        (datetime(2026, 11, 19, 12, 0, 1, tzinfo=PARIS), 612),
        (datetime(2026, 11, 26, 12, tzinfo=PARIS), 612),
        (datetime(2026, 11, 26, 12, 0, 1, tzinfo=PARIS), 1224),
    ],
)
def test_four_missed_meals_cost_nothing_two_or_four_by_the_certificate_s_delay(justified_at, cents):
    assert billed_cents(justified_at) == cents


def test_the_waiting_days_are_the_first_ones_missed():
    freed = justifications(reversed(MISSED), ABSENT_FROM, ABSENT_FROM + timedelta(days=5), POLICY)

    assert [day for day in MISSED if freed[day] is Justification.WAITING_DAY] == MISSED[:2]


def test_72_hours_keep_the_wall_clock_when_the_clocks_change():
    friday = datetime(2026, 10, 23, 8, 30, tzinfo=PARIS)
    freed = justifications([friday.date()], friday, datetime(2026, 10, 26, 8, 30, tzinfo=PARIS), POLICY)

    assert set(freed.values()) == {Justification.FREE}


PERISCOLAIRE, HOLIDAYS = CareKind.PERISCOLAIRE, CareKind.HOLIDAYS
SHORT, LONG = timedelta(hours=5), timedelta(hours=5, minutes=1)


@pytest.mark.parametrize(
    ("kind", "stay", "has_pedt", "ratio"),
    [
        (PERISCOLAIRE, SHORT, False, StaffRatio(10, 14)),
        (PERISCOLAIRE, LONG, False, StaffRatio(8, 12)),
        (PERISCOLAIRE, SHORT, True, StaffRatio(14, 18)),
        (PERISCOLAIRE, LONG, True, StaffRatio(10, 14)),
        (HOLIDAYS, SHORT, False, StaffRatio(8, 12)),
        (HOLIDAYS, LONG, True, StaffRatio(8, 12)),
    ],
)
def test_ratios_by_setting(kind, stay, has_pedt, ratio):
    assert staff_ratio(kind, stay, has_pedt=has_pedt) == ratio


@pytest.mark.parametrize(
    ("kind", "has_pedt", "staff"), [(PERISCOLAIRE, False, 6), (PERISCOLAIRE, True, 5), (HOLIDAYS, False, 7)]
)
def test_staff_for_23_children_under_six_and_40_older(kind, has_pedt, staff):
    assert staff_needed(23, 40, staff_ratio(kind, SHORT, has_pedt=has_pedt)) == staff


def test_nobody_is_needed_for_nobody():
    assert staff_needed(0, 0, StaffRatio(8, 12)) == 0


@given(st.integers(0, 300), st.integers(0, 300))
def test_one_more_child_never_needs_less_staff(under_six, older):
    ratio = StaffRatio(10, 14)

    assert staff_needed(under_six + 1, older, ratio) - staff_needed(under_six, older, ratio) in (0, 1)
    assert staff_needed(under_six, older, ratio) * 14 >= older
