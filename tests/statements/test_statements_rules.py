"""What of the money paid is care: worked figures, and what holds whatever is paid when."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.statements.rules import (
    Charge,
    Movement,
    Part,
    care_cents,
    certificate,
    is_young,
    parts_of,
    yearly_sums,
)

LEO, ZOE = 1, 2
CANTEEN, STUDY, EVENING, WEDNESDAY = 1, 2, 3, 4
BIRTHS = {LEO: date(2019, 3, 14), ZOE: date(2021, 6, 2)}
# DOMAIN.md §6: the worked invoice of 141,80 €; Léo is the elder, Zoé has 10 % off.
WORKED = (
    Charge(4896, 0, LEO, CANTEEN, activity="Cantine"),
    Charge(1680, 1680, LEO, STUDY, activity="Étude"),
    Charge(4284, 0, ZOE, CANTEEN, activity="Cantine"),
    Charge(1225, 1225, ZOE, EVENING, activity="Garderie du soir"),
    Charge(2940, 2940, ZOE, WEDNESDAY, activity="Mercredi"),
    Charge(-845, 0, ZOE),
)


def test_reduction_of_the_worked_invoice_takes_its_share_of_each_line_of_its_child() -> None:
    parts = parts_of(WORKED)

    assert sum(part.cents for part in parts) == 14180
    assert {(part.child_id, part.activity): part.cents for part in parts if part.is_care} == {
        (LEO, "Étude"): 1680,
        (ZOE, "Garderie du soir"): 1225 - 123,
        (ZOE, "Mercredi"): 2940 - 294,
    }


def test_worked_invoice_partly_paid_attests_the_care_of_the_child_under_six() -> None:
    documents = {7: parts_of(WORKED)}
    half = Movement(7, date(2026, 11, 12), 7090)

    found = certificate(yearly_sums(documents, [half], [2026])[2026], BIRTHS, 2026, 6)

    [zoe] = found.children
    assert zoe.child_id == ZOE
    assert dict(zoe.lines) == {"Garderie du soir": 551, "Mercredi": 1323}
    assert found.total_cents + found.excluded_cents == 7090


def test_december_paid_in_january_counts_in_the_new_year() -> None:
    documents = {7: parts_of([Charge(5000, 5000, ZOE, EVENING, activity="Garderie")])}
    payments = [Movement(7, date(2026, 12, 30), 2000), Movement(7, date(2027, 1, 4), 3000)]

    sums = yearly_sums(documents, payments, [2026, 2027])

    assert sums[2026].care[ZOE] == {"Garderie": 2000}
    assert sums[2027].care[ZOE] == {"Garderie": 3000}


@pytest.mark.parametrize(
    ("born_on", "is_one"),
    [
        (date(2020, 1, 1), False),
        (date(2020, 1, 2), True),
        (date(2019, 12, 31), False),
        (date(2026, 5, 1), True),
    ],
)
def test_child_who_turns_six_on_1_january_is_no_longer_young(born_on: date, is_one: bool) -> None:
    assert is_young(born_on, 2026, 6) is is_one


@pytest.mark.parametrize(
    ("facts", "cents"),
    [
        ({"situation": "normal"}, 2940),
        ({"situation": "normal", "meal_shares": (350, 350, 350)}, 1890),
        ({"situation": "normal", "meal_shares": (1200, 0, 0)}, 1960),
        ({"situation": "absence"}, 2940),
        ({"situation": "late"}, 0),
        # 50 % more for who came unreserved: the normal price is care, the supplement is not.
        ({"situation": "unreserved", "normal_cents": 653}, 1959),
        ({"situation": "unreserved"}, 2940),
        ({"situation": "unreserved", "has_own_price": True}, 0),
    ],
)
def test_meals_penalties_and_supplements_are_not_care(facts: dict[str, object], cents: int) -> None:
    assert care_cents(3, 980, **facts) == cents  # type: ignore[arg-type]


def test_vouchers_for_care_pay_care_before_anything_else() -> None:
    documents = {7: parts_of([Charge(3000, 0, ZOE, CANTEEN), Charge(2000, 2000, ZOE, EVENING, activity="G")])}
    payments = [
        Movement(7, date(2026, 11, 2), 1500, prefers_care=True),
        Movement(7, date(2026, 11, 3), 3500),
    ]

    sums = yearly_sums(documents, payments, [2026])[2026]

    assert sums.care[ZOE] == {"G": 2000}
    assert sums.cesu_cents == {ZOE: 1500}
    assert sums.other_cents == 3000


def test_what_a_credit_note_gave_back_is_taken_off_when_it_is_used() -> None:
    evening = [Charge(4896, 4896, ZOE, EVENING, activity="Garderie")]
    documents = {
        1: parts_of(evening),
        2: parts_of([Charge(864, 864, ZOE, EVENING, activity="Garderie")]),
        3: parts_of(evening),
    }
    moves = [
        Movement(1, date(2026, 11, 2), 4896),
        Movement(3, date(2027, 1, 5), 864),
        Movement(2, date(2027, 1, 5), 864, is_given_back=True),
        Movement(3, date(2027, 1, 9), 4032),
    ]

    sums = yearly_sums(documents, moves, [2026, 2027])

    assert (sums[2026].paid_cents, sums[2027].paid_cents) == (4896, 4032)


def test_reduction_of_a_tariff_leaves_the_other_lines_alone() -> None:
    parts = parts_of(
        [
            Charge(1000, 1000, ZOE, EVENING, 5, "Garderie"),
            Charge(1000, 1000, ZOE, WEDNESDAY, 6, "Mercredi"),
            Charge(-100, 0, ZOE, tariff_id=6),
        ]
    )

    assert {part.activity: part.cents for part in parts} == {"Garderie": 1000, "Mercredi": 900}


CHARGES = st.lists(
    st.builds(
        lambda cents, percent, child, activity: Charge(
            cents, cents * percent // 100, child, activity, activity, f"A{activity}"
        ),
        st.integers(1, 20_000),
        st.integers(0, 100),
        st.sampled_from((LEO, ZOE, None)),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=8,
)


@given(CHARGES, st.lists(st.integers(1, 100), max_size=3), st.data())
def test_parts_add_up_to_the_total_and_none_is_negative(
    charges: list[Charge], percents: list[int], data: st.DataObject
) -> None:
    total = sum(charge.amount_cents for charge in charges)
    for percent in percents:
        off = min(total, total * percent // 300)
        total -= off
        child = data.draw(st.sampled_from((LEO, ZOE, None)))
        charges = [*charges, Charge(-off, 0, child, tariff_id=data.draw(st.sampled_from((1, 4, None))))]

    parts = parts_of(charges)

    assert sum(part.cents for part in parts) == total
    assert all(part.cents > 0 for part in parts)


@given(CHARGES, st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 1200), st.booleans()), max_size=8))
def test_what_is_attested_and_what_is_not_add_up_to_what_was_paid(
    charges: list[Charge], payments: list[tuple[int, int, bool]]
) -> None:
    parts = parts_of(charges)
    left, moves = sum(part.cents for part in parts), []
    for cents, day, by_cesu in sorted(payments, key=lambda one: one[1]):
        paid = min(cents, left)
        left -= paid
        moves.append(Movement(7, date(2025, 1, 1) + timedelta(days=day), paid, prefers_care=by_cesu))

    sums = yearly_sums({7: parts}, moves, range(2025, 2030))

    for year, found in sums.items():
        attested = certificate(found, BIRTHS, year, 6)
        paid = sum(one.cents for one in moves if one.on.year == year)
        assert attested.total_cents + attested.excluded_cents == found.paid_cents == paid
        assert found.other_cents >= 0
        assert all(cents >= 0 for lines in found.care.values() for cents in lines.values())
    if left == 0:
        care = sum(part.cents for part in parts if part.is_care and part.child_id)
        assert sum(sum(lines.values()) for found in sums.values() for lines in found.care.values()) == care


def test_a_document_that_asks_nothing_has_no_part() -> None:
    assert parts_of([]) == ()
    assert parts_of([Charge(100, 100, ZOE), Charge(-100, 0, ZOE)]) == ()
    assert Part(1, True).child_id is None
