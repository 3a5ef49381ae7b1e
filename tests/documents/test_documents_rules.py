"""How long documents hold, and when they are asked for again (DOMAIN §3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents.rules import Held, Standing, Validity, is_valid_on, reminder_due, standing, valid_until
from models import documents as tables

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def test_a_proof_of_address_holds_while_it_is_under_three_months():
    assert valid_until(Validity.MONTHS, date(2026, 8, 15), months=3) == date(2026, 11, 14)
    assert valid_until(Validity.MONTHS, date(2026, 11, 30), months=3) == date(2027, 2, 27)


def test_a_pai_of_the_first_of_september_is_renewed_a_year_later():
    assert valid_until(Validity.MONTHS, date(2026, 9, 1), months=12) == date(2027, 8, 31)


def test_an_insurance_holds_to_31_august_whenever_it_was_issued():
    for issued_on in (date(2026, 7, 10), date(2027, 3, 1), None):
        assert valid_until(Validity.SCHOOL_YEAR, issued_on, year_starts_on=date(2026, 9, 1)) == date(
            2027, 8, 31
        )


def test_a_birth_certificate_holds_for_ever():
    assert valid_until(Validity.FOR_EVER, None) is None
    assert is_valid_on(Held("accepted"), date(2126, 1, 1))


@pytest.mark.parametrize(("validity", "issued_on"), [(Validity.MONTHS, None), (Validity.SCHOOL_YEAR, TODAY)])
def test_what_the_kind_needs_must_be_given(validity, issued_on):
    with pytest.raises(ValueError, match="needs"):
        valid_until(validity, issued_on, months=3)


def test_the_last_day_counts_and_only_an_accepted_document_is_valid():
    assert is_valid_on(Held("accepted", TODAY), TODAY)
    assert not is_valid_on(Held("accepted", TODAY), TODAY + DAY)
    assert not is_valid_on(Held("submitted"), TODAY)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], Standing.MISSING),
        ([Held("submitted")], Standing.SUBMITTED),
        ([Held("refused")], Standing.REFUSED),
        ([Held("accepted")], Standing.ACCEPTED),
        ([Held("accepted", TODAY + 31 * DAY)], Standing.ACCEPTED),
        ([Held("accepted", TODAY + 30 * DAY)], Standing.EXPIRING),
        ([Held("accepted", TODAY + 3 * DAY), Held("accepted")], Standing.ACCEPTED),
        ([Held("accepted", TODAY - DAY)], Standing.EXPIRED),
        ([Held("expired", TODAY - DAY), Held("refused")], Standing.EXPIRED),
        ([Held("expired", TODAY - DAY), Held("submitted")], Standing.SUBMITTED),
        ([Held("accepted"), Held("refused")], Standing.ACCEPTED),
    ],
)
def test_where_an_act_stands_with_its_document(held, expected):
    assert standing(held, TODAY) is expected


def test_reminders_leave_30_and_7_days_before_the_end():
    end = TODAY + 30 * DAY

    assert reminder_due(end, TODAY - DAY, None) is None
    assert reminder_due(end, TODAY, None) == 30
    assert reminder_due(end, TODAY + DAY, TODAY) is None
    assert reminder_due(end, end - 7 * DAY, TODAY) == 7
    assert reminder_due(end, end, end - 7 * DAY) is None


def test_a_missed_reminder_is_caught_up_once_and_nothing_leaves_after_the_end():
    end = TODAY + 5 * DAY

    assert reminder_due(end, TODAY, None) == 7
    assert reminder_due(end, TODAY + DAY, TODAY) is None
    assert reminder_due(end, end + DAY, None) is None
    assert reminder_due(None, TODAY, None) is None


@given(st.dates(TODAY, TODAY + 90 * DAY), st.sets(st.integers(0, 100)))
def test_a_worker_that_runs_on_any_days_sends_at_most_two_reminders(end, runs):
    sent, reminded_on = [], None
    for offset in sorted(runs):
        due = reminder_due(end, TODAY + offset * DAY, reminded_on)
        if due is not None:
            sent.append(due)
            reminded_on = TODAY + offset * DAY

    assert sent in ([], [30], [7], [30, 7])


def test_the_tables_and_the_rules_name_the_same_things():
    assert {validity.value for validity in tables.Validity} == {validity.value for validity in Validity}
    assert {state.value for state in tables.DocumentState} <= {one.value for one in Standing}
