"""The unit price of a day, by every published method, and the grids of real communes."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.money import MILLION, round_half_up
from domain.pricing.rules import (
    Band,
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
    check_bands,
    require_whole_bands,
    unit_price,
)
from models import tariffs as tables

START, NEXT = date(2026, 9, 1), date(2027, 9, 1)
DAY = date(2026, 11, 12)
QUOTIENTS = st.integers(0, 500_000)

# Fay-aux-Loges: 0.36 % of the quotient between 2.60 and 4.50, packed meal 1.75.
EFFORT = PriceRule(Method.EFFORT, rate_ppm=3600, floor_cents=260, ceiling_cents=450)
PACKED_MEAL = PriceRule(Method.FLAT, situation=Situation.PAI, amount_cents=175)
OUTSIDER = PriceRule(Method.FLAT, residence=Residence.NON_RESIDENT, amount_cents=680)
# Bubry: bands of the quotient.
BANDS = (
    Band(0, 60_000, 100),
    Band(60_000, 100_000, 305),
    Band(100_000, 150_000, 310),
    Band(150_000, None, 315),
)


def tariff(*rules, valid_to=None):
    return Tariff(1, "Cantine", "repas", "repas", (TariffVersion(1, START, valid_to, rules),))


def price(facts, *rules, day=DAY):
    return unit_price(tariff(*rules), facts, day)


def cents(facts, *rules):
    return price(facts, *rules).unit_cents


def of(euros, **facts):
    return PriceFacts(None if euros is None else euros * 100, **facts)


@pytest.mark.parametrize(
    ("quotient", "expected", "bound"),
    [
        (500, 260, "floor"),
        (722, 260, ""),
        (800, 288, ""),
        (850, 306, ""),
        (1250, 450, ""),
        (1300, 450, "ceiling"),
    ],
)
def test_effort_rate_of_fay_aux_loges(quotient, expected, bound):
    found = price(of(quotient), EFFORT)

    assert (found.unit_cents, found.explanation.bound) == (expected, bound)
    assert found.explanation.quotient_cents == quotient * 100


def test_effort_rate_of_sene_is_the_only_one_that_fits_its_published_figure():
    """Published: 1.00 to 5.97, and 2.01 for a quotient of 700. Only 0.287 % gives it, to a thousandth of a percent."""
    fitting = [ppm for ppm in range(0, 10_000, 10) if round_half_up(Decimal(70_000 * ppm) / MILLION) == 201]
    sene = PriceRule(Method.EFFORT, rate_ppm=2870, floor_cents=100, ceiling_cents=597)

    assert fitting == [2870]
    assert [cents(of(quotient), sene) for quotient in (100, 700, 5000, None)] == [100, 201, 597, 597]


@pytest.mark.parametrize(
    ("quotient_cents", "expected"),
    [
        (0, 100),
        (59_999, 100),
        (60_000, 305),
        (60_050, 305),
        (99_999, 305),
        (100_000, 310),
        (150_000, 315),
        (900_000, 315),
    ],
)
def test_bands_of_bubry_are_half_open(quotient_cents, expected):
    assert cents(PriceFacts(quotient_cents), PriceRule(Method.BANDS, bands=BANDS)) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0, 115), (1, 115), (30, 115), (31, 230), (90, 345), (92, 460)]
)
def test_started_half_hours_of_vatteville(minutes, expected):
    half_hours = PriceRule(Method.SLICE, amount_cents=115, slice_minutes=30)

    assert cents(of(850, minutes=minutes), half_hours) == expected


def test_without_quotient_the_price_is_the_highest():
    assert cents(of(None), EFFORT) == 450
    assert cents(of(None), PriceRule(Method.BANDS, bands=BANDS)) == 315
    assert cents(of(None), PriceRule(Method.BANDS, bands=(Band(0, 100, 900), Band(100, None, 100)))) == 900


def test_unreserved_meal_of_caumont_is_a_price_of_its_own():
    rules = (
        PriceRule(Method.FLAT, amount_cents=360),
        PriceRule(Method.FLAT, situation=Situation.UNRESERVED, amount_cents=505),
    )

    assert cents(of(850), *rules) == 360
    assert cents(of(850, situation=Situation.UNRESERVED), *rules) == 505


def test_late_booking_of_vailhauques_adds_half_of_the_normal_price():
    late = PriceRule(Method.PERCENT, situation=Situation.LATE, percent_bp=15_000)

    found = price(of(850, situation=Situation.LATE), EFFORT, late)

    assert found.unit_cents == 459
    assert (found.explanation.normal_cents, found.explanation.percent_bp) == (306, 15_000)


def test_late_pick_up_of_coetmieux_is_a_fixed_sum():
    late = PriceRule(Method.FLAT, situation=Situation.LATE, amount_cents=1000)

    assert cents(of(850, situation=Situation.LATE), EFFORT) == 0

    assert cents(of(850, situation=Situation.LATE), EFFORT, late) == 1000


def test_a_packed_meal_has_its_price_wherever_the_family_lives():
    for residence in (Residence.RESIDENT, Residence.NON_RESIDENT, Residence.PARTNER):
        assert (
            cents(of(850, residence=residence, situation=Situation.PAI), EFFORT, OUTSIDER, PACKED_MEAL) == 175
        )


def test_residence_chooses_its_rule():
    assert cents(of(850, residence=Residence.RESIDENT), EFFORT, OUTSIDER) == 306
    assert cents(of(850, residence=Residence.PARTNER), EFFORT, OUTSIDER) == 306
    assert cents(of(850, residence=Residence.NON_RESIDENT), EFFORT, OUTSIDER) == 680


def test_an_absence_without_rule_costs_a_presence():
    assert cents(of(850, situation=Situation.ABSENCE), EFFORT, PACKED_MEAL) == 306


def test_the_closest_rule_wins():
    half_day = PriceRule(Method.FLAT, formula_key="half_day", amount_cents=500)
    outsider_half_day = PriceRule(
        Method.FLAT, residence=Residence.NON_RESIDENT, formula_key="half_day", amount_cents=900
    )
    rules = (EFFORT, OUTSIDER, half_day, outsider_half_day)

    assert cents(of(850, formula_key="half_day"), *rules) == 500
    assert cents(of(850, formula_key="half_day", residence=Residence.NON_RESIDENT), *rules) == 900
    assert cents(of(850, formula_key="day", residence=Residence.NON_RESIDENT), *rules) == 680


def refused(facts, *rules, day=DAY):
    with pytest.raises(Refusal) as refusal:
        price(facts, *rules, day=day)
    return refusal.value.code


def test_two_rules_for_one_case_are_a_fault_of_the_grid():
    assert refused(of(850), EFFORT, PriceRule(Method.FLAT, amount_cents=300)) == "price_rules_tie"


def test_a_case_without_rule_has_no_price():
    assert refused(of(850, residence=Residence.RESIDENT), OUTSIDER) == "no_price_rule"
    assert refused(of(None), PriceRule(Method.EFFORT, rate_ppm=3600)) == "no_price_rule"
    assert refused(of(850), PriceRule(Method.BANDS)) == "no_price_rule"
    assert refused(of(850), PriceRule(Method.PERCENT, percent_bp=5000)) == "no_price_rule"


def test_a_quotient_in_a_published_hole_has_no_price():
    """As published: "QF < 600; 601 < QF < 900"."""
    holed = PriceRule(Method.BANDS, bands=(Band(0, 60_000, 100), Band(60_100, None, 305)))

    assert refused(PriceFacts(60_050), holed) == "missing_band"


def test_the_tariff_is_the_one_of_the_day():
    dearer = PriceRule(Method.FLAT, amount_cents=999)
    grid = Tariff(
        1,
        "Cantine",
        "repas",
        "repas",
        (TariffVersion(1, START, NEXT, (EFFORT,)), TariffVersion(2, NEXT, None, (dearer,))),
    )

    assert unit_price(grid, of(850), START).unit_cents == 306
    assert unit_price(grid, of(850), date(2027, 8, 31)).unit_cents == 306
    assert unit_price(grid, of(850), NEXT).unit_cents == 999
    assert refused(of(850), EFFORT, day=date(2026, 8, 31)) == "no_tariff"


def faults(*bands):
    return [(fault.code, fault.low_cents, fault.high_cents) for fault in check_bands(bands)]


def test_a_whole_grid_has_no_fault():
    assert faults(*BANDS) == []
    assert faults(*reversed(BANDS)) == []
    require_whole_bands(BANDS)


def test_holes_and_overlaps_are_told():
    assert faults(Band(0, 60_000, 1), Band(60_100, 90_000, 2), Band(90_000, None, 3)) == [
        ("bands_hole", 60_000, 60_100)
    ]
    assert faults(Band(0, 60_000, 1), Band(50_000, None, 2)) == [("bands_overlap", 50_000, 60_000)]
    assert faults(Band(100, None, 1)) == [("bands_hole", 0, 100)]
    assert faults(Band(0, 100, 1)) == [("bands_hole", 100, None)]
    assert faults(Band(0, None, 1), Band(100, None, 2)) == [("bands_overlap", 100, None)]
    assert faults() == [("bands_hole", 0, None)]


@pytest.mark.parametrize(
    ("bands", "code"),
    [
        ((Band(0, 100, 1), Band(200, None, 2)), "bands_hole"),
        ((Band(0, 100, 1), Band(50, None, 2)), "bands_overlap"),
    ],
)
def test_a_faulty_grid_is_refused(bands, code):
    with pytest.raises(Refusal) as refusal:
        require_whole_bands(bands)

    assert refusal.value.code == code
    assert refusal.value.facts["low_cents"] >= 0


EDGES = st.integers(0, 60)
SOME_BANDS = st.lists(
    st.tuples(EDGES, st.none() | EDGES).filter(lambda edges: edges[1] is None or edges[0] < edges[1]),
    max_size=5,
)


@given(SOME_BANDS)
def test_a_grid_is_whole_when_each_quotient_has_one_band(edges):
    bands = [Band(low, high, 1) for low, high in edges]

    is_whole = all(sum(band.holds(quotient) for band in bands) == 1 for quotient in range(130))

    assert (check_bands(bands) == ()) == is_whole


@given(QUOTIENTS, QUOTIENTS)
def test_the_effort_rate_is_monotone_and_clamped(one, other):
    low, high = sorted((one, other))

    assert 260 <= cents(PriceFacts(low), EFFORT) <= cents(PriceFacts(high), EFFORT) <= 450


@given(QUOTIENTS)
def test_no_quotient_is_never_the_cheaper(quotient):
    for rule in (EFFORT, PriceRule(Method.BANDS, bands=BANDS)):
        assert cents(PriceFacts(quotient), rule) <= cents(PriceFacts(None), rule)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_slices_are_monotone(one, other):
    half_hours = PriceRule(Method.SLICE, amount_cents=115, slice_minutes=30)
    low, high = sorted((one, other))

    assert cents(of(None, minutes=low), half_hours) <= cents(of(None, minutes=high), half_hours)


def test_the_rules_know_the_words_of_the_tables():
    assert set(Method) == set(tables.PriceMethod)
    assert set(Residence) == set(tables.PriceResidence)
    assert set(Situation) == set(tables.PriceSituation)
