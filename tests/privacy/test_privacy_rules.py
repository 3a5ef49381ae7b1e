"""How long each kind is kept (DOMAIN.md §10), and since when it is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.privacy.purge import PARTS
from domain.privacy.rules import (
    USUAL,
    Kind,
    archive_expiry,
    check_months,
    cutoff,
    is_overdue,
    last_closed_year,
)
from models.privacy import RetentionKind
from views.privacy_words import KINDS
from views.privacy_words import PARTS as PART_WORDS

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_the_usual_periods_are_those_of_the_domain() -> None:
    """DOMAIN.md §10: refused request 1 year, family 3 years, health to the year's end, invoices 10 years, logs 1 year."""
    months = {kind: USUAL[kind].months for kind in Kind}

    assert months[Kind.REFUSED_REQUESTS] == 12
    assert months[Kind.DEPARTED_FAMILIES] == 36
    assert months[Kind.HEALTH] == 0
    assert months[Kind.ACCOUNTING] == 120
    assert months[Kind.LOGS] == 12


def test_the_rules_and_the_tables_know_the_same_kinds() -> None:
    assert [kind.value for kind in Kind] == [kind.value for kind in RetentionKind]
    assert set(KINDS) == set(Kind)
    assert {part.name for part in PARTS} == set(PART_WORDS)
    assert {part.kind for part in PARTS} == set(Kind)


def test_a_period_ends_on_the_same_day_of_the_month() -> None:
    assert cutoff(date(2026, 11, 23), 12) == date(2025, 11, 23)
    assert cutoff(date(2028, 2, 29), 12) == date(2027, 2, 28)


def test_health_goes_with_the_school_year_in_which_it_ended() -> None:
    ends = [date(2025, 7, 4), date(2026, 7, 3), date(2027, 7, 2)]

    assert last_closed_year(ends, date(2026, 7, 3)) == date(2025, 7, 4)
    assert last_closed_year(ends, date(2026, 7, 4)) == date(2026, 7, 3)
    assert last_closed_year([], date(2026, 7, 4)) is None


@pytest.mark.parametrize(
    ("kind", "months"), [(Kind.ACCOUNTING, 119), (Kind.LOGS, 5), (Kind.MAILS, 0), (Kind.MAILS, 601)]
)
def test_the_law_leaves_no_other_period(kind: Kind, months: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_months(kind, months)

    assert refused.value.code == "retention_out_of_range"


@given(st.sampled_from(Kind), st.integers(0, 700))
def test_every_period_that_is_accepted_is_long_enough(kind: Kind, months: int) -> None:
    try:
        check_months(kind, months)
    except Refusal:
        return

    assert months >= USUAL[kind].least_months


def test_a_purge_is_overdue_after_a_month() -> None:
    assert not is_overdue(NOW - timedelta(days=31), NOW)
    assert is_overdue(NOW - timedelta(days=31, seconds=1), NOW)


def test_an_archive_is_kept_for_a_week() -> None:
    assert archive_expiry(NOW) == NOW + timedelta(days=7)
