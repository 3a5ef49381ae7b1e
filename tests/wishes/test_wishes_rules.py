"""The ranking and the allocation: whoever runs them again, in whatever order, finds the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.wishes.rules import (
    Candidate,
    Criterion,
    Decision,
    Phase,
    Standing,
    Verdict,
    Wanted,
    allocate,
    child_number,
    draw,
    fingerprint,
    phase,
    ranking,
)

POINTS = {
    Criterion.WORKING_PARENTS: 10,
    Criterion.RESIDENT: 5,
    Criterion.SIBLING: 2,
    Criterion.SINGLE_PARENT: 0,
}
CANDIDATES = st.lists(
    st.builds(
        lambda number, met: Candidate(number, child_number(number, 1), frozenset(met)),
        st.integers(1, 40),
        st.sets(st.sampled_from(Criterion)),
    ),
    unique_by=lambda one: one.sheet_id,
    max_size=20,
)
SEEDS = st.text("0123456789abcdef", min_size=1, max_size=32)


def ranked(*placed: int) -> tuple[Standing, ...]:
    """The children of these sheets, in this order."""
    return tuple(Standing(sheet, place, 0, {}, "") for place, sheet in enumerate(placed, start=1))


def verdicts(decisions: tuple[Decision, ...]) -> dict[int, Verdict]:
    return {one.wanted.wish_id: one.verdict for one in decisions}


@st.composite
def rounds(draw_from: st.DrawFn) -> tuple[list[Candidate], list[Wanted], dict[int, int]]:
    """Some children, the days that they wish, and the places of each day."""
    candidates = draw_from(CANDIDATES)
    days = draw_from(st.dictionaries(st.integers(1, 5), st.integers(0, 6), min_size=1))
    pairs = [(one.sheet_id, day) for one in candidates for day in days if draw_from(st.booleans())]
    wanted = [
        Wanted(wish, sheet, day, draw_from(st.sampled_from(["", "", "", "too_young"])))
        for wish, (sheet, day) in enumerate(pairs)
    ]
    return candidates, wanted, days


def test_more_points_come_first_and_each_criterion_is_told() -> None:
    many = Candidate(1, "1-1", frozenset({Criterion.WORKING_PARENTS, Criterion.SINGLE_PARENT}))
    some = Candidate(2, "2-2", frozenset({Criterion.RESIDENT, Criterion.SIBLING}))

    first, second = ranking([some, many], POINTS, "seed")

    assert (first.sheet_id, first.place, first.total) == (1, 1, 10)
    assert first.earned == {Criterion.WORKING_PARENTS: 10}  # a criterion without points is not told
    assert (second.sheet_id, second.total) == (2, 7)


def test_equal_children_are_ordered_by_a_draw_that_anybody_can_run_again() -> None:
    # Computed by: printf %s 12-7 | openssl dgst -sha256 -hmac abc
    assert draw("abc", "12-7").startswith("5f409b1a71f7de04")
    # Computed by: printf %s abc | sha256sum
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    equals = [Candidate(n, child_number(n, n), frozenset()) for n in range(1, 9)]
    orders = {tuple(one.sheet_id for one in ranking(equals, POINTS, seed)) for seed in "abcdef"}
    assert len(orders) > 1


@given(rounds(), SEEDS, st.randoms())
def test_the_order_of_posting_changes_nothing(
    made: tuple[list[Candidate], list[Wanted], dict[int, int]], seed: str, dice: object
) -> None:
    candidates, wanted, free = made
    once = allocate(ranking(candidates, POINTS, seed), wanted, free, has_waiting_list=True)

    dice.shuffle(candidates)  # type: ignore[attr-defined]
    dice.shuffle(wanted)  # type: ignore[attr-defined]
    again = allocate(ranking(candidates, POINTS, seed), wanted, free, has_waiting_list=True)

    assert again == once


@given(rounds(), SEEDS, st.booleans())
def test_no_day_is_oversold_no_place_is_wasted_and_nobody_is_forgotten(
    made: tuple[list[Candidate], list[Wanted], dict[int, int]], seed: str, has_waiting_list: bool
) -> None:
    candidates, wanted, free = made
    decisions = allocate(ranking(candidates, POINTS, seed), wanted, free, has_waiting_list=has_waiting_list)

    assert sorted(one.wanted.wish_id for one in decisions) == sorted(one.wish_id for one in wanted)
    for day, places in free.items():
        able = [one for one in wanted if one.day_id == day and not one.obstacle]
        granted = [one for one in decisions if one.wanted.day_id == day and one.verdict is Verdict.GRANTED]
        assert len(granted) == min(places, len(able))
    assert has_waiting_list or Verdict.WAITING not in verdicts(decisions).values()


@given(rounds(), SEEDS)
def test_the_better_placed_never_loses_a_place_to_the_worse_placed(
    made: tuple[list[Candidate], list[Wanted], dict[int, int]], seed: str
) -> None:
    candidates, wanted, free = made
    standings = ranking(candidates, POINTS, seed)
    places = {one.sheet_id: one.place for one in standings}
    decisions = allocate(standings, wanted, free, has_waiting_list=True)

    for day in free:
        able = [one for one in decisions if one.wanted.day_id == day and not one.wanted.obstacle]
        had = [places[one.wanted.sheet_id] for one in able if one.verdict is Verdict.GRANTED]
        waits = [places[one.wanted.sheet_id] for one in able if one.verdict is Verdict.WAITING]
        assert max(had, default=0) < min(waits, default=99)
        assert waits == sorted(waits)  # the waiting list is made in that order


def test_a_day_without_waiting_list_is_refused_for_want_of_places() -> None:
    wanted = [Wanted(1, 7, 1), Wanted(2, 8, 1), Wanted(3, 9, 1, "too_young")]
    decisions = allocate(ranked(9, 8, 7), wanted, {1: 1}, has_waiting_list=False)

    assert verdicts(decisions) == {2: Verdict.GRANTED, 1: Verdict.REFUSED, 3: Verdict.REFUSED}
    assert {one.wanted.wish_id: one.reason for one in decisions} == {2: "", 1: "full", 3: "too_young"}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, Phase.COMING), (0, Phase.OPEN), (59, Phase.OPEN), (60, Phase.CLOSED)],
)
def test_a_round_takes_wishes_from_its_opening_until_its_closing(seconds: int, expected: Phase) -> None:
    opens = datetime(2026, 11, 2, 8, tzinfo=UTC)
    closes = opens + timedelta(minutes=1)

    assert phase(opens, closes, None, opens + timedelta(seconds=seconds)) is expected
    assert phase(opens, closes, closes, opens + timedelta(seconds=seconds)) is Phase.PUBLISHED
