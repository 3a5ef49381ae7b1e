"""Eligibility, the state of a day's cell, cancelling, and the waiting list (DOMAIN §5)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reservations.rules import (
    ActivityTerms,
    Cancellation,
    ChildFacts,
    DayFacts,
    DayState,
    HeldDocument,
    HeldRange,
    Holding,
    Reason,
    Waiting,
    booking_obstacle,
    cancellation,
    day_state,
    expired_offers,
    ineligibility,
    is_offer_open,
    missing_documents,
    next_in_line,
    offer_expiry,
    waiting_obstacle,
)
from models.reservations import ReservationState

DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
REGISTERED = (HeldRange(date(2026, 9, 1)),)
PUPIL = ChildFacts(born_on=date(2020, 5, 4), level="CP", school_id=1, registrations=REGISTERED)
OPEN = DayFacts(places=20, taken=3, book_until=NOW + HOUR, cancel_until=NOW + HOUR)


def test_a_registered_pupil_may_attend():
    terms = ActivityTerms(36, 132, frozenset({"CP", "CE1"}), frozenset({1}))

    assert ineligibility(PUPIL, terms, DAY) is None


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (ActivityTerms(min_age_months=84), Reason.TOO_YOUNG),
        (ActivityTerms(max_age_months=71), Reason.TOO_OLD),
        (ActivityTerms(levels=frozenset({"PS"})), Reason.WRONG_LEVEL),
        (ActivityTerms(schools=frozenset({2})), Reason.WRONG_SCHOOL),
        (ActivityTerms(required_documents=frozenset({"health_sheet"})), Reason.DOCUMENT_MISSING),
    ],
)
def test_each_condition_has_its_reason(terms, reason):
    assert ineligibility(PUPIL, terms, DAY) is reason


def test_a_child_may_attend_from_its_third_birthday():
    child = replace(PUPIL, born_on=date(2023, 11, 19), level="PS")
    terms = ActivityTerms(min_age_months=36)

    assert ineligibility(child, terms, DAY - timedelta(days=1)) is Reason.TOO_YOUNG
    assert ineligibility(child, terms, DAY) is None


def test_a_child_of_29_february_may_attend_from_1_march():
    child = replace(PUPIL, born_on=date(2024, 2, 29))
    terms = ActivityTerms(min_age_months=36)

    assert ineligibility(child, terms, date(2027, 2, 28)) is Reason.TOO_YOUNG
    assert ineligibility(child, terms, date(2027, 3, 1)) is None


def test_three_to_five_years_is_36_to_71_months():
    terms = ActivityTerms(36, 71)
    child = replace(PUPIL, born_on=date(2020, 11, 19))

    assert ineligibility(child, terms, DAY - timedelta(days=1)) is None
    assert ineligibility(child, terms, DAY) is Reason.TOO_OLD


def test_a_registration_holds_until_the_day_before_its_end():
    child = replace(PUPIL, registrations=(HeldRange(date(2026, 9, 1), DAY),))

    assert ineligibility(child, ActivityTerms(), DAY - timedelta(days=1)) is None
    assert ineligibility(child, ActivityTerms(), DAY) is Reason.NOT_REGISTERED
    assert ineligibility(child, ActivityTerms(needs_registration=False), DAY) is None


def test_a_blocking_document_must_hold_on_the_day_itself():
    terms = ActivityTerms(required_documents=frozenset({"insurance", "identity"}))
    child = replace(PUPIL, documents=(HeldDocument("insurance", DAY), HeldDocument("identity")))

    assert ineligibility(child, terms, DAY) is None
    assert missing_documents(child, terms, DAY + timedelta(days=1)) == ("insurance",)


def test_an_open_day_is_free():
    cell = day_state(OPEN, NOW)

    assert (cell.state, cell.reason, cell.may_book) == (DayState.FREE, None, True)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (OPEN._replace(is_open=False), DayState.CLOSED, Reason.CLOSED),
        (OPEN._replace(taken=20), DayState.FULL, Reason.FULL),
        (OPEN._replace(book_until=NOW), DayState.TOO_LATE, Reason.TOO_LATE),
        (OPEN._replace(opens_at=NOW + HOUR), DayState.NOT_OPEN_YET, Reason.TOO_EARLY),
        (OPEN._replace(obstacle=Reason.TOO_YOUNG), DayState.NOT_ELIGIBLE, Reason.TOO_YOUNG),
        (OPEN._replace(obstacle=Reason.NOT_YOUR_DAY), DayState.NOT_ELIGIBLE, Reason.NOT_YOUR_DAY),
        (OPEN._replace(holding=Holding.RESERVED), DayState.BOOKED, Reason.ALREADY_BOOKED),
        (OPEN._replace(holding=Holding.OFFERED), DayState.OFFERED, Reason.ALREADY_BOOKED),
        (OPEN._replace(taken=20, holding=Holding.WAITING), DayState.WAITING, Reason.ALREADY_WAITING),
    ],
)
def test_each_cell_has_its_state_and_is_refused_for_its_reason(facts, state, reason):
    cell = day_state(facts, NOW)

    assert (cell.state, cell.reason, cell.may_book) == (state, reason, False)
    assert booking_obstacle(facts, NOW) is reason


def test_a_period_opens_to_the_minute():
    facts = OPEN._replace(opens_at=NOW)

    assert booking_obstacle(facts, NOW) is None
    assert booking_obstacle(facts, NOW - timedelta(seconds=1)) is Reason.TOO_EARLY


def test_a_booked_day_may_be_cancelled_until_its_own_deadline():
    facts = OPEN._replace(holding=Holding.RESERVED, book_until=NOW, cancel_until=NOW + HOUR)

    assert day_state(facts, NOW).may_cancel
    assert not day_state(facts, NOW + HOUR).may_cancel


def test_a_booking_stays_shown_when_its_child_is_no_longer_eligible():
    facts = OPEN._replace(holding=Holding.RESERVED, obstacle=Reason.DOCUMENT_MISSING)

    assert day_state(facts, NOW).state is DayState.BOOKED


def test_a_booked_day_that_closes_is_shown_closed():
    cell = day_state(OPEN._replace(holding=Holding.RESERVED, is_open=False), NOW)

    assert (cell.state, cell.may_cancel) == (DayState.CLOSED, False)


def test_one_may_wait_for_a_full_day_where_there_is_a_list():
    full = OPEN._replace(taken=20)

    assert day_state(full, NOW).may_wait
    assert waiting_obstacle(full, NOW) is None
    assert not day_state(full._replace(has_waiting_list=False), NOW).may_wait
    assert waiting_obstacle(full._replace(has_waiting_list=False), NOW) is Reason.FULL


def test_one_may_not_wait_twice_nor_after_the_deadline():
    full = OPEN._replace(taken=20)

    assert waiting_obstacle(full._replace(holding=Holding.WAITING), NOW) is Reason.ALREADY_WAITING
    assert waiting_obstacle(full, full.book_until) is Reason.TOO_LATE


MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 30), timezones=st.just(UTC))  # noqa: DTZ001
FACTS = st.builds(
    DayFacts,
    places=st.integers(0, 3),
    taken=st.integers(0, 3),
    book_until=MOMENTS,
    cancel_until=MOMENTS,
    is_open=st.booleans(),
    opens_at=st.none() | MOMENTS,
    obstacle=st.none() | st.sampled_from([Reason.NOT_REGISTERED, Reason.NOT_YOUR_DAY]),
    holding=st.sampled_from(Holding),
    has_waiting_list=st.booleans(),
)


@given(FACTS, MOMENTS)
def test_what_a_cell_shows_is_what_the_server_decides(facts, now):
    cell = day_state(facts, now)

    assert cell.may_book == (booking_obstacle(facts, now) is None)
    assert cell.may_wait == (
        waiting_obstacle(facts, now) is None and booking_obstacle(facts, now) is Reason.FULL
    )
    assert cell.reason == booking_obstacle(facts, now)
    assert not (cell.may_book and (cell.may_cancel or cell.may_wait))


def test_giving_up_a_place_is_in_time_then_late_then_impossible():
    starts = NOW + 3 * HOUR

    assert cancellation(NOW, NOW + HOUR, starts) is Cancellation.IN_TIME
    assert cancellation(NOW + HOUR, NOW + HOUR, starts) is Cancellation.LATE
    assert cancellation(starts, NOW + HOUR, starts) is None


def test_cancellations_bear_the_names_of_the_states_they_lead_to():
    assert {Cancellation.IN_TIME, Cancellation.LATE} <= {state.value for state in ReservationState}


def test_a_freed_place_is_offered_to_the_first_then_to_the_next():
    entries = [Waiting(7), Waiting(3, offer_expires_at=NOW + HOUR), Waiting(5)]

    assert next_in_line(entries, 1) == (Waiting(5),)
    assert next_in_line(entries, 2) == (Waiting(5), Waiting(7))
    assert next_in_line(entries, 0) == ()
    assert next_in_line(entries, -1) == ()


def test_an_offer_lasts_its_hours_but_never_outlives_the_deadline():
    assert offer_expiry(NOW, 24, NOW + 48 * HOUR) == NOW + 24 * HOUR
    assert offer_expiry(NOW, 24, NOW + HOUR) == NOW + HOUR


def test_nothing_is_offered_after_the_deadline():
    assert offer_expiry(NOW, 24, NOW) is None


def test_an_offer_that_was_not_taken_expires():
    late, fresh = Waiting(1, NOW), Waiting(2, NOW + HOUR)

    assert expired_offers([fresh, Waiting(3), late], NOW) == (late,)
    assert is_offer_open(NOW, NOW + HOUR)


@given(MOMENTS, st.integers(1, 72), MOMENTS)
def test_an_offer_is_open_when_made_and_closes_by_the_deadline(now, hours, book_until):
    expiry = offer_expiry(now, hours, book_until)

    assert (expiry is None) == (now >= book_until)
    assert expiry is None or now < expiry <= book_until
