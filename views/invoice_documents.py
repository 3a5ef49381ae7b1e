"""The PDF of an invoice: drawn once, kept with its checksum, given to whom it is for."""

import hashlib
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.direct_debits.mandates import live_mandate, offers_direct_debit
from domain.family.rules import written_family_code
from domain.invoicing.queries import LinkedInvoices, invoice_groups, linked_invoices
from gateways.pdf import ChildSection, InvoiceContext, Line, SumLine, address_lines, render_invoice
from models.documents import StoredFile
from models.invoices import Invoice, InvoiceKind
from models.recovery import Reminder
from views.extensions import db
from views.files import file_store
from views.formats import pen
from views.languages import FRENCH, speaking
from views.letterhead import letterhead
from views.mailing import absolute

PDF = "application/pdf"


@speaking(FRENCH)
def invoice_pdf(invoice: Invoice) -> bytes:
    """Return the kept PDF of an invoice; drawn and kept now when the worker has not come to it yet.

    The caller commits.
    """
    session = db.session()
    if invoice.file_id is not None:
        return read_pdf(invoice.file_id)
    data = render_invoice(render_document, _context(session, invoice))
    keep_drawn(invoice, data, f"{invoice.number}.pdf")
    return data


def keep_pdf(data: bytes, filename: str) -> StoredFile:
    """Put a PDF into the file store, with its checksum."""
    return keep_file(data, filename, PDF)


def keep_file(data: bytes, filename: str, media_type: str) -> StoredFile:
    """Put a file into the file store, with its checksum."""
    row = StoredFile(
        key=file_store().put(data, media_type),
        filename=filename,
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def read_pdf(file_id: int) -> bytes:
    """Return a kept PDF, or another kept file."""
    kept = db.session.get_one(StoredFile, file_id)
    with file_store().open(kept.key) as stream:
        return stream.read()


def keep_drawn(document: Invoice | Reminder, data: bytes, filename: str) -> None:
    """Bind a drawn PDF to its invoice or reminder, unless another process was first."""
    model = type(document)
    row = keep_pdf(data, filename)
    kept = db.session.execute(
        update(model)
        .where(model.id == document.id, model.file_id.is_(None))
        .values(file_id=row.id)
        .execution_options(synchronize_session=False)
    )
    if kept.rowcount == 0:  # type: ignore[attr-defined]
        db.session.delete(row)
        db.session.flush()
        file_store().delete(row.key)
    db.session.expire(document, ["file_id"])


def render_document(template: str, facts: dict[str, Any]) -> str:
    """Render a document's template, as gateways ask."""
    return render_template(template, **facts)


def _context(session: Session, invoice: Invoice) -> InvoiceContext:
    groups = invoice_groups(session, invoice.id, pen())
    sections = tuple(
        ChildSection(
            group.child_name,
            tuple(
                Line(line.label, line.quantity, line.unit_cents, line.amount_cents, line.explanation)
                for line in group.lines
            ),
            group.subtotal_cents,
        )
        for group in groups
        if group.child_name
    )
    others = tuple(
        SumLine(line.label, line.amount_cents, line.explanation)
        for group in groups
        if not group.child_name
        for line in group.lines
    )
    is_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    links = linked_invoices(session, invoice)
    return InvoiceContext(
        town=letterhead(),
        number=invoice.number,
        issued_on=local_day(invoice.issued_at),
        family_code=written_family_code(invoice.family_code) if invoice.family_code else "",
        address=address_lines(invoice.payer_name, invoice.payer_address),
        sections=sections,
        total_cents=invoice.total_cents,
        due_cents=0 if is_note else invoice.total_cents,
        period=invoice.month,
        due_on=invoice.due_on,
        other_lines=others,
        means=() if is_note else _means(session, invoice),
        legal=(
            _(
                "Cette facture peut être contestée auprès du service dans les deux mois qui suivent sa réception."
            ),
        ),
        pay_url="" if is_note else absolute("parent.invoice", invoice_id=invoice.id),
        corrects_number=links.corrects.number if links.corrects else "",
        reason=_why(invoice, links),
    )


def _means(session: Session, invoice: Invoice) -> tuple[str, ...]:
    """Return the ways to pay; a family that signed for direct debit has nothing to do."""
    if live_mandate(session, invoice.family_id, local_day(invoice.issued_at)) is not None:
        return (
            _(
                "Par prélèvement automatique : vous serez prévenu du jour et du montant, sans rien avoir à faire."
            ),
        )
    debit = _("Par prélèvement automatique : signez un mandat dans « Mon compte », sur le portail famille.")
    return (
        _("En ligne, par carte bancaire, sur le portail famille."),
        *([debit] if offers_direct_debit(session) else []),
        _("Au guichet, en espèces, par chèque ou par carte bancaire."),
    )


def _why(invoice: Invoice, links: LinkedInvoices) -> str:
    """Say why a credit note was made, or what a corrected invoice stands for."""
    if links.replaces is not None:
        return _("Cette facture remplace la facture n° %(number)s, annulée.", number=links.replaces.number)
    return invoice.reason
