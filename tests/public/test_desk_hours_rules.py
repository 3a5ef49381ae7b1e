"""The hours of the town's desk: days that are alike, and whether it is open now."""

from datetime import date, datetime, time

import pytest

from domain.desk_hours.rules import DeskState, OpenRange, alike_days, desk_state
from views.desk_hours import hours_sentence

MORNING, AFTERNOON = (time(8, 30), time(12)), (time(13, 30), time(17))
WEEK = [OpenRange(day, *hours) for day in range(5) for hours in (MORNING, AFTERNOON)]
SATURDAY = OpenRange(5, time(9), time(12))
MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (at(MONDAY, 8, 30), DeskState(is_open=True, until=time(12))),
        (at(MONDAY, 8), DeskState(is_open=False, opens_on=MONDAY, opens_at=time(8, 30))),
        (at(MONDAY, 12), DeskState(is_open=False, opens_on=MONDAY, opens_at=time(13, 30))),
        (at(FRIDAY, 17), DeskState(is_open=False, opens_on=date(2026, 11, 30), opens_at=time(8, 30))),
    ],
)
def test_the_desk_says_until_or_from_when(now: datetime, state: DeskState) -> None:
    assert desk_state(WEEK, frozenset(), now) == state


def test_a_public_holiday_is_no_working_day() -> None:
    off = frozenset({MONDAY})

    assert desk_state(WEEK, off, at(MONDAY, 9)) == DeskState(
        is_open=False, opens_on=date(2026, 11, 24), opens_at=time(8, 30)
    )


def test_a_desk_that_never_opens_promises_nothing() -> None:
    assert desk_state([], frozenset(), at(MONDAY, 9)) == DeskState(is_open=False)


def test_days_alike_stand_together() -> None:
    assert [days for days, _hours in alike_days([*WEEK, SATURDAY])] == [[0, 1, 2, 3, 4], [5]]


@pytest.mark.parametrize(
    ("ranges", "remark", "sentence"),
    [
        ([*WEEK, SATURDAY], "Fermé en août.", "Du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h. Le samedi, de 9 h à 12 h. Fermé en août."),
        ([OpenRange(day, *MORNING) for day in (0, 2)], "", "Le lundi et le mercredi, de 8 h 30 à 12 h."),
        ([], "Sur rendez-vous.", "Sur rendez-vous."),
        ([], "", ""),
    ],
)  # fmt: skip
def test_a_week_is_said_in_sentences(ranges: list[OpenRange], remark: str, sentence: str) -> None:
    assert hours_sentence(tuple(ranges), remark).replace("\u00a0", " ") == sentence
