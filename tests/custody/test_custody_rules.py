"""Whose day it is (DOMAIN §7, garde alternée)."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.custody.rules import Arrangement, CustodyPattern, arrangement_on, family_of_day, is_family_day
from models import custody as tables

CHLOE, DAVID = 1, 2
START = date(2026, 9, 1)
ODD = Arrangement(CHLOE, DAVID, CustodyPattern.ODD_WEEKS, START)
EVEN = Arrangement(CHLOE, DAVID, CustodyPattern.EVEN_WEEKS, START)
DAYS = st.dates(START, date(2032, 12, 31))


def test_weeks_alternate_by_their_iso_number():
    assert family_of_day(ODD, date(2026, 11, 9)) == DAVID  # week 46
    assert family_of_day(ODD, date(2026, 11, 16)) == CHLOE  # week 47
    assert family_of_day(EVEN, date(2026, 11, 9)) == CHLOE


def test_weeks_53_and_1_are_two_odd_weeks_in_a_row():
    assert family_of_day(ODD, date(2026, 12, 28)) == CHLOE  # week 53
    assert family_of_day(ODD, date(2027, 1, 3)) == CHLOE
    assert family_of_day(ODD, date(2027, 1, 4)) == CHLOE  # week 1
    assert family_of_day(ODD, date(2027, 1, 11)) == DAVID


def test_alternating_from_a_start_never_gives_two_weeks_in_a_row():
    friday = date(2026, 9, 4)
    arrangement = Arrangement(CHLOE, DAVID, CustodyPattern.ALTERNATE_FROM_START, friday)

    assert family_of_day(arrangement, friday) == CHLOE
    assert family_of_day(arrangement, friday + timedelta(days=6)) == CHLOE
    assert family_of_day(arrangement, friday + timedelta(days=7)) == DAVID


@given(DAYS)
def test_from_a_start_the_other_family_has_the_day_a_week_later(day):
    arrangement = Arrangement(CHLOE, DAVID, CustodyPattern.ALTERNATE_FROM_START, START)

    assert family_of_day(arrangement, day) != family_of_day(arrangement, day + timedelta(days=7))


@given(DAYS)
def test_each_day_is_exactly_one_family_s(day):
    assert is_family_day([ODD], CHLOE, day) != is_family_day([ODD], DAVID, day)
    assert family_of_day(ODD, day) != family_of_day(EVEN, day)


def test_an_arrangement_ends_the_day_before_its_end():
    arrangement = Arrangement(CHLOE, DAVID, CustodyPattern.ODD_WEEKS, START, date(2026, 11, 16))

    assert family_of_day(arrangement, date(2026, 11, 15)) == DAVID
    assert family_of_day(arrangement, date(2026, 11, 16)) is None


def test_the_arrangement_that_began_last_is_in_force():
    later = Arrangement(DAVID, CHLOE, CustodyPattern.ODD_WEEKS, date(2026, 11, 1))

    assert arrangement_on([later, ODD], date(2026, 11, 16)) == later
    assert arrangement_on([later, ODD], date(2026, 10, 1)) == ODD
    assert arrangement_on([later, ODD], date(2026, 8, 31)) is None


def test_without_arrangement_every_day_is_the_family_s():
    assert is_family_day([], CHLOE, START)


def test_the_tables_and_the_rules_name_the_same_patterns():
    assert {pattern.value for pattern in tables.CustodyPattern} == {
        pattern.value for pattern in CustodyPattern
    }
