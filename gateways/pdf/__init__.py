"""PDF documents: letters, invoices, receipts, and the batch for the printer. All tagged (PDF/UA-1)."""

from gateways.pdf.batch import merge_print_batch
from gateways.pdf.documents import (
    AcknowledgementContext,
    ChildSection,
    DepositSlipContext,
    InvoiceContext,
    LetterContext,
    Letterhead,
    Line,
    MandateContext,
    ReceiptContext,
    ReminderContext,
    ReminderLine,
    SlipLine,
    SumLine,
    address_lines,
)
from gateways.pdf.render import (
    render_acknowledgement,
    render_deposit_slip,
    render_invoice,
    render_letter,
    render_letters,
    render_mandate,
    render_receipt,
    render_reminder,
    render_roll_call,
)
from gateways.pdf.renderer import render_pdf

__all__ = [
    "AcknowledgementContext",
    "ChildSection",
    "DepositSlipContext",
    "InvoiceContext",
    "LetterContext",
    "Letterhead",
    "Line",
    "MandateContext",
    "ReceiptContext",
    "ReminderContext",
    "ReminderLine",
    "SlipLine",
    "SumLine",
    "address_lines",
    "merge_print_batch",
    "render_acknowledgement",
    "render_deposit_slip",
    "render_invoice",
    "render_letter",
    "render_letters",
    "render_mandate",
    "render_pdf",
    "render_receipt",
    "render_reminder",
    "render_roll_call",
]
