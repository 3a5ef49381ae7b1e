"""Code famille, secret, telephone numbers, names, passwords (DOMAIN §2 and §10)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.family.rules import (
    LARGEST_NUMBER,
    SECRET_ALPHABET,
    SECRET_LENGTH,
    PasswordWeakness,
    check_password,
    formal_name,
    full_name,
    is_family_code,
    make_family_code,
    normalise_phone,
    password_weakness,
    read_family_code,
    read_secret,
    search_key,
    sorted_name,
    written_family_code,
    written_secret,
)

NUMBERS = st.integers(1, LARGEST_NUMBER)


def test_a_code_is_seven_figures_and_luhn_s_check_digit():
    assert make_family_code(1002017) == "10020170"
    assert written_family_code("10020170") == "1002\u00a00170"


@pytest.mark.parametrize("number", [0, -1, LARGEST_NUMBER + 1])
def test_a_number_out_of_range_has_no_code(number):
    with pytest.raises(ValueError, match="no code famille"):
        make_family_code(number)


@given(NUMBERS)
def test_a_code_is_read_back_from_what_is_written(number):
    code = make_family_code(number)

    assert is_family_code(code)
    assert read_family_code(written_family_code(code)) == code


@given(NUMBERS, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_figure_is_always_found(number, place, shift):
    code = make_family_code(number)
    wrong = str((int(code[place]) + shift) % 10)

    assert not is_family_code(code[:place] + wrong + code[place + 1 :])


@given(NUMBERS, st.integers(0, 6))
def test_two_swapped_figures_are_found_but_for_0_and_9(number, place):
    code = make_family_code(number)
    pair = code[place : place + 2]
    swapped = code[:place] + pair[::-1] + code[place + 2 :]

    assert is_family_code(swapped) == (pair[0] == pair[1] or set(pair) == {"0", "9"})


@pytest.mark.parametrize(
    "typed",
    [
        "10020170",
        " 1002 0170 ",
        "1002.0170",
        "1002-0170",
        "1002\u202f0170",
        "1OO2 O17O",
        "l0020170",
        "I0020170",
    ],
)
def test_a_code_is_read_generously(typed):
    assert read_family_code(typed) == "10020170"


@pytest.mark.parametrize(
    "typed",
    ["", "10020171", "1002017", "100201700", "alice@courriel.example", "１００２０１７０", "²0020170"],
)
def test_what_is_not_a_code_is_not_read(typed):
    assert read_family_code(typed) is None


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_code_or_nothing(typed):
    code = read_family_code(typed)

    assert code is None or is_family_code(code)


def test_the_secret_has_no_look_alike_signs():
    assert not set("IlO01") & set(SECRET_ALPHABET)
    assert len(set(SECRET_ALPHABET)) == len(SECRET_ALPHABET)


@given(st.text(SECRET_ALPHABET, min_size=SECRET_LENGTH, max_size=SECRET_LENGTH))
def test_a_secret_is_read_back_from_the_letter_in_any_case(secret):
    assert read_secret(written_secret(secret)) == secret
    assert read_secret(f" {written_secret(secret).lower()} ") == secret
    assert written_secret(secret)[5] == "-"


@pytest.mark.parametrize(
    "typed",
    [
        "06 12 34 56 78",
        "0612345678",
        "+33 612345678",
        "06.12.34.56.78",
        "+33 (0)6 12 34 56 78",
        "0033612345678",
    ],
)
def test_every_way_to_write_a_number_has_one_form(typed):
    assert normalise_phone(typed) == "+33612345678"


def test_a_foreign_number_keeps_its_country():
    assert normalise_phone("+32 470 12 34 56") == "+32470123456"


@pytest.mark.parametrize(
    "typed", ["", "zéro six", "0612", "061234567", "06123456789", "0000000000", "15", "06 12 34 56 78 / 9"]
)
def test_what_is_not_a_number_is_not_kept(typed):
    assert normalise_phone(typed) is None


FORMER_FILE = Path(__file__).parents[3] / "shared" / "data" / "familles.csv"


@pytest.mark.skipif(not FORMER_FILE.exists(), reason="the former tool's file is not beside the project")
def test_every_number_of_the_former_tool_but_the_one_in_words_has_the_form():
    with FORMER_FILE.open(encoding="utf-8-sig", newline="") as file:
        typed = {row["telephone"] for row in csv.DictReader(file, delimiter=";") if row["telephone"]}

    refused = {text for text in typed if normalise_phone(text) is None}
    assert refused == {"zéro six"}


def test_a_name_is_found_without_accents_hyphens_and_apostrophes():
    assert search_key("Zoë-Anne d'Éon de L'Hôpital–Nguyễn") == "zoe anne d eon de l hopital nguyen"
    assert search_key("ŒUVRÉ", "Straße", "Łukasz") == "oeuvre strasse lukasz"
    assert search_key("L’Haÿ") == search_key("l'hay")


def test_a_name_in_another_script_is_found_as_typed():
    assert search_key("Анна") == "анна"
    assert search_key("  ") == ""


@given(st.text(max_size=40))
def test_a_search_key_is_its_own_key(text):
    assert search_key(search_key(text)) == search_key(text)


def test_names_are_shown_as_typed_and_one_may_be_missing():
    assert full_name("Zoë-Anne", "d'Éon") == "Zoë-Anne d'Éon"
    assert full_name("", "Suharto") == "Suharto"
    assert sorted_name("Zoë-Anne", "d'Éon") == "d'Éon Zoë-Anne"
    assert formal_name("mme", "Olivie", "Hernandez") == "Mme Olivie Hernandez"
    assert formal_name("", "", "Suharto") == "Suharto"


@pytest.mark.parametrize(
    "password",
    [
        "Marronnier-26",
        "aB3!aB3!aB3!",
        "MarronniersCour1",
        "le grand marronnier de notre cour fleurit",
        "Été comme hiver on joue dehors ensemble",
    ],
)
def test_strong_passwords_are_accepted(password):
    assert password_weakness(password) is None
    check_password(password)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("", PasswordWeakness.TOO_SHORT),
        ("aB3!aB3!aB3", PasswordWeakness.TOO_SHORT),
        ("Marronnier266", PasswordWeakness.TOO_PLAIN),
        ("marronnierscour", PasswordWeakness.TOO_PLAIN),
        ("12345678901234", PasswordWeakness.TOO_PLAIN),
        ("un un un un un un un un", PasswordWeakness.TOO_PLAIN),
        ("le grand marronnier de notre cour", PasswordWeakness.TOO_PLAIN),
        ("aB3!" * 33, PasswordWeakness.TOO_LONG),
    ],
)
def test_weak_passwords_are_refused_with_their_reason(password, weakness):
    assert password_weakness(password) is weakness
    with pytest.raises(Refusal) as refused:
        check_password(password)
    assert refused.value.code == weakness.value


def test_a_password_made_of_one_s_own_name_or_address_is_refused():
    personal = ["olivie.hernandez@courriel.example", "Hernandez", "10020170"]

    assert password_weakness("Hernandez-2026!", personal) is PasswordWeakness.PERSONAL
    assert password_weakness("Olivie.hernandez@courriel.example1", personal) is PasswordWeakness.PERSONAL
    assert password_weakness("Marronnier-26", personal) is None
