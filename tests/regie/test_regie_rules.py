"""The cash desk: the drawer, its difference, and the deposit slips."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.regie.rules import (
    CASH,
    Count,
    Entry,
    count_drawer,
    counted_cents,
    deposit_slips,
    require_explained,
    require_open,
    totals,
)
from models.payments import PaymentMeans

MORNING = [
    Entry("cash", 2000),
    Entry("cheque", 14_180),
    Entry("cash", 1530),
    Entry("cesu", 5000),
    Entry("cash", -500),
]


def test_each_means_has_its_total():
    assert totals(MORNING) == {"cash": 3030, "cesu": 5000, "cheque": 14_180}


def test_only_cash_is_in_the_drawer():
    count = count_drawer(10_000, MORNING, counted_cents=13_030)

    assert (count.expected_cents, count.difference_cents) == (13_030, 0)


def test_missing_money_is_a_negative_difference():
    assert count_drawer(10_000, MORNING, counted_cents=13_000).difference_cents == -30
    assert count_drawer(10_000, [], counted_cents=10_005).difference_cents == 5


def test_a_difference_is_explained_before_the_desk_closes():
    require_explained(Count(100, 100), "")
    require_explained(Count(100, 70), "Pièce rendue en trop")
    with pytest.raises(Refusal) as refusal:
        require_explained(Count(100, 70), "  ")

    assert (refusal.value.code, refusal.value.facts) == (
        "cash_difference_unexplained",
        {"difference_cents": -30},
    )


def test_a_closed_desk_is_locked():
    closed_at = datetime(2026, 11, 12, 16, tzinfo=UTC)

    require_open(None)
    with pytest.raises(Refusal) as refusal:
        require_open(closed_at)

    assert (refusal.value.code, refusal.value.facts) == ("cash_session_closed", {"closed_at": closed_at})


def test_notes_and_coins_are_counted():
    assert counted_cents({5_000: 2, 200: 3, 5: 1}) == 10_605
    assert counted_cents({}) == 0


@pytest.mark.parametrize("pieces", [{300: 1}, {100: -1}])
def test_what_is_not_money_is_not_counted(pieces):
    with pytest.raises(ValueError, match="notes and coins"):
        counted_cents(pieces)


def test_there_is_a_slip_by_means():
    assert deposit_slips([*MORNING, Entry("ancv", 100), Entry("ancv", -100)]) == {
        "cash": 3030,
        "cesu": 5000,
        "cheque": 14_180,
    }


def test_a_slip_is_never_negative():
    with pytest.raises(ValueError, match="slip"):
        deposit_slips([Entry("cash", -1)])


@given(
    st.integers(0, 100_000),
    st.lists(
        st.builds(Entry, st.sampled_from([means.value for means in PaymentMeans]), st.integers(0, 10**6))
    ),
)
def test_slips_hand_over_every_cent_taken(float_cents, entries):
    slips = deposit_slips(entries)

    assert sum(slips.values()) == sum(entry.amount_cents for entry in entries)
    assert count_drawer(float_cents, entries, float_cents + slips.get(CASH, 0)).difference_cents == 0


def test_cash_is_the_table_s_word():
    assert PaymentMeans.CASH == CASH
