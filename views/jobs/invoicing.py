"""The worker issues months, tells families, and draws the PDFs."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.actor import system
from domain.errors import Refusal
from domain.invoicing.issue import IssuedInvoice
from domain.invoicing.operations import Batch, issue_next_families
from domain.invoicing.printing import batch_invoices, undrawn_batches
from domain.payments.operations import allocate_credit
from gateways.pdf import merge_print_batch
from models.base import stamp_session
from models.invoices import Delivery, Invoice, InvoiceRun, RunState
from models.messages import PrintBatch
from views.errors import refusal_sentence
from views.extensions import db
from views.invoice_documents import invoice_pdf, keep_pdf, undrawn_invoices
from views.mailing import absolute, family_recipients, send_mail

FAMILIES_AT_ONCE, PDFS_AT_ONCE = 50, 20
WORKER = system("worker")


def issue_started_runs() -> int:
    """Issue every run that was started, batch by batch; return how many invoices were made."""
    runs = db.session.scalars(select(InvoiceRun.id).where(InvoiceRun.state == RunState.ISSUING)).all()
    return sum(_issue(run_id) for run_id in runs)


def _issue(run_id: int) -> int:
    session, made = db.session(), 0
    while True:
        now = clock.now()
        stamp_session(session, WORKER.label, now)
        try:
            batch = issue_next_families(session, actor=WORKER, now=now, run_id=run_id, limit=FAMILIES_AT_ONCE)
        except Refusal as refusal:
            session.rollback()
            _stop(run_id, refusal_sentence(refusal))
            return made
        if batch is not None:
            families = [invoice.family_id for invoice in batch.invoices]
            allocate_credit(session, actor=WORKER, now=now, family_ids=families)
            _tell(batch)
        session.commit()
        if batch is None:
            return made
        made += len(batch.invoices)


def _stop(run_id: int, sentence: str) -> None:
    """Show staff why a run cannot go on; mended, it is started again where it stood."""
    run = db.session.get_one(InvoiceRun, run_id)
    run.state, run.failure = RunState.FAILED, sentence
    db.session.commit()


def _tell(batch: Batch) -> None:
    """Queue the mail of each electronic invoice, in the transaction that makes it."""
    for invoice in batch.invoices:
        if invoice.delivery is Delivery.ELECTRONIC:
            _tell_one(invoice)


def _tell_one(issued: IssuedInvoice) -> None:
    invoice = db.session.get_one(Invoice, issued.id)
    for recipient in family_recipients(issued.family_id):
        send_mail(
            "invoice_issued",
            recipient,
            family_id=issued.family_id,
            once_key=f"invoice:{issued.id}:{recipient}",
            number=issued.number,
            month=invoice.month,
            total_cents=issued.total_cents,
            due_on=invoice.due_on,
            invoice_url=absolute("parent.invoice", invoice_id=issued.id),
        )


def draw_documents() -> int:
    """Draw the PDFs that are missing, print batches first, since people wait for them; return how many."""
    drawn = sum(_draw_batch(batch) for batch in undrawn_batches(db.session()))
    while ids := undrawn_invoices(db.session(), PDFS_AT_ONCE):
        drawn += sum(1 for _pdf in _pdfs(ids))
    return drawn


def _pdfs(invoice_ids: list[int]) -> Iterator[bytes]:
    """Yield each invoice's PDF, drawn and kept if it was not."""
    for invoice_id in invoice_ids:
        stamp_session(db.session(), WORKER.label, clock.now())
        data = invoice_pdf(db.session.get_one(Invoice, invoice_id))
        db.session.commit()
        yield data


def _draw_batch(batch: PrintBatch) -> int:
    ids = batch_invoices(db.session(), batch.id)
    data = merge_print_batch(_pdfs(ids), title=_("Factures à imprimer, lot %(number)s", number=batch.id))
    now = clock.now()
    stamp_session(db.session(), WORKER.label, now)
    batch.file_id = keep_pdf(data, f"factures-lot-{batch.id}.pdf").id
    batch.ready_at = now
    db.session.commit()
    return len(ids)
