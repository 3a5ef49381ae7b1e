"""The bank's answers on debits: a status report (pain.002), or a statement or notice (camt.053, camt.054).

Versions differ by their namespace and a few wrappers only: elements are found by their own name.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.direct_debits.returns import BankReturn
from domain.errors import Refusal

MAX_BYTES = 20 * 1024 * 1024
REJECTED = "RJCT"
# Told without a reason: "not specified" in the bank's own list.
NO_REASON = "MS03"


def read_returns(data: bytes) -> list[BankReturn]:
    """Return the debits that a file of the bank gives back, in its order; an acceptance gives none.

    Raises:
        Refusal: ``import_no_file``, ``import_too_big``, ``returns_unreadable``.
    """
    if not data.strip():
        raise Refusal("import_no_file")
    if len(data) > MAX_BYTES:
        raise Refusal("import_too_big", megabytes=MAX_BYTES // (1024 * 1024))
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Refusal("returns_unreadable") from error
    report = _first(root, "CstmrPmtStsRpt")
    if report is not None:
        return list(_of_report(report))
    if _first(root, "BkToCstmrStmt") is None and _first(root, "BkToCstmrDbtCdtNtfctn") is None:
        raise Refusal("returns_unreadable")
    return list(_of_statement(root))


def _of_report(report: Element) -> Iterator[BankReturn]:
    """Yield what a status report rejects: transactions, or else the whole file."""
    message_id = _text(report, "OrgnlMsgId")
    rejected = [one for one in _all(report, "TxInfAndSts") if _text(one, "TxSts") == REJECTED]
    for one in rejected:
        reference = _text(one, "OrgnlEndToEndId")
        if reference:
            yield BankReturn(reference, message_id, _reason(one), _cents(one), _day(report, "CreDtTm"))
    whole = _text(report, "GrpSts") == REJECTED or _text(report, "PmtInfSts") == REJECTED
    if whole and not rejected:
        yield BankReturn("", message_id, _reason(report), None, _day(report, "CreDtTm"))


def _of_statement(root: Element) -> Iterator[BankReturn]:
    """Yield the transactions of a statement that carry a return's reason."""
    for entry in _all(root, "Ntry"):
        day = _day(entry, "BookgDt")
        for one in _all(entry, "TxDtls"):
            if _first(one, "RtrInf") is not None:
                yield BankReturn(_text(one, "EndToEndId"), "", _reason(one), _cents(one), day)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _name(element) == name)


def _first(root: Element, name: str) -> Element | None:
    return next(_all(root, name), None)


def _text(root: Element, name: str) -> str:
    found = _first(root, name)
    return (found.text or "").strip() if found is not None else ""


def _reason(root: Element) -> str:
    """Return the four signs of a reason."""
    for wrapper in ("StsRsnInf", "RtrInf"):
        told = _first(root, wrapper)
        reason = _first(told, "Rsn") if told is not None else None
        code = _text(reason, "Cd") if reason is not None else ""
        if code:
            return code[:4].upper()
    return NO_REASON


def _cents(root: Element) -> int | None:
    """Return the debit's own amount: what the family was asked for, without the bank's fee."""
    for name in ("OrgnlInstdAmt", "InstdAmt", "TxAmt", "Amt"):
        found = _first(root, name)
        text = _inner_text(found) if found is not None else ""
        if text:
            try:
                return int(Decimal(text) * 100)
            except InvalidOperation as error:
                raise Refusal("returns_unreadable") from error
    return None


def _inner_text(found: Element) -> str:
    """Return the first text of an element, its own or that of one inside it."""
    return next((text for inner in found.iter() if (text := (inner.text or "").strip())), "")


def _day(root: Element, name: str) -> date | None:
    found = _first(root, name)
    text = _inner_text(found) if found is not None else ""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise Refusal("returns_unreadable") from error
