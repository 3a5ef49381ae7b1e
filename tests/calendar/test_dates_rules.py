"""The Paris wall clock, months, weeks and ages."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import PARIS
from domain.dates import (
    DayRange,
    add_months,
    age,
    age_in_months,
    at,
    at_minutes,
    closing_day_and_minutes,
    day_bounds,
    is_even_week,
    iso_week,
    month_days,
    month_weeks,
    next_month,
    read_month,
    weekday_mask,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def test_an_hour_of_winter_and_of_summer_are_one_and_two_hours_ahead_of_utc():
    assert at(date(2026, 11, 9), time(10)) == datetime(2026, 11, 9, 9, tzinfo=UTC)
    assert at(date(2026, 7, 9), time(10)) == datetime(2026, 7, 9, 8, tzinfo=UTC)


def test_the_hour_that_autumn_repeats_is_its_first_pass():
    assert at(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_hour_that_spring_skips_is_the_instant_of_the_change():
    change = datetime(2027, 3, 28, 1, tzinfo=UTC)

    assert at(date(2027, 3, 28), time(2)) == change
    assert at(date(2027, 3, 28), time(2, 30)) == change
    assert at(date(2027, 3, 28), time(3)) == change


def test_the_end_of_a_day_is_the_start_of_the_next_and_is_told_as_its_24_hours():
    thursday = date(2026, 11, 12)
    midnight = at_minutes(thursday, 1440)

    assert midnight == at(date(2026, 11, 13), time())
    assert closing_day_and_minutes(midnight) == (thursday, 1440)
    assert closing_day_and_minutes(at(thursday, time(10, 30))) == (thursday, 630)


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_a_day_has_no_other_minutes(minutes):
    with pytest.raises(ValueError, match="not a time of the day"):
        at_minutes(date(2026, 11, 12), minutes)


def test_the_days_of_the_clock_changes_last_25_and_23_hours():
    autumn, spring = date(2026, 10, 25), date(2027, 3, 28)

    for day, hours in ((autumn, 25), (spring, 23)):
        start, end = day_bounds(day, day + timedelta(days=1))
        assert end - start == timedelta(hours=hours)


@given(DAYS, CLOCKS, DAYS, CLOCKS)
def test_a_later_wall_clock_time_is_never_an_earlier_instant(day, clock, other_day, other_clock):
    if (day, clock) <= (other_day, other_clock):
        assert at(day, clock) <= at(other_day, other_clock)


@given(st.dates(date(2027, 3, 27), date(2027, 3, 29)), CLOCKS, CLOCKS)
def test_so_it_is_around_the_spring_change(day, clock, other):
    earlier, later = sorted((clock, other))

    assert at(day, earlier) <= at(day, later)


@given(DAYS, CLOCKS)
def test_an_instant_shows_the_wall_clock_it_was_made_of_unless_spring_skipped_it(day, clock):
    shown = at(day, clock).astimezone(PARIS).replace(tzinfo=None)
    wanted = datetime.combine(day, clock)

    assert shown == wanted or (shown.hour == 3 and wanted.hour == 2)


def test_week_53_of_2026_is_followed_by_week_1():
    assert iso_week(date(2027, 1, 3)) == 53
    assert iso_week(date(2027, 1, 4)) == 1
    assert not is_even_week(date(2027, 1, 3))
    assert not is_even_week(date(2027, 1, 4))


def test_months():
    assert read_month("2026-11") == date(2026, 11, 1)
    assert len(month_days(date(2028, 2, 10))) == 29
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2027, 1, 15), -2) == date(2026, 11, 15)


def test_the_rows_of_november_2026_start_in_october_and_end_in_december():
    weeks = month_weeks(date(2026, 11, 20))

    assert weeks[0][0] == date(2026, 10, 26)
    assert weeks[-1][-1] == date(2026, 12, 6)
    assert len(weeks) == 6


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "nov-26", "2026-11-01", "-026-11"])
def test_what_is_not_a_month_is_not_read(text):
    with pytest.raises(ValueError):
        read_month(text)


def test_a_child_turns_three_on_its_birthday():
    born = date(2023, 11, 12)

    assert age(born, date(2026, 11, 11)) == 2
    assert age(born, date(2026, 11, 12)) == 3


def test_a_child_of_29_february_turns_three_on_1_march():
    born = date(2024, 2, 29)

    assert age(born, date(2027, 2, 28)) == 2
    assert age(born, date(2027, 3, 1)) == 3
    assert age(born, date(2028, 2, 29)) == 4


@given(DAYS, st.integers(0, 6000))
def test_age_in_months_grows_by_at_most_one_a_day(born, days):
    day = born + timedelta(days=days)

    assert age_in_months(born, day + timedelta(days=1)) - age_in_months(born, day) in (0, 1)


def test_a_range_of_days_holds_both_ends():
    days = DayRange(date(2026, 10, 17), date(2026, 10, 19))

    assert list(days) == [date(2026, 10, 17), date(2026, 10, 18), date(2026, 10, 19)]
    assert date(2026, 10, 20) not in days
    with pytest.raises(ValueError, match="ends before"):
        DayRange(date(2026, 10, 19), date(2026, 10, 17))


def test_the_four_day_week_is_27():
    assert weekday_mask(0, 1, 3, 4) == 27
    with pytest.raises(ValueError, match="weekday"):
        weekday_mask(7)
