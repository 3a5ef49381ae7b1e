"""A mail that could not leave is tried again, ever later, over a whole day."""

from datetime import timedelta

import pytest

from domain.messages.rules import MAX_ATTEMPTS, retry_delay


def test_delays_grow() -> None:
    delays = [retry_delay(attempts) for attempts in range(1, MAX_ATTEMPTS)]

    assert delays == sorted(set(delays))
    assert delays[0] == timedelta(minutes=1)


def test_a_server_down_for_a_day_loses_no_mail() -> None:
    total = sum((retry_delay(attempts) for attempts in range(1, MAX_ATTEMPTS)), timedelta())

    assert total >= timedelta(hours=24)


@pytest.mark.parametrize("attempts", [-1, 0, MAX_ATTEMPTS])
def test_no_try_follows_the_last(attempts: int) -> None:
    with pytest.raises(ValueError, match="no try"):
        retry_delay(attempts)
