"""When a reminder is due, in which order, and what its letter may say."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.recovery.defaults import USUAL
from domain.recovery.rules import (
    NAMES,
    Level,
    Sent,
    is_month_late,
    may_hand_over,
    next_level,
    paragraphs,
    require_known_names,
    require_order,
    written,
)

DUE = date(2026, 12, 5)
LEVELS = (Level(1, 7), Level(2, 21), Level(3, 35, 1_500))


def level_on(today: date, last: Sent | None = None, cents: int = 3_060) -> int | None:
    return next_level(LEVELS, due_on=DUE, today=today, due_cents=cents, last=last)


@pytest.mark.parametrize(
    ("today", "last", "level"),
    [
        (date(2026, 12, 11), None, None),
        (date(2026, 12, 12), None, 1),
        (date(2026, 12, 13), Sent(1, date(2026, 12, 12)), None),
        (date(2026, 12, 25), Sent(1, date(2026, 12, 12)), None),
        (date(2026, 12, 26), Sent(1, date(2026, 12, 12)), 2),
        (date(2027, 1, 9), Sent(2, date(2026, 12, 26)), 3),
        (date(2027, 6, 1), Sent(3, date(2027, 1, 9)), None),
    ],
)
def test_each_level_is_due_on_its_day_and_once(today: date, last: Sent | None, level: int | None) -> None:
    assert level_on(today, last) == level


def test_a_long_silence_begins_with_the_first_reminder_all_the_same() -> None:
    assert level_on(date(2027, 3, 1)) == 1


def test_a_late_letter_leaves_the_family_as_many_days_as_one_in_time() -> None:
    late = Sent(1, date(2027, 3, 1))

    assert level_on(date(2027, 3, 14), late) is None
    assert level_on(date(2027, 3, 15), late) == 2


def test_a_level_asks_only_for_its_least_sum() -> None:
    third = Sent(2, date(2026, 12, 26))

    assert level_on(date(2027, 1, 9), third, 1_499) is None
    assert level_on(date(2027, 1, 9), third, 1_500) == 3
    assert level_on(date(2026, 12, 12), None, 0) is None


def test_without_levels_nobody_is_reminded_nor_handed_over() -> None:
    last = Sent(3, DUE)
    assert next_level((), due_on=DUE, today=date(2027, 6, 1), due_cents=1, last=None) is None
    assert not may_hand_over(
        (), today=date(2027, 6, 1), due_cents=9_999, last=last, after_days=0, min_cents=0
    )


@pytest.mark.parametrize(
    ("today", "last", "cents", "expected"),
    [
        (date(2027, 1, 24), Sent(3, date(2027, 1, 9)), 1_500, True),
        (date(2027, 1, 23), Sent(3, date(2027, 1, 9)), 1_500, False),
        (date(2027, 1, 24), Sent(3, date(2027, 1, 9)), 1_499, False),
        (date(2027, 6, 1), Sent(2, date(2027, 1, 9)), 1_500, False),
        (date(2027, 6, 1), None, 1_500, False),
    ],
)
def test_the_tresor_comes_after_the_last_reminder_and_its_delay(
    today: date, last: Sent | None, cents: int, expected: bool
) -> None:
    ready = may_hand_over(LEVELS, today=today, due_cents=cents, last=last, after_days=15, min_cents=1_500)

    assert ready is expected


def test_a_letter_replaces_its_words_and_nothing_else() -> None:
    values = {"total": "30,60 €", "famille": "Martin {total} {{config}}"}

    assert written("{famille} doit { total } ; {secret}", values) == (
        "Martin {total} {{config}} doit 30,60 € ; {secret}"
    )


@pytest.mark.parametrize("text", ["{prix}", "{total.__class__}", "{{total}}", "un { seul", "une } seule"])
def test_a_letter_with_an_unknown_word_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="letter_word_unknown"):
        require_known_names(text)


def test_the_usual_letters_are_sound() -> None:
    levels = [Level(level, days) for level, days, *_ in USUAL]
    assert [(one.level, one.after_days) for one in levels] == [(1, 7), (2, 21), (3, 35)]
    for _level, _days, _title, body, _paper in USUAL:
        require_known_names(body)
        assert len(paragraphs(body)) == 2
    require_known_names(" ".join(f"{{{name}}}" for name in NAMES))


@given(st.text())
def test_no_text_breaks_a_letter(text: str) -> None:
    assert isinstance(paragraphs(written(text, {"total": "1"})), tuple)


@pytest.mark.parametrize(
    ("level", "days", "is_right"), [(2, 14, True), (2, 7, False), (2, 40, False), (4, 50, True)]
)
def test_levels_keep_their_order(level: int, days: int, is_right: bool) -> None:
    others = (Level(1, 10), Level(3, 35))

    if is_right:
        require_order(level, days, others)
    else:
        with pytest.raises(Refusal, match="level_out_of_order"):
            require_order(level, days, others)


@pytest.mark.parametrize(
    ("today", "has_days", "is_issued", "expected"),
    [
        (date(2026, 12, 10), True, False, False),
        (date(2026, 12, 11), True, False, True),
        (date(2026, 12, 31), True, False, True),
        (date(2026, 12, 11), True, True, False),
        (date(2026, 9, 11), False, False, False),
    ],
)
def test_a_month_is_late_the_day_after_the_alarm_day(
    today: date, has_days: bool, is_issued: bool, expected: bool
) -> None:
    assert is_month_late(today, 10, has_days=has_days, is_issued=is_issued) is expected
