"""Each document: its template, its facts, its PDF."""

from collections.abc import Callable, Sequence
from typing import Any

import segno

from domain.attendance.queries import RollChild, RollHead
from gateways.pdf.documents import (
    AcknowledgementContext,
    DepositSlipContext,
    InvoiceContext,
    LetterContext,
    Letterhead,
    MandateContext,
    ReceiptContext,
    ReminderContext,
)
from gateways.pdf.renderer import render_pdf
from gateways.pdf.statements import AccountContext, AttendanceContext, TaxContext

# A template's name and its facts in, HTML out: ``flask.render_template`` behind a keyword call.
Render = Callable[[str, dict[str, Any]], str]


def qr_address(text: str) -> str:
    """Return a QR code of a text as a ``data:`` address of an SVG image."""
    code = segno.make(text, error="m", micro=False)
    address: str = code.svg_data_uri(border=0, dark="#1b1f3b", omitsize=True)
    return address


def render_letter(render: Render, letter: LetterContext) -> bytes:
    """Return the activation letter of one adult."""
    return render_letters(render, [letter])


def render_letters(render: Render, letters: Sequence[LetterContext]) -> bytes:
    """Return the letters of several adults as one document, each on its own sheet."""
    pages = [(letter, qr_address(letter.qr_url)) for letter in letters]
    return render_pdf(render("pdf/letter.html", {"letters": pages}))


def render_invoice(render: Render, invoice: InvoiceContext) -> bytes:
    """Return an invoice or a credit note."""
    qr = qr_address(invoice.pay_url) if invoice.pay_url else ""
    return render_pdf(render("pdf/invoice.html", {"doc": invoice, "qr": qr}))


def render_reminder(render: Render, reminder: ReminderContext) -> bytes:
    """Return a reminder of unpaid invoices."""
    facts = {"doc": reminder, "qr": qr_address(reminder.pay_url)}
    return render_pdf(render("pdf/reminder.html", facts))


def render_receipt(render: Render, receipt: ReceiptContext) -> bytes:
    """Return a receipt (quittance)."""
    return render_pdf(render("pdf/receipt.html", {"doc": receipt}))


def render_deposit_slip(render: Render, slip: DepositSlipContext) -> bytes:
    """Return a deposit slip (bordereau de versement)."""
    return render_pdf(render("pdf/deposit_slip.html", {"doc": slip}))


def render_mandate(render: Render, mandate: MandateContext) -> bytes:
    """Return a mandate for direct debit."""
    return render_pdf(render("pdf/mandate.html", {"doc": mandate}))


def render_acknowledgement(render: Render, acknowledgement: AcknowledgementContext) -> bytes:
    """Return the acknowledgement of a request (accusé de réception)."""
    return render_pdf(render("pdf/acknowledgement.html", {"doc": acknowledgement}))


def render_roll_call(
    render: Render, *, town: Letterhead, head: RollHead, children: Sequence[RollChild]
) -> bytes:
    """Return the paper list of a roll-call, for a day without tablet."""
    return render_pdf(render("pdf/roll_call.html", {"town": town, "sheet": head, "children": children}))


def render_tax_certificate(render: Render, certificate: TaxContext) -> bytes:
    """Return a tax certificate (attestation fiscale)."""
    return render_pdf(render("pdf/tax_certificate.html", {"doc": certificate}))


def render_attendance(render: Render, statement: AttendanceContext) -> bytes:
    """Return an attendance statement (attestation de présence)."""
    return render_pdf(render("pdf/attendance.html", {"doc": statement}))


def render_account(render: Render, statement: AccountContext) -> bytes:
    """Return a statement of account (relevé de compte)."""
    return render_pdf(render("pdf/account.html", {"doc": statement}))
