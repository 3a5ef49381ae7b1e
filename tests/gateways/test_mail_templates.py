"""The mails about money say the amounts and days, once, in both parts."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from tests.gateways.papers import render
from tests.support.mails import TOWN

INVOICE = {
    "number": "F2026-000123",
    "month": date(2026, 10, 1),
    "total_cents": 14180,
    "due_on": date(2026, 11, 30),
    "invoice_url": "https://famille.example/factures/F2026-000123",
}
PAYMENT = {
    "amount_cents": 15000,
    "received_on": date(2026, 11, 12),
    "invoices": [("F2026-000123", 14180)],
    "credit_cents": 820,
    "invoices_url": "https://famille.example/factures",
}


def parts(kind: str, facts: dict[str, Any]) -> list[str]:
    names = (f"mail/{kind}.subject.txt", f"mail/{kind}.txt", f"mail/{kind}.html")
    return [render(name, {"town": TOWN, **facts}) for name in names]


def test_invoice_mail_says_how_much_and_until_when() -> None:
    subject, text, html = parts("invoice_issued", INVOICE)

    assert subject.strip() == "Votre facture\u00a0: 141,80\u00a0€"
    for part in (text, html):
        assert "141,80\u00a0€" in part
        assert "lundi 30 novembre 2026" in part
        assert "F2026-000123" in part
        assert "octobre 2026" in part
        assert INVOICE["invoice_url"] in part


def test_invoice_of_no_month_names_none() -> None:
    _, text, _ = parts("invoice_issued", INVOICE | {"month": None})

    assert "mois" not in text


@pytest.mark.parametrize("credit_cents", [0, 820])
def test_payment_mail_says_what_it_settles(credit_cents: int) -> None:
    _, text, html = parts("payment_received", PAYMENT | {"credit_cents": credit_cents})

    for part in (text, html):
        assert "150,00\u00a0€" in part
        assert "141,80\u00a0€" in part
        assert ("8,20\u00a0€" in part) == bool(credit_cents)


def test_reminder_mail_says_each_debt_and_the_total() -> None:
    row = SimpleNamespace(number="F2026-000123", due_on=date(2026, 11, 30), due_cents=14180)
    facts = {
        "title": "Deuxième rappel",
        "number": "L2027-000012",
        "paragraphs": (
            "Malgré notre premier rappel, 141,80 € restent à payer.",
            "Une difficulté ? Appelez-nous.",
        ),
        "total_cents": 14180,
        "invoices": [row],
        "invoices_url": "https://famille.example/factures",
    }

    subject, text, html = parts("invoice_reminder", facts)

    assert subject.strip() == "Deuxième rappel. Reste à payer\u00a0: 141,80\u00a0€"
    for part in (text, html):
        for words in (
            "Malgré notre premier rappel",
            "Appelez-nous",
            "F2026-000123",
            "lundi 30 novembre 2026",
        ):
            assert words in part
        assert part.count("141,80\u00a0€") >= 2
        assert "L2027-000012" in part


def test_escaped_text_is_not_escaped_twice() -> None:
    _, _, html = parts("payment_received", PAYMENT | {"invoices": [("F & <fils>", 1)]})

    assert "F &amp; &lt;fils&gt;" in html
