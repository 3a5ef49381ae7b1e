"""The file that the bank takes, and those that it gives."""

from datetime import date
from functools import cache
from importlib import resources
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.direct_debits.batches import DebitOrder
from domain.direct_debits.returns import BankReturn
from domain.errors import Refusal
from gateways.imports.bank_returns import read_returns
from gateways.payments.sepa import SCHEMA, Creditor, write_debits
from tests.direct_debits.bank_files import statement, status_report

TOWN = Creditor("Saint-Préau", "FR73ZZZ599999", "FR7630001007941234567890185", "BDFEFRPP")
DAY = date(2026, 12, 7)
NAMES = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}


def order(
    place: int = 1, cents: int = 3_060, holder: str = "Zoé d’Œuvre & fils", bic: str = "BNPAFRPP"
) -> DebitOrder:
    return DebitOrder(
        end_to_end_id=f"D2026-000001-{place:05d}",
        amount_cents=cents,
        rum=f"45999-2026-{place:06d}",
        signed_on=date(2026, 11, 2),
        holder=holder,
        iban="FR7630004000031234567890143",
        bic=bic,
        invoice_number="2026-000012",
    )


def is_valid(data: bytes) -> bool:
    """Check against the schema of the standard itself, not by the library's own word."""
    return bool(standard().is_valid(data.decode()))


@cache
def standard() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(resources.files("sepaxml") / "schemas" / f"{SCHEMA}.xsd"))


def test_the_file_is_valid_and_says_what_is_asked() -> None:
    written = write_debits(TOWN, DAY, [order(1), order(2, 1_05, bic="")])

    assert is_valid(written.data)
    root = ElementTree.fromstring(written.data)
    found = {
        path: [one.text for one in root.iterfind(f".//{path}", NAMES)]
        for path in (
            "p:MsgId",
            "p:CtrlSum",
            "p:NbOfTxs",
            "p:InstdAmt",
            "p:SeqTp",
            "p:ReqdColltnDt",
            "p:MndtId",
        )
    }
    assert found == {
        "p:MsgId": [written.message_id],
        "p:CtrlSum": ["31.65", "31.65"],
        "p:NbOfTxs": ["2", "2"],
        "p:InstdAmt": ["30.60", "1.05"],
        "p:SeqTp": ["RCUR"],
        "p:ReqdColltnDt": ["2026-12-07"],
        "p:MndtId": ["45999-2026-000001", "45999-2026-000002"],
    }
    names = [one.text for one in root.iterfind(".//p:Dbtr/p:Nm", NAMES)]
    assert names == ["Zoe d'OEuvre + fils"] * 2
    assert [one.text for one in root.iterfind(".//p:Ustrd", NAMES)] == ["Saint-Preau facture 2026-000012"] * 2


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=90), st.integers(1, 99_999_999))
def test_any_name_and_amount_make_a_valid_file(holder: str, cents: int) -> None:
    written = write_debits(TOWN, DAY, [order(cents=cents, holder=holder)])

    assert is_valid(written.data)
    assert written.data.isascii()


def test_a_status_report_gives_what_is_rejected() -> None:
    data = status_report(("D1", "AM04", "30.60"), ("D2", "AC04", "12.00"))

    assert read_returns(data) == [
        BankReturn("D1", "MSG", "AM04", 3_060, date(2026, 12, 8)),
        BankReturn("D2", "MSG", "AC04", 1_200, date(2026, 12, 8)),
    ]


def test_a_file_rejected_whole_is_told_by_its_name() -> None:
    assert read_returns(status_report(message_id="F1", group="RJCT")) == [
        BankReturn("", "F1", "FF01", None, date(2026, 12, 8))
    ]
    assert read_returns(status_report(group="ACCP")) == []


def test_a_statement_gives_its_returns_only() -> None:
    assert read_returns(statement("D1", "MD06", "30.60")) == [
        BankReturn("D1", "", "MD06", 3_060, date(2026, 12, 15))
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import_no_file"),
        (b"date;montant\n", "returns_unreadable"),
        (b"<html/>", "returns_unreadable"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "returns_unreadable"),
        (statement("D1", "MD06", "trente"), "returns_unreadable"),
        (statement("D1", "MD06", "30.60", day="hier"), "returns_unreadable"),
    ],
)
def test_what_is_no_answer_of_a_bank_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_returns(data)

    assert refusal.value.code == code
