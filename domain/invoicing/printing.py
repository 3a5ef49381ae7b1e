"""Paper invoices and credit notes, put together for the printer; each one is in one batch."""

from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from models.invoices import Delivery, Invoice
from models.messages import PrintBatch, PrintBatchInvoice, PrintedKind

# One PDF of this many stays under half a gigabyte of memory.
LARGEST_BATCH = 800


def unprinted_count(session: Session) -> int:
    """Return how many paper invoices are in no batch yet."""
    counted = select(func.count()).select_from(Invoice).where(*_UNPRINTED)
    return session.scalar(counted) or 0


_UNPRINTED = (
    Invoice.delivery == Delivery.PAPER,
    Invoice.printed_at.is_(None),
)


def make_print_batch(session: Session, *, actor: Actor, now: datetime) -> PrintBatch | None:
    """Put the paper invoices that wait into a batch; None when none waits. The worker draws its PDF.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    ids = session.scalars(
        select(Invoice.id).where(*_UNPRINTED).order_by(Invoice.id).limit(LARGEST_BATCH)
    ).all()
    if not ids:
        return None
    batch = PrintBatch(invoice_count=len(ids))
    session.add(batch)
    session.flush()
    session.execute(
        insert(PrintBatchInvoice), [{"invoice_id": invoice_id, "batch_id": batch.id} for invoice_id in ids]
    )
    session.execute(
        update(Invoice)
        .where(Invoice.id.in_(ids))
        .values(printed_at=now, updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="make_print_batch",
        subject_kind="print_batch",
        subject_id=batch.id,
        after={"invoices": len(ids)},
    )
    session.flush()
    return batch


def batch_invoices(session: Session, batch_id: int) -> list[int]:
    """Return the invoices of a batch, by number."""
    statement = (
        select(Invoice.id)
        .join(PrintBatchInvoice, PrintBatchInvoice.invoice_id == Invoice.id)
        .where(PrintBatchInvoice.batch_id == batch_id)
        .order_by(Invoice.number)
    )
    return list(session.scalars(statement))


def recent_batches(session: Session, limit: int = 6) -> list[PrintBatch]:
    """Return the latest batches of invoices, the newest first."""
    statement = select(PrintBatch).where(PrintBatch.kind == PrintedKind.INVOICES)
    return list(session.scalars(statement.order_by(PrintBatch.id.desc()).limit(limit)))
