"""A whole price list prices everything that can occur; one with a gap is refused, and the gap is named."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.pricing.coverage import PLACES, FaultCode, check_days, check_version, require_whole
from domain.pricing.rules import (
    Band,
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
    read_rule,
    unit_price,
    written_rule,
)

START, NEXT, LATER = date(2026, 9, 1), date(2027, 9, 1), date(2028, 9, 1)
EFFORT = PriceRule(Method.EFFORT, rate_ppm=3600, floor_cents=260, ceiling_cents=450)
OUTSIDER = PriceRule(Method.FLAT, Residence.NON_RESIDENT, amount_cents=680)
HALF_MORE = PriceRule(Method.PERCENT, situation=Situation.UNRESERVED, percent_bp=15_000)


def codes(*rules, formulas=("",)):
    return [fault.code for fault in check_version(rules, formulas)]


def test_a_grid_with_a_price_for_all_is_whole():
    assert codes(EFFORT, OUTSIDER, HALF_MORE) == []
    require_whole([EFFORT], [""])


def test_families_that_no_rule_is_for_have_no_price():
    faults = check_version([OUTSIDER], [""])

    assert [(fault.code, fault.rule.residence) for fault in faults] == [
        (FaultCode.NO_PRICE, Residence.RESIDENT),
        (FaultCode.NO_PRICE, Residence.PARTNER),
    ]


def test_a_formula_of_an_activity_needs_its_price():
    day = replace(EFFORT, formula_key="day")

    assert codes(day, formulas=("day",)) == []
    assert codes(day, formulas=("day", "half_day")) == [FaultCode.NO_PRICE] * 3
    assert codes(day, EFFORT, formulas=("day", "half_day")) == []
    assert codes(day, formulas=()) == []


def test_late_pick_ups_that_are_billed_need_a_price_of_their_own():
    penalty = PriceRule(Method.FLAT, situation=Situation.LATE, amount_cents=1000)

    faults = check_version([EFFORT, HALF_MORE], [""], bills_late=True)

    assert [(one.code, one.rule.residence, one.rule.situation) for one in faults] == [
        (FaultCode.NO_PRICE, place, Situation.LATE) for place in PLACES
    ]
    assert check_version([EFFORT, penalty], [""], bills_late=True) == ()


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (PriceRule(Method.FLAT), FaultCode.FIGURE_MISSING),
        (PriceRule(Method.SLICE, amount_cents=115), FaultCode.FIGURE_MISSING),
        (PriceRule(Method.SLICE, amount_cents=115, slice_minutes=0), FaultCode.FIGURE_MISSING),
        (replace(EFFORT, ceiling_cents=None), FaultCode.NO_CEILING),
        (replace(EFFORT, ceiling_cents=100), FaultCode.FLOOR_ABOVE_CEILING),
        (PriceRule(Method.BANDS), FaultCode.NO_BAND),
        (PriceRule(Method.PERCENT, percent_bp=5000), FaultCode.PERCENT_OF_NOTHING),
    ],
)
def test_each_thing_that_a_rule_lacks_is_told(rule, code):
    assert code in codes(rule)


def test_a_percentage_of_a_missing_price_is_told():
    assert FaultCode.PERCENT_OF_NOTHING in codes(HALF_MORE)


def test_two_rules_for_one_case_are_told():
    assert codes(EFFORT, replace(EFFORT, rate_ppm=4000)) == [FaultCode.SAME_CASE]


def test_the_published_grid_with_a_hole_is_refused():
    """« QF < 600 ; 601 < QF < 900 », DOMAIN.md §6."""
    grid = PriceRule(Method.BANDS, bands=(Band(0, 60_000, 1), Band(60_100, 90_000, 2), Band(90_000, None, 3)))

    (fault,) = check_version([grid], [""])

    assert (fault.code, fault.low_cents, fault.high_cents) == (FaultCode.BANDS_HOLE, 60_000, 60_100)
    with pytest.raises(Refusal) as refusal:
        require_whole([grid], [""])
    assert (refusal.value.code, refusal.value.facts) == ("version_not_whole", {"count": 1})


def days(*spans):
    return [(fault.code, fault.starts_on, fault.ends_on) for fault in check_days(spans)]


def test_versions_that_follow_one_another_leave_no_day():
    assert days((NEXT, None), (START, NEXT)) == []
    assert days((START, None)) == []


def test_days_without_version_or_with_two_are_told():
    assert days((START, date(2027, 7, 1)), (NEXT, None)) == [(FaultCode.DAYS_HOLE, date(2027, 7, 1), NEXT)]
    assert days((START, None), (NEXT, None)) == [(FaultCode.DAYS_OVERLAP, NEXT, None)]
    assert days((START, LATER), (NEXT, LATER)) == [
        (FaultCode.DAYS_OVERLAP, NEXT, LATER),
        (FaultCode.DAYS_END, LATER, None),
    ]
    assert days((START, NEXT)) == [(FaultCode.DAYS_END, NEXT, None)]


CENTS = st.integers(0, 3000)
EDGES = st.lists(st.integers(1, 300_000), unique=True, max_size=6).map(lambda edges: [0, *sorted(edges)])
GRIDS = EDGES.map(
    lambda lows: tuple(
        Band(low, high, 100 + low // 100) for low, high in zip(lows, [*lows[1:], None], strict=True)
    )
)
PRICES = st.one_of(
    st.builds(lambda cents: PriceRule(Method.FLAT, amount_cents=cents), CENTS),
    st.builds(
        lambda rate, floor, more: PriceRule(
            Method.EFFORT, rate_ppm=rate, floor_cents=floor, ceiling_cents=floor + more
        ),
        st.integers(1, 20_000),
        CENTS,
        CENTS,
    ),  # fmt: skip
    st.builds(
        lambda cents, minutes: PriceRule(Method.SLICE, amount_cents=cents, slice_minutes=minutes),
        CENTS,
        st.integers(1, 120),
    ),  # fmt: skip
    st.builds(lambda share: PriceRule(Method.PERCENT, percent_bp=share), st.integers(1, 30_000)),
    st.builds(lambda bands: PriceRule(Method.BANDS, bands=bands), GRIDS),
)
RULES = st.lists(
    st.builds(
        lambda rule, residence, situation, formula: replace(
            rule, residence=residence, situation=situation, formula_key=formula
        ),
        PRICES,
        st.sampled_from(Residence),
        st.sampled_from(Situation),
        st.sampled_from(["", "day", "half_day"]),
    ),
    max_size=8,
)
FORMULAS = st.lists(st.sampled_from(["", "day", "half_day"]), min_size=1, max_size=3, unique=True)


def priced(rules, facts):
    version = TariffVersion(1, START, None, tuple(rules))
    return unit_price(Tariff(1, "Essai", "unité", "unités", (version,)), facts, START)


@given(RULES, FORMULAS, st.none() | st.integers(0, 500_000), st.integers(1, 700))
def test_a_whole_grid_prices_every_case(rules, formulas, quotient, minutes):
    if check_version(rules, formulas):
        return

    for place in PLACES:
        for situation in Situation:
            for formula in formulas:
                assert priced(rules, PriceFacts(quotient, place, situation, formula, minutes)).unit_cents >= 0


@given(RULES, FORMULAS)
def test_a_grid_that_lacks_a_case_is_never_called_whole(rules, formulas):
    is_priced = True
    for place in PLACES:
        for situation in Situation:
            for formula in formulas:
                try:
                    priced(rules, PriceFacts(None, place, situation, formula, 60))
                except Refusal:
                    is_priced = False

    assert is_priced or check_version(rules, formulas)


@given(GRIDS, st.data())
def test_a_grid_that_loses_a_band_is_always_refused(bands, data):
    lost = data.draw(st.integers(0, len(bands) - 1))
    left = bands[:lost] + bands[lost + 1 :]

    assert check_version([PriceRule(Method.BANDS, bands=left)], [""])


@given(RULES)
def test_a_rule_is_read_as_it_was_written(rules):
    assert [read_rule(written_rule(rule)) for rule in rules] == rules
