"""The waiting room's arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.queueing.rules import (
    LAST_REFRESH,
    PATIENCE,
    SEAT_KEPT,
    free_seats,
    is_seated,
    minutes_left,
    refresh_seconds,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_seat_is_kept_while_its_browser_is_seen() -> None:
    assert is_seated(NOW, NOW, NOW + SEAT_KEPT - SECOND)
    assert not is_seated(NOW, NOW, NOW + SEAT_KEPT)
    assert not is_seated(None, NOW, NOW)


def test_no_seat_is_free_when_more_came_in_than_there_are() -> None:
    assert [free_seats(3, taken) for taken in (0, 2, 3, 5)] == [3, 1, 0, 0]


@pytest.mark.parametrize(
    ("ahead", "lately", "minutes"), [(0, 5, 1), (99, 100, 5), (100, 100, 6), (9, 0, None), (0, 1000, 1)]
)
def test_the_estimate_follows_the_pace_of_the_last_five_minutes(
    ahead: int, lately: int, minutes: int | None
) -> None:
    assert minutes_left(ahead, lately) == minutes


@given(st.integers(0, 100_000))
def test_a_waiting_page_asks_again_before_it_is_thought_away(ahead: int) -> None:
    assert 0 < refresh_seconds(ahead) <= LAST_REFRESH
    assert 2 * refresh_seconds(ahead) < PATIENCE.total_seconds()
