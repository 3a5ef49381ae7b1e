"""A parent reads the invoices, each line with its reasons, and downloads them."""

from io import BytesIO

from flask import abort, render_template, send_file
from flask.typing import ResponseReturnValue

from domain import clock
from domain.direct_debits.queries import ComingDebit, coming_debits
from domain.invoicing.contest import contests
from domain.invoicing.queries import (
    due_invoices,
    family_invoices,
    handed_over_invoices,
    invoice_groups,
    linked_invoices,
)
from domain.invoicing.rules import State
from domain.invoicing.running import running_total
from domain.payments.queries import credit_cents
from domain.recovery.handovers import live_handover
from domain.recovery.reminders import invoice_reminders
from models.invoices import Invoice, InvoiceKind
from models.recovery import Reminder
from views.access import access, current_actor, current_family_id
from views.extensions import db
from views.formats import pen
from views.invoice_documents import PDF, invoice_pdf
from views.parent.blueprint import bp
from views.reminder_documents import reminder_pdf


@bp.get("/factures")
@access("parent")
def invoices() -> ResponseReturnValue:
    """List the family's invoices: what is to be paid first, then the others."""
    family_id = current_family_id()
    due = due_invoices(db.session(), family_id=family_id)
    at_tresor = handed_over_invoices(db.session(), family_id=family_id)
    pending = {row.id for row in (*due, *at_tresor)}
    debits = {
        one.invoice_id: one for one in coming_debits(db.session(), family_id) if one.invoice_id in pending
    }
    others = [row for row in family_invoices(db.session(), family_id=family_id) if row.id not in pending]
    return render_template(
        "parent/invoices.html",
        due=due,
        payable=[row for row in due if row.id not in debits],
        debits=list(debits.values()),
        at_tresor=at_tresor,
        others=others,
        total_cents=sum(row.due_cents for row in due),
        running=running_total(db.session(), actor=current_actor(), now=clock.now(), family_id=family_id),
        credit_cents=credit_cents(db.session(), family_id),
        today=clock.today(),
    )


def own_invoice(invoice_id: int) -> Invoice:
    """Return an invoice of one of the parent's families; 404 for any other."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.family_id not in current_actor().family_ids:
        abort(404)
    return invoice


@bp.get("/factures/<int:invoice_id>")
@access("parent")
def invoice(invoice_id: int) -> ResponseReturnValue:
    """Show an invoice: what is due and until when, then each line with its reasons."""
    found = own_invoice(invoice_id)
    today = clock.today()
    is_owed = found.kind is InvoiceKind.INVOICE and found.state.value != State.CANCELLED
    due_cents = found.due_cents if is_owed else 0
    handed = live_handover(db.session(), found.id) if found.state.value == State.HANDED_OVER else None
    is_late = due_cents > 0 and found.due_on is not None and found.due_on < today
    state = (
        "overdue" if is_late and found.state.value in (State.ISSUED, State.PARTLY_PAID) else found.state.value
    )
    return render_template(
        "parent/invoice.html",
        invoice=found,
        issued_on=clock.local_day(found.issued_at),
        due_cents=due_cents,
        is_late=is_late,
        state=state,
        groups=invoice_groups(db.session(), found.id, pen()),
        contests={one.line_id: one for one in contests(db.session(), invoice_id=found.id)},
        may_contest=is_owed,
        links=linked_invoices(db.session(), found),
        debit=next((one for one in _coming(found) if due_cents), None),
        reminders=invoice_reminders(db.session(), found.id) if found.reminded_at else [],
        handed_on=handed[1].handed_on if handed else None,
    )


def _coming(found: Invoice) -> list[ComingDebit]:
    """Return the debit that the family was told of for an invoice, if the bank has not taken it yet."""
    return [one for one in coming_debits(db.session(), found.family_id) if one.invoice_id == found.id]


@bp.get("/factures/<int:invoice_id>/pdf")
@access("parent")
def invoice_file(invoice_id: int) -> ResponseReturnValue:
    """Give the invoice's PDF."""
    found = own_invoice(invoice_id)
    name = f"{found.number}.pdf"
    data = invoice_pdf(found)
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)


@bp.get("/factures/relances/<int:reminder_id>/pdf")
@access("parent")
def reminder_file(reminder_id: int) -> ResponseReturnValue:
    """Give a reminder's PDF."""
    found = db.session.get(Reminder, reminder_id)
    if found is None or found.family_id not in current_actor().family_ids:
        abort(404)
    data, name = reminder_pdf(found), f"relance-{found.number}.pdf"
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)
