"""Reading a CSV file that somebody exported: its encoding, its separator, its columns, its line numbers."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Refusal

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 200_000
SEPARATORS = ";,\t"
# Signs of a file that is no text at all: a workbook, a PDF, a picture, a program.
BINARY_STARTS = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"MZ", b"\x1f\x8b")
# Windows-1252 leaves five bytes without a letter; a text that holds them is something else.
WINDOWS_HOLES = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the line of the file on which it starts, and its values by column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read: its columns in order, its rows, its encoding."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str


def read_table(data: bytes, wanted: Sequence[str]) -> Table:
    """Read a CSV file that must have the ``wanted`` columns; others are kept but not needed.

    UTF-8 (with or without its mark), UTF-16 with its mark, and Windows-1252 are understood.

    Raises:
        Refusal: ``import_too_big``, ``import_empty``, ``import_not_csv``, ``import_encoding``,
            ``import_missing_columns`` (with the names), ``import_double_columns``.
    """
    if len(data) > MAX_BYTES:
        raise Refusal("import_too_big", megabytes=MAX_BYTES // (1024 * 1024))
    if not data.strip():
        raise Refusal("import_empty")
    text, encoding = _decode(data)
    header, records = _split(text)
    _check_columns(header, wanted)
    rows = tuple(_row(line, header, cells) for line, cells in records if any(cell.strip() for cell in cells))
    if not rows:
        raise Refusal("import_empty")
    return Table(columns=tuple(header), rows=rows, encoding=encoding)


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(BINARY_STARTS):
        raise Refusal("import_not_csv")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode_as(data, "utf-16"), "UTF-16"
    if b"\x00" in data:
        raise Refusal("import_not_csv")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        if WINDOWS_HOLES & set(data):
            raise Refusal("import_encoding") from None
        return _decode_as(data, "cp1252"), "Windows-1252"


def _decode_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise Refusal("import_encoding") from None


def _split(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header, and each record with the line on which it starts."""
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    if first.count(separator) == 0:
        raise Refusal("import_not_csv")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            records.append((start, cells))
            start = reader.line_num + 1
            if len(records) > MAX_ROWS + 1:
                raise Refusal("import_too_many_rows", rows=MAX_ROWS)
    except csv.Error:
        raise Refusal("import_not_csv") from None
    return [name.strip().lower() for name in records[0][1]], records[1:]


def _check_columns(header: list[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in header]
    if missing:
        raise Refusal("import_missing_columns", columns=missing)
    double = sorted({name for name in header if name and header.count(name) > 1})
    if double:
        raise Refusal("import_double_columns", columns=double)


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    padded = [*cells, *([""] * (len(header) - len(cells)))]
    values = {name: " ".join(cell.split()) for name, cell in zip(header, padded, strict=False) if name}
    # Cells past the last column are kept, so that the check can say that the line is too long.
    extra = [cell for cell in padded[len(header) :] if cell.strip()]
    if extra:
        values["*"] = " ".join(extra)
    return Row(line=line, values=values)
