"""What kind of day a day is (DOMAIN §4)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.rules import (
    FOUR_AND_A_HALF_DAY_WEEK,
    FOUR_DAY_WEEK,
    CalendarView,
    Opening,
    Period,
    nth_day_before,
)
from domain.dates import DayRange, weekday_mask
from tests.calendar.days import HOLIDAYS, YEAR, zone_b

WEDNESDAYS = weekday_mask(2)
WEEK = weekday_mask(0, 1, 2, 3, 4)


@pytest.mark.parametrize("name", sorted(HOLIDAYS))
def test_holidays_run_from_the_first_to_the_last_day_off(name):
    holiday, view, day = HOLIDAYS[name], zone_b(), timedelta(days=1)

    assert view.is_holiday_period(holiday.first)
    assert view.is_holiday_period(holiday.last)
    assert not view.is_holiday_period(holiday.first - day)
    assert not view.is_holiday_period(holiday.last + day)


def test_armistice_day_2026_is_a_wednesday_and_never_open():
    armistice = date(2026, 11, 11)

    assert armistice.weekday() == 2
    assert zone_b().opening(armistice, WEDNESDAYS, Period.SCHOOL) is Opening.PUBLIC_HOLIDAY
    assert not zone_b().is_working_day(armistice)


def test_a_wednesday_is_a_school_day_in_the_four_and_a_half_day_week_only():
    wednesday = date(2026, 11, 18)

    assert not zone_b(FOUR_DAY_WEEK).is_school_day(wednesday)
    assert zone_b(FOUR_AND_A_HALF_DAY_WEEK).is_school_day(wednesday)


def test_the_wednesday_leisure_centre_opens_in_school_periods_only():
    assert zone_b().is_open_day(date(2026, 11, 18), WEDNESDAYS, Period.SCHOOL)
    assert zone_b().opening(date(2026, 10, 21), WEDNESDAYS, Period.SCHOOL) is Opening.OTHER_PERIOD
    assert zone_b().opening(date(2026, 11, 19), WEDNESDAYS, Period.SCHOOL) is Opening.OTHER_WEEKDAY


def test_the_holiday_leisure_centre_opens_in_holidays_but_on_public_holidays():
    assert zone_b().is_open_day(date(2026, 10, 26), WEEK, Period.HOLIDAYS)
    assert zone_b().opening(date(2026, 12, 25), WEEK, Period.HOLIDAYS) is Opening.PUBLIC_HOLIDAY
    assert zone_b().opening(date(2026, 11, 2), WEEK, Period.HOLIDAYS) is Opening.OTHER_PERIOD


def test_a_closure_of_the_site_closes_class_and_activities_but_not_the_town_hall():
    strike = date(2026, 11, 19)
    view = zone_b(closures=(DayRange(strike, strike),))

    assert view.opening(strike, WEEK, Period.SCHOOL) is Opening.CLOSED
    assert not view.is_school_day(strike)
    assert view.is_working_day(strike)


def test_the_town_hall_works_in_holidays_but_not_at_week_ends():
    assert zone_b().is_working_day(date(2026, 10, 26))
    assert not zone_b().is_working_day(date(2026, 10, 24))


def test_there_is_no_class_before_the_year_starts_nor_after_it_ends():
    assert zone_b().is_school_day(YEAR.first)
    assert not zone_b().is_school_day(YEAR.first - timedelta(days=1))
    assert zone_b().is_school_day(YEAR.last)
    assert not zone_b().is_school_day(date(2027, 7, 5))


def test_a_calendar_without_year_has_no_class_and_no_open_day():
    empty = CalendarView(FOUR_DAY_WEEK, (), ())

    assert not empty.is_school_day(date(2026, 11, 19))
    assert empty.open_days(YEAR, WEEK, Period.SCHOOL) == ()


def test_november_2026_has_seventeen_canteen_days_in_a_four_day_week():
    november = DayRange(date(2026, 11, 1), date(2026, 11, 30))

    assert len(zone_b().open_days(november, FOUR_DAY_WEEK, Period.SCHOOL)) == 17


@given(st.dates(date(2026, 8, 1), date(2027, 9, 30)))
def test_a_day_is_never_in_a_school_period_and_in_holidays_at_once(day):
    view = zone_b()

    assert not (view.is_school_period(day) and view.is_holiday_period(day))
    assert not view.is_school_day(day) or view.is_school_period(day)
    assert not view.is_school_day(day) or view.is_working_day(day)


@given(st.dates(date(2026, 10, 1), date(2027, 6, 30)), st.integers(0, 12))
def test_counting_days_back_passes_exactly_that_many(day, count):
    view = zone_b()
    found = nth_day_before(day, count, view.is_working_day)

    passed = [one for one in DayRange(found, day) if view.is_working_day(one) and one != day]
    assert len(passed) == count


def test_days_are_not_counted_forwards():
    with pytest.raises(ValueError, match="negative"):
        nth_day_before(date(2026, 11, 12), -1, zone_b().is_working_day)
