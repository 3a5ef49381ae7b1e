"""The quotient familial: CAF's formula, and the one in force on a day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.pricing.quotients import Quotient, caf_quotient, parts, quotient_on


@pytest.mark.parametrize(
    ("children", "disabled", "expected"),
    [
        (0, 0, "2"),
        (1, 0, "2.5"),
        (2, 0, "3"),
        (3, 0, "4"),
        (4, 0, "4.5"),
        (5, 0, "5"),
        (1, 1, "3"),
        (3, 2, "5"),
    ],
)
def test_parts_of_a_home(children, disabled, expected):
    assert parts(children, disabled) == Decimal(expected)


@pytest.mark.parametrize(("children", "disabled"), [(-1, 0), (1, 2), (1, -1)])
def test_impossible_homes_have_no_parts(children, disabled):
    with pytest.raises(ValueError, match="disabled"):
        parts(children, disabled)


def test_a_couple_with_two_children():
    assert caf_quotient(36_000_00, 148_52, parts(2)) == 1049_51


def test_resources_are_not_negative():
    with pytest.raises(ValueError, match="resources"):
        caf_quotient(-1, 0, parts(1))


@given(st.integers(0, 10**8), st.integers(0, 10**6), st.integers(0, 8))
def test_one_more_child_never_raises_the_quotient(yearly, benefits, children):
    assert caf_quotient(yearly, benefits, parts(children + 1)) <= caf_quotient(
        yearly, benefits, parts(children)
    )


HISTORY = (
    Quotient(85_000, date(2026, 9, 1), date(2027, 1, 1)),
    Quotient(70_000, date(2027, 1, 1), date(2028, 1, 1)),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 8, 31), None),
        (date(2026, 9, 1), 85_000),
        (date(2026, 12, 31), 85_000),
        (date(2027, 1, 1), 70_000),
        (date(2028, 1, 1), None),
    ],
)
def test_the_quotient_of_a_day(day, expected):
    assert quotient_on(HISTORY, day) == expected


def test_a_later_figure_holds_over_an_older_one():
    corrected = (*HISTORY, Quotient(60_000, date(2026, 11, 1)), Quotient(61_000, date(2026, 11, 1)))

    assert quotient_on(corrected, date(2026, 10, 31)) == 85_000
    assert quotient_on(corrected, date(2026, 11, 1)) == 61_000
