"""A file that somebody exported: encodings, separators, missing columns, and files that are no CSV."""

import pytest

from domain.errors import Refusal
from gateways.imports.tables import read_table

WANTED = ("code", "nom")


def test_utf8_with_its_mark_and_windows_1252_give_the_same_rows() -> None:
    text = "code;nom\r\n1;Élise Lœuf\r\n"

    first = read_table(text.encode("utf-8-sig"), WANTED)
    second = read_table(text.encode("cp1252"), WANTED)

    assert first.rows == second.rows
    assert (first.encoding, second.encoding) == ("UTF-8", "Windows-1252")


def test_utf16_from_a_spreadsheet_is_read() -> None:
    assert read_table("code\tnom\n1\tZoé\n".encode("utf-16"), WANTED).rows[0].values == {
        "code": "1",
        "nom": "Zoé",
    }


def test_a_separator_and_a_line_break_inside_quotes_keep_the_line_numbers_true() -> None:
    table = read_table(b'code;nom\n1;"O""Brien;\nDupont"\n2;Martin\n', WANTED)

    assert [(row.line, row.values["nom"]) for row in table.rows] == [(2, 'O"Brien; Dupont'), (4, "Martin")]


def test_columns_are_found_by_name_in_any_order_and_case() -> None:
    assert read_table(b"Nom , CODE\nMartin,7\n", WANTED).rows[0].values == {"nom": "Martin", "code": "7"}


def test_blank_lines_are_no_rows() -> None:
    assert [row.line for row in read_table(b"code;nom\n\n1;A\n;\n2;B\n", WANTED).rows] == [3, 5]


def test_a_row_with_too_many_cells_says_so() -> None:
    assert read_table(b"code;nom\n1;A;oops\n", WANTED).rows[0].values["*"] == "oops"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import_empty"),
        (b"code;nom\n", "import_empty"),
        (b"PK\x03\x04 a workbook", "import_not_csv"),
        (b"%PDF-1.7", "import_not_csv"),
        (b"just some words", "import_not_csv"),
        (b"code;nom\n1;\x00\n", "import_not_csv"),
        (b"code;nom\n1;\x81\xe9\n", "import_encoding"),
        (b"code;prenom\n1;A\n", "import_missing_columns"),
        (b"code;nom;nom\n1;A;B\n", "import_double_columns"),
    ],
)
def test_what_is_not_a_list_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_table(data, WANTED)

    assert refusal.value.code == code


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Refusal) as refusal:
        read_table(b"code;autre\n1;A\n", WANTED)

    assert refusal.value.facts == {"columns": ["nom"]}
