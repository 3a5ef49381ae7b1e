"""Accounts, mandates and days of the SEPA core scheme."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.direct_debits.rules import (
    amount_to_collect,
    banking_day_from,
    ends_mandate,
    is_banking_day,
    is_lapsed,
    masked_iban,
    read_bic,
    read_creditor_id,
    read_iban,
    require_collection_day,
    written_iban,
)
from domain.errors import Refusal

# The example of the French banks' own leaflet on the RIB.
IBAN = "FR7630004000031234567890143"


@pytest.mark.parametrize(
    "text", [IBAN, "FR76 3000 4000 0312 3456 7890 143", "fr76-3000-4000-0312-3456-7890-143"]
)
def test_an_iban_is_read_however_it_is_spaced(text: str) -> None:
    assert read_iban(text) == IBAN


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "iban_wrong"),
        ("FR7630004000031234567890144", "iban_wrong"),
        # The check digits of the IBAN are right, those of the French account inside it are not.
        ("FR3130004000031234567890199", "iban_wrong"),
        ("FR763000400003123456789014", "iban_wrong"),
        ("TN5910006035183598478831", "iban_outside_sepa"),
    ],
)
def test_a_wrong_iban_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_iban(text)

    assert refusal.value.code == code


@given(st.integers(0, 26), st.sampled_from("0123456789"))
def test_one_wrong_figure_is_always_seen(place: int, figure: str) -> None:
    wrong = IBAN[:place] + figure + IBAN[place + 1 :]

    if wrong != IBAN:
        with pytest.raises(Refusal):
            read_iban(wrong)


def test_the_bic_is_found_by_the_account_and_checked_when_given() -> None:
    assert read_bic("", IBAN) == "BNPAFRPP"
    assert read_bic("agri fr pp", IBAN) == "AGRIFRPP"
    # Banks of the overseas departments have IBANs that begin with FR.
    assert read_bic("BNPAGPGX", IBAN) == "BNPAGPGX"
    for wrong in ("AGRIFR", "DEUTDEFF"):
        with pytest.raises(Refusal, match="bic_wrong"):
            read_bic(wrong, IBAN)


def test_a_creditor_identifier_has_check_digits() -> None:
    assert read_creditor_id("fr73 zzz 599999") == "FR73ZZZ599999"
    with pytest.raises(Refusal, match="creditor_id_wrong"):
        read_creditor_id("FR74ZZZ599999")


def test_an_account_is_shown_in_part() -> None:
    assert masked_iban(IBAN) == "FR76 •••• 0143"
    assert written_iban(IBAN) == "FR76 3000 4000 0312 3456 7890 143"


def test_a_mandate_lapses_after_36_months_without_a_debit() -> None:
    signed = date(2026, 11, 23)

    assert not is_lapsed(signed, None, date(2029, 11, 22))
    assert is_lapsed(signed, None, date(2029, 11, 23))
    assert not is_lapsed(signed, date(2029, 11, 1), date(2029, 11, 23))


def test_banks_rest_on_weekends_and_on_six_days_a_year() -> None:
    assert not is_banking_day(date(2026, 12, 5))
    assert not is_banking_day(date(2026, 4, 3))  # Good Friday
    assert is_banking_day(date(2026, 5, 8))  # a public holiday in France, not for the banks
    assert banking_day_from(date(2026, 12, 25)) == date(2026, 12, 28)


def test_families_are_told_in_time() -> None:
    today = date(2026, 11, 23)

    require_collection_day(date(2026, 12, 7), today=today, notice_days=14)
    with pytest.raises(Refusal) as early:
        require_collection_day(date(2026, 12, 4), today=today, notice_days=14)
    assert early.value.facts == {"days": 14, "earliest": date(2026, 12, 7)}
    with pytest.raises(Refusal) as sunday:
        require_collection_day(date(2026, 12, 13), today=today, notice_days=14)
    assert sunday.value.facts == {"next_day": date(2026, 12, 14)}


def test_a_debit_never_takes_more_than_was_announced() -> None:
    assert amount_to_collect(3_060, 3_060) == 3_060
    assert amount_to_collect(3_060, 1_000) == 1_000
    assert amount_to_collect(3_060, 5_000) == 3_060
    assert amount_to_collect(3_060, -1) == 0


def test_a_closed_account_ends_its_mandate_and_an_empty_one_does_not() -> None:
    assert ends_mandate("AC04")
    assert not ends_mandate("AM04")
