"""The worker issues months and tells families, batch by batch."""

from typing import Any

from sqlalchemy import select

from domain import clock
from domain.actor import system
from domain.errors import Refusal
from domain.invoicing.issue import IssuedInvoice
from domain.invoicing.operations import Batch, issue_next_families
from domain.payments.operations import allocate_credit
from models.base import stamp_session
from models.invoices import Delivery, InvoiceRun, RunState
from views.errors import refusal_sentence
from views.extensions import db
from views.jobs.stopping import is_stopping
from views.mailing import Letter, absolute, recipients_of, send_mails

FAMILIES_AT_ONCE = 50
WORKER = system("worker")


def issue_started_runs() -> int:
    """Issue every run that was started, batch by batch; return how many invoices were made."""
    runs = db.session.scalars(select(InvoiceRun.id).where(InvoiceRun.state == RunState.ISSUING)).all()
    return sum(_issue(run_id) for run_id in runs)


def _issue(run_id: int) -> int:
    session, made = db.session(), 0
    while not is_stopping():
        now = clock.now()
        stamp_session(session, WORKER.label, now)
        try:
            batch = issue_next_families(session, actor=WORKER, now=now, run_id=run_id, limit=FAMILIES_AT_ONCE)
        except Refusal as refusal:
            session.rollback()
            _stop(run_id, refusal_sentence(refusal))
            break
        if batch is not None:
            families = [invoice.family_id for invoice in batch.invoices]
            allocate_credit(session, actor=WORKER, now=now, family_ids=families)
            _tell(batch)
        session.commit()
        if batch is None:
            break
        made += len(batch.invoices)
    return made


def _stop(run_id: int, sentence: str) -> None:
    """Show staff why a run cannot go on; mended, it is started again where it stood."""
    run = db.session.get_one(InvoiceRun, run_id)
    run.state, run.failure = RunState.FAILED, sentence
    db.session.commit()


def _tell(batch: Batch) -> None:
    """Queue the mails of the electronic invoices, in the transaction that makes them."""
    told = [invoice for invoice in batch.invoices if invoice.delivery is Delivery.ELECTRONIC]
    recipients = recipients_of(invoice.family_id for invoice in told)
    send_mails(
        "invoice_issued",
        [
            Letter(
                recipient=recipient,
                family_id=invoice.family_id,
                once_key=f"invoice:{invoice.id}:{recipient}",
                facts=_facts(invoice),
            )
            for invoice in told
            for recipient in recipients.get(invoice.family_id, ())
        ],
    )


def _facts(invoice: IssuedInvoice) -> dict[str, Any]:
    return {
        "number": invoice.number,
        "month": invoice.month,
        "total_cents": invoice.total_cents,
        "due_on": invoice.due_on,
        "invoice_url": absolute("parent.invoice", invoice_id=invoice.id),
    }
