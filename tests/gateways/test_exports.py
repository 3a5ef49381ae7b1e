"""Exports open in a French spreadsheet, hold numbers as numbers, and run nothing."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import repeat
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from gateways.exports import Euros, csv_chunks, neutral, xlsx_bytes

HEADER = ("Famille", "Enfants", "Solde", "QF", "Né le", "Vu", "E-facture", "Note")
ROW = (
    "Martin ; fils",
    2,
    Euros(-14180),
    Decimal("0.36"),
    date(2019, 3, 2),
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    True,
    None,
)


def read_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet_of(data: bytes) -> str:
    with ZipFile(BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_csv_is_what_a_french_spreadsheet_opens() -> None:
    data = b"".join(csv_chunks(HEADER, [ROW]))

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    assert read_csv(data) == [
        list(HEADER),
        ["Martin ; fils", "2", "-141,80", "0,36", "02/03/2019", "23/11/2026 10:30", "oui", ""],
    ]


def test_csv_comes_in_pieces() -> None:
    chunks = list(csv_chunks(("N",), ((number,) for number in range(1200))))

    assert len(chunks) == 3
    assert len(read_csv(b"".join(chunks))) == 1201


def test_xlsx_keeps_numbers_and_days_as_numbers() -> None:
    sheet = sheet_of(xlsx_bytes(HEADER, [ROW]))

    assert "<v>-141.8</v>" in sheet
    assert "<v>2</v>" in sheet
    assert "<v>43526</v>" in sheet
    assert "Martin ; fils" in sheet
    assert "<pane" in sheet


@pytest.mark.parametrize(
    "text", ["=1+1", "+33612345678", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("http://x")', "＝1"]
)
def test_formulas_become_texts(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert "<f>" not in sheet_of(xlsx_bytes(("Nom",), [(text,)]))
    assert b"".join(csv_chunks((text,), [])).decode("utf-8-sig").lstrip('"').startswith("'")


@pytest.mark.parametrize("text", ["", "Martin", "3 rue des Lilas", "Jean-Luc", "a=b", "l'école"])
def test_plain_texts_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text


@given(st.text())
def test_no_text_begins_a_formula(text: str) -> None:
    assert not neutral(text).lstrip().startswith(("=", "+", "-", "@"))


def test_links_are_not_made() -> None:
    assert "hyperlink" not in sheet_of(xlsx_bytes(("Lien",), [("https://example.org",)]))


@pytest.mark.parametrize(
    "export",
    [
        lambda rows: list(csv_chunks(("A",), rows, max_rows=10)),
        lambda rows: xlsx_bytes(("A",), rows, max_rows=10),
    ],
)
def test_endless_list_is_refused(export: object) -> None:
    with pytest.raises(Refusal) as caught:
        export(repeat(("x",)))  # type: ignore[operator]

    assert (caught.value.code, caught.value.facts) == ("export_too_long", {"rows": 10})


def test_list_of_the_very_limit_is_exported() -> None:
    assert len(read_csv(b"".join(csv_chunks(("A",), [("x",)] * 10, max_rows=10)))) == 11


def test_empty_list_has_its_header() -> None:
    assert read_csv(b"".join(csv_chunks(("A", "B"), []))) == [["A", "B"]]
    assert xlsx_bytes(("A", "B"), [])


def test_sheet_name_is_made_acceptable() -> None:
    assert xlsx_bytes(("A",), [], title="Factures : octobre/novembre [toutes les familles]")
