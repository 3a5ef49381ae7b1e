"""From priced days to a bill: lines, reductions, carried sums, corrections, two payers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.invoicing.rules import (
    BillableDay,
    Collection,
    Discount,
    collect,
    due_after_correction,
    due_date,
    group_lines,
    reduced_unit_cents,
    retroactive_credit,
    sibling_discounts,
    voucher_amount,
)
from domain.pricing.rules import (
    Band,
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Tariff,
    TariffVersion,
    unit_price,
)

FIRST = date(2026, 10, 1)
CANTEEN, STUDY, EVENING, WEDNESDAY = 1, 2, 3, 4
A, B, C = 11, 12, 13
EFFORT = PriceRule(Method.EFFORT, rate_ppm=3600, floor_cents=260, ceiling_cents=450)
OUTSIDER = PriceRule(Method.FLAT, residence=Residence.NON_RESIDENT, amount_cents=680)


def tariff(id_, *rules):
    return Tariff(
        id_, f"tarif {id_}", "unité", "unités", (TariffVersion(id_, date(2026, 9, 1), None, rules),)
    )


MEALS = tariff(CANTEEN, EFFORT, OUTSIDER)
FLAT = {
    STUDY: tariff(STUDY, PriceRule(Method.FLAT, amount_cents=210)),
    EVENING: tariff(EVENING, PriceRule(Method.FLAT, amount_cents=175)),
    WEDNESDAY: tariff(WEDNESDAY, PriceRule(Method.FLAT, amount_cents=980)),
}


def days(child_id, activity_id, count, quotient=850, residence=Residence.RESIDENT, first=FIRST):
    grid = FLAT.get(activity_id, MEALS)
    facts = PriceFacts(quotient * 100, residence)
    dates = (first + timedelta(days=place) for place in range(count))
    return [BillableDay(child_id, activity_id, grid.id, day, unit_price(grid, facts, day)) for day in dates]


def month_total(lines, discounts=()):
    return sum(line.amount_cents for line in lines) + sum(discount.amount_cents for discount in discounts)


def test_the_worked_invoice():
    lines = group_lines(
        [
            *days(A, CANTEEN, 16),
            *days(A, STUDY, 8),
            *days(B, CANTEEN, 14),
            *days(B, EVENING, 7),
            *days(B, WEDNESDAY, 3),
        ]
    )

    (discount,) = sibling_discounts(lines, {A: 1, B: 2}, [Discount(from_rank=2, percent_bp=1000)])

    assert [line.amount_cents for line in lines] == [4896, 1680, 4284, 1225, 2940]
    assert month_total(lines) == 15025
    assert (discount.child_id, discount.rank, discount.base_cents) == (B, 2, 8449)
    assert discount.amount_cents == -845
    assert month_total(lines, [discount]) == 14180


def test_a_family_that_leaves_the_commune_on_the_15th():
    lines = group_lines(
        [
            *days(A, CANTEEN, 7),
            *days(A, CANTEEN, 9, residence=Residence.NON_RESIDENT, first=date(2026, 10, 15)),
        ]
    )

    assert [(line.quantity, line.unit_cents) for line in lines] == [(7, 306), (9, 680)]
    assert month_total(lines) == 8262


def test_a_new_quotient_within_the_month_makes_a_line_of_its_own():
    lines = group_lines([*days(A, CANTEEN, 2), *days(A, CANTEEN, 3, quotient=700)])

    assert [(line.quantity, line.explanation.quotient_cents) for line in lines] == [(2, 85_000), (3, 70_000)]


def test_the_same_price_for_another_reason_is_another_line():
    """The floor is reached by two quotients: a parent must read both."""
    lines = group_lines([*days(A, CANTEEN, 1, quotient=500), *days(A, CANTEEN, 1, quotient=600)])

    assert [line.unit_cents for line in lines] == [260, 260]


@pytest.mark.parametrize(("unit", "half"), [(305, 153), (315, 158), (310, 155), (100, 50)])
def test_half_price_of_bubry_is_rounded_on_the_unit(unit, half):
    assert reduced_unit_cents(unit, 5000) == half


def test_third_child_of_bubry_pays_half_of_each_meal():
    bubry = tariff(CANTEEN, PriceRule(Method.BANDS, bands=(Band(0, 60_000, 100), Band(60_000, None, 305))))
    price = unit_price(bubry, PriceFacts(85_000), FIRST)
    lines = group_lines(
        BillableDay(child, CANTEEN, CANTEEN, FIRST + timedelta(days=place), price)
        for child in (A, B, C)
        for place in range(10)
    )

    (discount,) = sibling_discounts(lines, {A: 1, B: 2, C: 3}, [Discount(3, 5000, tariff_id=CANTEEN)])

    assert (discount.child_id, discount.tariff_id, discount.base_cents) == (C, CANTEEN, 3050)
    assert month_total(lines, [discount]) == 3050 + 3050 + 10 * 153


def test_the_highest_rank_reached_gives_the_reduction():
    lines = group_lines([*days(A, STUDY, 10), *days(B, STUDY, 10), *days(C, STUDY, 10)])
    steps = [Discount(3, 3000), Discount(2, 1000)]

    found = sibling_discounts(lines, {C: 3, B: 2, A: 1}, steps)

    assert [(discount.rank, discount.amount_cents) for discount in found] == [(2, -210), (3, -630)]


def test_a_reduction_of_the_whole_bill_is_counted_after_a_tariff_s_own():
    lines = group_lines([*days(B, STUDY, 10), *days(B, WEDNESDAY, 1)])
    both = [Discount(2, 5000, tariff_id=STUDY), Discount(2, 1000)]

    found = sibling_discounts(lines, {B: 2}, both)

    assert [discount.amount_cents for discount in found] == [-1050, -203]  # 10 % of 10.50 + 9.80
    assert sibling_discounts(lines, {A: 2}, both) == ()


def test_a_voucher_never_makes_a_bill_negative():
    assert voucher_amount(due_cents=5000, left_cents=2000) == -2000
    assert voucher_amount(due_cents=1500, left_cents=2000) == -1500
    assert voucher_amount(due_cents=-10, left_cents=2000) == 0


def test_small_sums_wait_for_the_third_month():
    first = collect(920, 0, 1500)
    second = collect(410, first.carried_cents, 1500)
    third = collect(600, second.carried_cents, 1500)

    assert [first, second, third] == [Collection(0, 920), Collection(0, 1330), Collection(1930, 0)]


def test_the_threshold_itself_is_collected():
    assert collect(1500, 0, 1500) == Collection(1500, 0)


def test_who_leaves_is_invoiced_at_once():
    assert collect(410, 920, 1500, is_leaving=True) == Collection(1330, 0)
    assert collect(0, 0, 1500, is_leaving=True) == Collection(0, 0)


@given(st.lists(st.integers(0, 3000), max_size=12), st.integers(0, 5000))
def test_carrying_loses_no_cent(months, threshold):
    carried, issued = 0, 0
    for month in months:
        found = collect(month, carried, threshold)
        assert not (found.issued_cents and found.carried_cents)
        issued, carried = issued + found.issued_cents, found.carried_cents

    assert issued + carried == sum(months)


def test_a_retroactive_quotient_is_credited_only_where_the_commune_accepts_it():
    """The worked figures (3.06, then 2.52) are those of a grid whose floor is below 2.52."""
    grid = tariff(CANTEEN, PriceRule(Method.EFFORT, rate_ppm=3600))

    before, after = (unit_price(grid, PriceFacts(value), FIRST).unit_cents for value in (85_000, 70_000))

    assert (before, after) == (306, 252)
    assert retroactive_credit(16, before, after) == -864
    assert retroactive_credit(16, before, after, is_retroactive=False) == 0


def test_a_correction_after_part_payment():
    assert due_after_correction(paid_cents=5000, corrected_cents=9500) == (4500, 0)
    assert due_after_correction(paid_cents=5000, corrected_cents=3000) == (0, 2000)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_correction_invents_no_cent(paid, corrected):
    due, credit = due_after_correction(paid, corrected)

    assert due - credit == corrected - paid
    assert 0 in (due, credit)


BILLED = st.lists(
    st.tuples(
        st.sampled_from([A, B, C]),
        st.sampled_from([CANTEEN, STUDY, EVENING, WEDNESDAY]),
        st.integers(0, 2000),
        st.sampled_from([Residence.RESIDENT, Residence.NON_RESIDENT]),
    ),
    max_size=40,
)


@given(BILLED)
def test_lines_hold_every_day_once_and_sum_to_the_total(entries):
    billed = [
        day
        for place, (child, activity, quotient, residence) in enumerate(entries)
        for day in days(child, activity, 1, quotient, residence, FIRST + timedelta(days=place))
    ]

    lines = group_lines(billed)

    assert sum(line.amount_cents for line in lines) == sum(day.price.unit_cents for day in billed)
    assert sorted(day.day for line in lines for day in line.days) == [day.day for day in billed]


@given(BILLED, st.integers(1, 10_000), st.sampled_from([None, CANTEEN, STUDY]))
def test_a_reduction_never_makes_a_child_s_bill_negative(entries, percent_bp, tariff_id):
    lines = group_lines(day for child, activity, *_ in entries for day in days(child, activity, 1))

    found = sibling_discounts(
        lines, {A: 1, B: 2, C: 3}, [Discount(2, percent_bp, tariff_id), Discount(3, 500)]
    )

    for child in (B, C):
        mine = [line for line in lines if line.child_id == child]
        assert month_total(mine, [discount for discount in found if discount.child_id == child]) >= 0
    assert all(discount.amount_cents < 0 and discount.child_id != A for discount in found)


def test_the_lines_of_an_activity_stand_together():
    mixed = [*days(A, CANTEEN, 1), *days(A, STUDY, 1), *days(A, CANTEEN, 2, quotient=900)]

    assert [line.activity_id for line in group_lines(mixed)] == [CANTEEN, CANTEEN, STUDY]


def test_a_free_day_makes_no_line():
    free = tariff(STUDY, PriceRule(Method.FLAT, amount_cents=0))

    assert group_lines([BillableDay(A, STUDY, STUDY, FIRST, unit_price(free, PriceFacts(0), FIRST))]) == ()


def test_the_last_day_to_pay():
    assert due_date(date(2026, 11, 5), 30) == date(2026, 12, 5)
