"""What a typed text may mean, and which words are near."""

from datetime import date

import pytest

from domain.family.rules import make_family_code
from domain.search.rules import (
    DocumentNumber,
    distance,
    email_words,
    joined_terms,
    name_words,
    near_codes,
    phone_words,
    read_search,
    variants,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("  Jérémy   NUÑEZ ", ("jeremy", "nunez")),
        ("d’Almeida", ("almeida",)),
        ("1002 0174", ("10020174",)),
        ("06.12.34.56.78", ("0612345678",)),
        ("+33 (0)6 12 34 56 78", ("0612345678",)),
        ("0033612345678", ("0612345678",)),
        ("Alice.Martin@Exemple.fr", ("alice.martin@exemple.fr",)),
        ("", ()),
        ("!!", ()),
    ],
)
def test_a_text_is_read_as_words_figures_or_an_address(text: str, terms: tuple[str, ...]) -> None:
    assert read_search(text).terms == terms


@pytest.mark.parametrize(
    ("text", "day", "terms"),
    [
        ("02/03/2019", date(2019, 3, 2), ()),
        ("2-3-19", date(2019, 3, 2), ()),
        ("2019-03-02", date(2019, 3, 2), ()),
        ("Léo 02.03.2019", date(2019, 3, 2), ("leo",)),
        ("31/02/2019", None, ("31022019",)),
    ],
)
def test_a_day_is_read_in_any_usual_manner(text: str, day: date | None, terms: tuple[str, ...]) -> None:
    sought = read_search(text)

    assert (sought.born_on, sought.terms) == (day, terms)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("F2026-000123", DocumentNumber("F", 2026, 123)),
        ("f2026 123", DocumentNumber("F", 2026, 123)),
        ("2026-123", DocumentNumber("", 2026, 123)),
        ("123", DocumentNumber("", None, 123)),
        ("P000007", DocumentNumber("P", None, 7)),
        ("0", None),
        ("Martin", None),
    ],
)
def test_a_number_is_read_whole_or_in_part(text: str, number: DocumentNumber | None) -> None:
    assert read_search(text).number == number


def test_a_part_of_a_number_stands_for_that_of_each_year() -> None:
    number = DocumentNumber("", None, 123)

    assert number.written("F", (2026, 2025)) == ["F2026-000123", "F2025-000123"]
    assert DocumentNumber("P", None, 7).written("F", (2026,)) == []


def test_a_code_with_one_wrong_or_swapped_figure_leads_to_the_right_one() -> None:
    code = make_family_code(1002017)
    wrong = code[:3] + str((int(code[3]) + 1) % 10) + code[4:]
    swapped = code[:2] + code[3] + code[2] + code[4:]

    assert code in near_codes(wrong)
    assert code in near_codes(swapped)
    assert near_codes(code) == []
    assert near_codes(code[:7]) == []


def test_a_name_is_found_by_its_words_and_as_one() -> None:
    assert name_words("Ben Ali", "Jean-Éric") == {"ben", "ali", "benali", "jean", "eric", "jeaneric"}
    assert phone_words("+33612345678", "", "+32470123456") == {"0612345678", "32470123456"}
    assert email_words("Alice.Martin@exemple.fr") == {"alice.martin@exemple.fr", "alice", "martin"}
    assert email_words("") == set()


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("hernandes", "hernandez"),
        ("jeremi", "jeremy"),
        ("mrtin", "martin"),
        ("matrin", "martin"),
        ("lefevre", "lefebvre"),
        ("abderahman", "abdelrahman"),
        ("hernend", "hernandez"),
    ],
)
def test_a_misspelt_word_shares_a_variant_with_the_right_one(typed: str, known: str) -> None:
    assert variants(typed) & variants(known)
    assert distance(typed, known) is not None


def test_words_that_are_only_alike_are_not_near() -> None:
    assert distance("martin", "marchand") is None
    assert variants("leo") == set()
    assert variants("10020174") == set()


def test_neighbours_are_tried_as_one_word() -> None:
    assert list(joined_terms(read_search("Zoé Ben Ali"))) == [("zoeben", "ali"), ("zoe", "benali")]
