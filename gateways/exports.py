"""Lists as files: CSV as a stream, XLSX by a writer that keeps one row in memory. Nothing in them runs."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import islice
from typing import BinaryIO

import xlsxwriter

from domain.clock import PARIS
from domain.errors import Refusal

MAX_ROWS = 200_000
CHUNK_ROWS = 500
BOM = "\ufeff"
# A spreadsheet takes a text that begins with one of these for a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Euros(int):
    """Cents that a list shows as euros: a number in XLSX, ``141,80`` in CSV."""


Cell = str | int | Decimal | date | datetime | bool | Euros | None
Row = Sequence[Cell]


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: a quote before what would begin one."""
    return (
        f"'{text}"
        if text.lstrip(" \u00a0").startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS)
        else text
    )


def csv_chunks(header: Sequence[str], rows: Iterable[Row], *, max_rows: int = MAX_ROWS) -> Iterator[bytes]:
    """Yield a CSV as French spreadsheets open it: UTF-8 with its mark, semicolons, decimal commas, CRLF.

    Raises:
        Refusal: ``export_too_long`` (``rows``) once ``max_rows`` are written: the file is cut off there.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([neutral(name) for name in header])
    for count, row in enumerate(_bounded(rows, max_rows), start=1):
        writer.writerow([_csv_cell(cell) for cell in row])
        if count % CHUNK_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def xlsx_bytes(
    header: Sequence[str], rows: Iterable[Row], *, title: str = "Liste", max_rows: int = MAX_ROWS
) -> bytes:
    """Return an XLSX workbook of one sheet: frozen bold header, filter, euros and days as numbers.

    Raises:
        Refusal: ``export_too_long`` (``rows``) when there are more than ``max_rows``.
    """
    output = BytesIO()
    for _count in write_xlsx(output, header, rows, title=title, max_rows=max_rows):
        pass
    return output.getvalue()


def write_xlsx(
    output: BinaryIO,
    header: Sequence[str],
    rows: Iterable[Row],
    *,
    title: str = "Liste",
    max_rows: int = MAX_ROWS,
) -> Iterator[int]:
    """Write what ``xlsx_bytes`` returns, and yield now and then how many rows are written."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(output, options) as workbook:
        sheet = _Sheet(workbook, title, header)
        count = 0
        for count, row in enumerate(_bounded(rows, max_rows), start=1):
            sheet.write(count, row)
            if count % CHUNK_ROWS == 0:
                yield count
        sheet.sheet.autofilter(0, 0, count, max(len(header) - 1, 0))


class _Sheet:
    """The sheet and the shapes of its cells."""

    def __init__(self, workbook: xlsxwriter.Workbook, title: str, header: Sequence[str]) -> None:
        self.sheet = workbook.add_worksheet(
            "".join(" " if sign in "[]:*?/\\" else sign for sign in title)[:31]
        )
        self.euros = workbook.add_format({"num_format": "#,##0.00 €"})
        self.day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        self.moment = workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        bold = workbook.add_format({"bold": True, "bottom": 1})
        for column, name in enumerate(header):
            self.sheet.set_column(column, column, min(max(len(name) + 4, 14), 40))
        for column, name in enumerate(header):
            self.sheet.write_string(0, column, neutral(name), bold)
        self.sheet.freeze_panes(1, 0)

    def write(self, number: int, row: Row) -> None:
        """Write one row; cells of each type keep their type."""
        for column, cell in enumerate(row):
            self._write_cell(number, column, cell)

    def _write_cell(self, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None:
                return
            case bool():
                self.sheet.write_string(row, column, _yes_or_no(cell))
            case Euros():
                self.sheet.write_number(row, column, Decimal(cell) / 100, self.euros)
            case int() | Decimal():
                self.sheet.write_number(row, column, cell)
            case datetime():
                self.sheet.write_datetime(row, column, _local(cell), self.moment)
            case date():
                self.sheet.write_datetime(row, column, cell, self.day)
            case _:
                self.sheet.write_string(row, column, neutral(cell))


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return _yes_or_no(cell)
        case Euros():
            return f"{Decimal(cell) / 100:.2f}".replace(".", ",")
        case int():
            return str(cell)
        case Decimal():
            return str(cell).replace(".", ",")
        case datetime():
            return _local(cell).strftime("%d/%m/%Y %H:%M")
        case date():
            return cell.strftime("%d/%m/%Y")
        case _:
            return neutral(cell)


def _yes_or_no(value: bool) -> str:
    return "oui" if value else "non"


def _local(instant: datetime) -> datetime:
    """Return an instant on the Paris clock, without its zone, which spreadsheets do not know."""
    return instant.astimezone(PARIS).replace(tzinfo=None)


def _bounded(rows: Iterable[Row], max_rows: int) -> Iterator[Row]:
    iterator = iter(rows)
    yield from islice(iterator, max_rows)
    if next(iterator, None) is not None:
        raise Refusal("export_too_long", rows=max_rows)


def _taken(buffer: StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return data
