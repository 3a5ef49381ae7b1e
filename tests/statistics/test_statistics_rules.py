"""The periods of the charts: what each holds, its neighbours, and how it is cut."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.statistics.rules import CALENDAR, Period, Span, buckets, days_between, neighbour, period_of

DAYS = st.dates(date(2002, 1, 1), date(2098, 12, 31))
KINDS = st.sampled_from([span for span in Span if span is not Span.DAYS])


@pytest.mark.parametrize(
    ("span", "on", "first", "last"),
    [
        (Span.MONTH, date(2026, 2, 14), date(2026, 2, 1), date(2026, 2, 28)),
        (Span.SCHOOL_YEAR, date(2026, 9, 1), date(2026, 9, 1), date(2027, 8, 31)),
        (Span.SCHOOL_YEAR, date(2026, 8, 31), date(2025, 9, 1), date(2026, 8, 31)),
        (Span.YEAR, date(2026, 11, 23), date(2026, 1, 1), date(2026, 12, 31)),
        (Span.TWELVE_MONTHS, date(2026, 11, 23), date(2025, 12, 1), date(2026, 11, 30)),
    ],
)
def test_a_period_is_the_one_that_holds_a_day(span: Span, on: date, first: date, last: date) -> None:
    assert period_of(span, on) == Period(span, first, last)


@given(KINDS, DAYS)
def test_neighbours_touch_and_lead_back(span: Span, on: date) -> None:
    period = period_of(span, on)

    after = neighbour(period, 1)

    assert neighbour(after, -1) == period
    if span is not Span.TWELVE_MONTHS:
        assert period.first <= on <= period.last
    assert after.first == period.end


@given(DAYS, st.integers(0, 700))
def test_neighbours_of_two_days_are_as_many_days(first: date, more: int) -> None:
    period = days_between(first, first + timedelta(days=more))

    before = neighbour(period, -1)

    assert before.end == period.first
    assert before.last - before.first == period.last - period.first
    assert neighbour(before, 1) == period


@given(DAYS, st.integers(0, 1500))
def test_the_parts_of_a_period_are_the_whole_of_it(first: date, more: int) -> None:
    period = days_between(first, min(first + timedelta(days=more), date(CALENDAR[-1], 12, 31)))

    parts = buckets(period)

    assert (parts[0].first, parts[-1].end) == (period.first, period.end)
    assert all(one.end == following.first for one, following in zip(parts, parts[1:], strict=False))
    assert all(one.first < one.end for one in parts)
    assert len(parts) <= 61


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "period_ends_before"),
        (date(2021, 11, 2), date(2026, 11, 2), "period_too_long"),
        (date(1, 1, 1), date(2026, 1, 1), "period_out_of_calendar"),
        (date(2026, 1, 1), date(9999, 12, 31), "period_out_of_calendar"),
    ],
)
def test_days_that_make_no_period_are_refused(first: date, last: date, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        days_between(first, last)


def test_five_years_to_the_day_are_a_period() -> None:
    assert days_between(date(2021, 11, 2), date(2026, 11, 1)).last == date(2026, 11, 1)
