"""Cents: rounding, writing, reading, sharing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import format_euros, parse_euros, percent_of, round_half_up, split

CENTS = st.integers(-(10**11), 10**11)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any)


@pytest.mark.parametrize(
    ("exact", "cents"),
    [("844.9", 845), ("152.5", 153), ("157.5", 158), ("259.92", 260), ("-2.5", -3), ("0.49", 0)],
)
def test_a_half_cent_is_rounded_up(exact, cents):
    assert round_half_up(Decimal(exact)) == cents


@given(CENTS, st.integers(1, 10**6))
def test_rounding_is_never_further_than_half_a_cent(numerator, denominator):
    exact = Decimal(numerator) / denominator

    assert abs(round_half_up(exact) - exact) <= Decimal("0.5")


def test_a_percentage_is_rounded_once():
    assert percent_of(8449, 1000) == 845
    assert percent_of(306, 15000) == 459


@pytest.mark.parametrize(
    ("cents", "written"),
    [
        (14180, "141,80\u00a0€"),
        (5, "0,05\u00a0€"),
        (0, "0,00\u00a0€"),
        (123456789, "1\u202f234\u202f567,89\u00a0€"),
        (-845, "\u22128,45\u00a0€"),
    ],
)
def test_amounts_are_written_as_the_french_do(cents, written):
    assert format_euros(cents) == written


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("141,80", 14180),
        ("141.8", 14180),
        (" 1 234,50 € ", 123450),
        ("1\u202f234,50\u00a0€", 123450),
        ("12", 1200),
        ("-3,05", -305),
        ("\u22123,05", -305),
        ("0,29", 29),
    ],
)
def test_typed_amounts_are_read(typed, cents):
    assert parse_euros(typed) == cents


@pytest.mark.parametrize(
    "typed", ["", "€", "douze", "1,234", "1.234,50", "3,0 5,1", "--3", "3,", "1e3", "NaN", "9" * 20]
)
def test_what_is_not_an_amount_is_refused(typed):
    with pytest.raises(ValueError, match="not an amount"):
        parse_euros(typed)


@given(CENTS)
def test_what_is_written_can_be_read_again(cents):
    assert parse_euros(format_euros(cents)) == cents


def test_an_odd_cent_goes_to_the_first_payer():
    assert split(10001, (50, 50)) == (5001, 5000)
    assert split(-10001, (50, 50)) == (-5001, -5000)


def test_the_largest_remainders_get_the_cents_left():
    assert split(100, (1, 1, 1)) == (34, 33, 33)
    assert split(1000, (60, 40)) == (600, 400)
    assert split(101, (333, 667)) == (34, 67)


@given(CENTS, WEIGHTS)
def test_a_split_loses_and_invents_no_cent(cents, weights):
    shares = split(cents, weights)

    assert sum(shares) == cents
    assert len(shares) == len(weights)


@given(CENTS, WEIGHTS)
def test_each_share_is_within_a_cent_of_its_exact_part(cents, weights):
    for share, weight in zip(split(cents, weights), weights, strict=True):
        assert abs(share * sum(weights) - cents * weight) < sum(weights)


@pytest.mark.parametrize("weights", [(), (0, 0), (-1, 2)])
def test_a_split_needs_a_positive_weight(weights):
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)
