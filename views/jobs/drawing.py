"""The worker draws the PDFs; one that cannot be drawn never keeps those behind it waiting."""

import logging
from collections.abc import Callable, Iterator
from itertools import chain

from flask_babel import gettext as _

from domain import clock
from domain.actor import system
from domain.invoicing.drawing import claim_undrawn, record_drawn, record_not_drawn
from domain.invoicing.printing import batch_invoices, batch_reminders
from domain.statements.yearly import batch_statements
from gateways.pdf import merge_print_batch
from models.base import stamp_session
from models.invoices import Invoice
from models.messages import DrawnKind, PrintBatch, PrintedKind
from models.recovery import Reminder
from models.statements import Statement
from views.extensions import db
from views.invoice_documents import invoice_pdf, keep_pdf
from views.jobs.stopping import is_stopping
from views.reminder_documents import reminder_pdf
from views.statement_documents import statement_pdf

log = logging.getLogger(__name__)
PDFS_AT_ONCE = 20
WORKER = system("worker")


def draw_documents() -> int:
    """Draw the PDFs that are due, print batches first, since people wait for them; return how many."""
    drawn = _draw_all(DrawnKind.PRINT_BATCH, 1, _draw_batch)
    drawn += _draw_all(DrawnKind.REMINDER, PDFS_AT_ONCE, _draw_reminder)
    return drawn + _draw_all(DrawnKind.INVOICE, PDFS_AT_ONCE, _draw_invoice)


def _draw_all(kind: DrawnKind, at_once: int, draw: Callable[[int], object]) -> int:
    """Draw what is due of one kind; each try is committed before it is made."""
    drawn = 0
    while not is_stopping() and (
        ids := claim_undrawn(db.session(), kind=kind, now=clock.now(), limit=at_once)
    ):
        db.session.commit()
        drawn += sum(_try(kind, subject_id, draw) for subject_id in ids)
    db.session.rollback()
    return drawn


def _try(kind: DrawnKind, subject_id: int, draw: Callable[[int], object]) -> bool:
    stamp_session(db.session(), WORKER.label, clock.now())
    try:
        draw(subject_id)
    except Exception as error:  # whatever a document does to the renderer, the next one is drawn
        db.session.rollback()
        log.exception("%s %s not drawn", kind.value, subject_id)
        words = f"{type(error).__name__}: {error}"
        record_not_drawn(db.session(), kind=kind, subject_id=subject_id, error=words)
        db.session.commit()
        return False
    record_drawn(db.session(), kind=kind, subject_ids=[subject_id])
    db.session.commit()
    return True


def _draw_invoice(invoice_id: int) -> bytes:
    return invoice_pdf(db.session.get_one(Invoice, invoice_id))


def _draw_reminder(reminder_id: int) -> bytes:
    return reminder_pdf(db.session.get_one(Reminder, reminder_id))


def _draw_batch(batch_id: int) -> None:
    if db.session.get_one(PrintBatch, batch_id).kind is PrintedKind.TAX_CERTIFICATES:
        title, name = _("Attestations fiscales à imprimer, lot %(number)s", number=batch_id), "attestations"
        pages = _certificates(batch_statements(db.session(), batch_id))
    else:
        title, name = _("Factures à imprimer, lot %(number)s", number=batch_id), "factures"
        pages = chain(
            _pdfs(DrawnKind.INVOICE, batch_invoices(db.session(), batch_id), _draw_invoice),
            _pdfs(DrawnKind.REMINDER, batch_reminders(db.session(), batch_id), _draw_reminder),
        )
    data = merge_print_batch(pages, title=title)
    now = clock.now()
    stamp_session(db.session(), WORKER.label, now)
    batch = db.session.get_one(PrintBatch, batch_id)
    batch.file_id = keep_pdf(data, f"{name}-lot-{batch_id}.pdf").id
    batch.ready_at = now


def _certificates(statement_ids: list[int]) -> Iterator[bytes]:
    """Yield each certificate's PDF; what is drawn on the way is kept."""
    for statement_id in statement_ids:
        data = statement_pdf(db.session.get_one(Statement, statement_id))
        db.session.commit()
        stamp_session(db.session(), WORKER.label, clock.now())
        yield data


def _pdfs(kind: DrawnKind, ids: list[int], draw: Callable[[int], bytes]) -> Iterator[bytes]:
    """Yield each document's PDF; what is drawn on the way is kept, even if the batch fails on a later one."""
    for subject_id in ids:
        data = draw(subject_id)
        record_drawn(db.session(), kind=kind, subject_ids=[subject_id])
        db.session.commit()
        stamp_session(db.session(), WORKER.label, clock.now())
        yield data
