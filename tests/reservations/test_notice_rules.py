"""Deadlines (DOMAIN §5): the four worked figures, and what must hold of every rule."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar.rules import FOUR_AND_A_HALF_DAY_WEEK, CalendarView
from domain.clock import PARIS
from domain.dates import at
from domain.reservations.notice import (
    DayBase,
    DaysBefore,
    NoticeKind,
    WeeklyNotice,
    deadline,
    hours_before,
    is_in_time,
    notice_columns,
    read_notice,
)
from models import activities as tables
from tests.calendar.days import YEAR, zone_b

NOON = time(12)
SCHOOL_DAY_BEFORE_11 = DaysBefore(DayBase.SCHOOL, 1, 11 * 60)
THURSDAY_MIDNIGHT = WeeklyNotice(weekday=3, weeks=1, at_minutes=1440)


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)


def test_two_working_days_before_skip_the_public_holiday():
    rule = DaysBefore(DayBase.WORKING, 2, 10 * 60)

    assert deadline(rule, date(2026, 11, 12), NOON, zone_b()) == paris(2026, 11, 9, 10)


def test_the_previous_school_day_of_a_thursday_is_tuesday_in_a_four_day_week():
    closes = deadline(SCHOOL_DAY_BEFORE_11, date(2026, 11, 19), NOON, zone_b())

    assert closes == paris(2026, 11, 17, 11)


def test_the_previous_school_day_of_a_thursday_is_wednesday_in_a_four_and_a_half_day_week():
    closes = deadline(SCHOOL_DAY_BEFORE_11, date(2026, 11, 19), NOON, zone_b(FOUR_AND_A_HALF_DAY_WEEK))

    assert closes == paris(2026, 11, 18, 11)


def test_the_previous_school_day_of_the_first_day_back_is_the_last_before_the_holidays():
    assert deadline(SCHOOL_DAY_BEFORE_11, date(2026, 11, 2), NOON, zone_b()) == paris(2026, 10, 16, 11)


def test_thursday_midnight_accepts_its_last_second_and_refuses_friday():
    closes = deadline(THURSDAY_MIDNIGHT, date(2026, 11, 19), NOON, zone_b())

    assert is_in_time(paris(2026, 11, 12, 23, 59, 59), closes)
    assert not is_in_time(paris(2026, 11, 13), closes)


def test_thursday_midnight_holds_for_the_whole_week():
    closings = {deadline(THURSDAY_MIDNIGHT, date(2026, 11, day), NOON, zone_b()) for day in (16, 17, 19, 20)}

    assert closings == {paris(2026, 11, 13)}


def test_72_hours_before_keep_the_wall_clock_when_the_clocks_change():
    monday, start = date(2026, 10, 26), time(8, 30)
    closes = deadline(hours_before(72, start), monday, start, zone_b())

    assert closes == paris(2026, 10, 23, 8, 30)
    assert at(monday, start) - closes == timedelta(hours=73)


@pytest.mark.parametrize(
    ("hours", "rule"),
    [
        (0, DaysBefore(DayBase.CALENDAR, 0, 510)),
        (24, DaysBefore(DayBase.CALENDAR, 1, 510)),
        (48, DaysBefore(DayBase.CALENDAR, 2, 510)),
        (9, DaysBefore(DayBase.CALENDAR, 1, 1410)),
        (2, DaysBefore(DayBase.CALENDAR, 0, 390)),
    ],
)
def test_hours_become_calendar_days_and_an_hour(hours, rule):
    assert hours_before(hours, time(8, 30)) == rule


def test_until_ten_refuses_ten_sharp():
    closes = deadline(DaysBefore(DayBase.CALENDAR, 1, 600), date(2026, 11, 19), NOON, zone_b())

    assert is_in_time(paris(2026, 11, 18, 9, 59, 59), closes)
    assert not is_in_time(paris(2026, 11, 18, 10), closes)


def test_opening_days_are_those_of_the_activity():
    wednesdays = frozenset({date(2026, 11, 4), date(2026, 11, 18), date(2026, 11, 25)})
    rule = DaysBefore(DayBase.OPENING, 2, 18 * 60)

    assert deadline(rule, date(2026, 11, 25), time(8), zone_b(), wednesdays) == paris(2026, 11, 4, 18)


def test_without_notice_one_may_book_until_the_start():
    assert deadline(None, date(2026, 11, 19), time(16, 30), zone_b()) == paris(2026, 11, 19, 16, 30)


def test_a_deadline_is_never_after_the_start():
    rule = DaysBefore(DayBase.CALENDAR, 0, 18 * 60)

    assert deadline(rule, date(2026, 11, 19), time(7, 30), zone_b()) == paris(2026, 11, 19, 7, 30)


def test_the_first_day_of_the_first_known_year_has_a_deadline():
    closes = deadline(SCHOOL_DAY_BEFORE_11, YEAR.first, NOON, zone_b())

    assert closes == paris(2026, 8, 31, 11)
    assert deadline(SCHOOL_DAY_BEFORE_11, YEAR.first, NOON, CalendarView(27, (), ())) == closes
    assert deadline(DaysBefore(DayBase.OPENING, 1, 660), YEAR.first, NOON, zone_b()) == closes


MINUTES = st.integers(0, 1440)
RULES = st.one_of(
    st.none(),
    st.builds(DaysBefore, st.sampled_from(DayBase), st.integers(0, 15), MINUTES),
    st.builds(WeeklyNotice, st.integers(0, 6), st.integers(0, 4), MINUTES),
)
DAYS = st.dates(date(2026, 9, 1), date(2027, 9, 30))
CLOCKS = st.times(time(6), time(19)).map(lambda clock: clock.replace(second=0, microsecond=0))
OPENING = frozenset(day for day in YEAR if zone_b().is_school_day(day) and day.weekday() != 4)


@given(RULES, DAYS, DAYS, CLOCKS)
def test_a_later_day_never_closes_earlier(rule, day, other, start):
    first, second = sorted((day, other))

    assert deadline(rule, first, start, zone_b(), OPENING) <= deadline(rule, second, start, zone_b(), OPENING)


@given(RULES, DAYS, CLOCKS)
def test_every_deadline_is_at_or_before_the_start(rule, day, start):
    assert deadline(rule, day, start, zone_b(), OPENING) <= at(day, start)


@given(RULES.filter(bool), DAYS, CLOCKS)
def test_a_deadline_falls_at_its_hour_by_the_clock_on_the_wall(rule, day, start):
    closes = deadline(rule, day, start, zone_b(), OPENING)
    wall = closes.astimezone(PARIS)

    # 24:00 is read as 00:00 of the next day; a deadline after the start is brought back to the start.
    assert closes == at(day, start) or wall.hour * 60 + wall.minute == rule.at_minutes % 1440


@given(st.integers(1, 240), DAYS, CLOCKS)
def test_hours_before_count_on_the_wall_whether_the_clocks_change_or_not(hours, day, start):
    closes = deadline(hours_before(hours, start), day, start, zone_b())
    on_the_wall = datetime.combine(day, start) - timedelta(hours=hours)

    assert closes == at(on_the_wall.date(), on_the_wall.time())


@given(st.sampled_from(DayBase), st.integers(0, 10), MINUTES, DAYS, CLOCKS)
def test_one_more_day_of_notice_never_closes_later(base, count, minutes, day, start):
    shorter, longer = (DaysBefore(base, number, minutes) for number in (count, count + 1))

    assert deadline(longer, day, start, zone_b(), OPENING) <= deadline(shorter, day, start, zone_b(), OPENING)


@given(RULES)
def test_a_rule_is_read_back_from_its_columns(rule):
    columns = notice_columns(rule)

    assert (
        read_notice(
            kind=columns.kind,
            base=columns.base,
            count=columns.count,
            weekday=columns.weekday,
            at_minutes=columns.at_minutes,
        )
        == rule
    )


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "days_before", "base": None, "count": 1, "weekday": None, "at_minutes": 600},
        {"kind": "weekly", "base": None, "count": 1, "weekday": None, "at_minutes": 600},
        {"kind": "weekly", "base": None, "count": 1, "weekday": 7, "at_minutes": 600},
        {"kind": "days_before", "base": "school", "count": -1, "weekday": None, "at_minutes": 600},
        {"kind": "days_before", "base": "school", "count": 1, "weekday": None, "at_minutes": 1441},
        {"kind": "monthly", "base": None, "count": 1, "weekday": 1, "at_minutes": 600},
    ],
)
def test_columns_that_make_no_rule_are_refused(columns):
    with pytest.raises(ValueError):
        read_notice(**columns)


def test_the_tables_and_the_rules_name_the_same_things():
    assert {kind.value for kind in tables.NoticeKind} == {kind.value for kind in NoticeKind}
    assert {base.value for base in tables.DayBase} == {base.value for base in DayBase}
