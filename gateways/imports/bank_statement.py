"""The bank's list of transactions, as a CSV file: date, reference, transaction, amount."""

from datetime import date, datetime

from domain.errors import Refusal
from domain.money import parse_euros
from domain.payments.reconciliation_rules import BankLine
from gateways.imports.tables import Row, read_table

COLUMNS = ("date", "reference", "transaction", "montant")
_DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d/%m/%y", "%d%m%Y")
# What SQLite and PostgreSQL both take in one list of references.
MAX_LINES = 20_000


def read_statement(data: bytes) -> list[BankLine]:
    """Read a statement; amounts are in euros (``30,60``), days are ``12/11/2026`` or ``2026-11-12``.

    Raises:
        Refusal: those of ``read_table``; ``import_too_many_rows``; ``statement_line`` (``line``, ``column``,
            ``value``) for the first line that cannot be read.
    """
    table = read_table(data, COLUMNS)
    if len(table.rows) > MAX_LINES:
        raise Refusal("import_too_many_rows", rows=MAX_LINES)
    return [_line(row) for row in table.rows]


def _line(row: Row) -> BankLine:
    reference, transaction = row.values["reference"], row.values["transaction"]
    if not reference and not transaction:
        raise Refusal("statement_line", line=row.line, column="reference", value="")
    try:
        cents = parse_euros(row.values["montant"])
    except ValueError as error:
        raise Refusal(
            "statement_line", line=row.line, column="montant", value=row.values["montant"]
        ) from error
    return BankLine(row.line, _day(row), reference, transaction, cents)


def _day(row: Row) -> date:
    text = row.values["date"]
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day of the statement has no zone
        except ValueError:
            continue
    raise Refusal("statement_line", line=row.line, column="date", value=text)
