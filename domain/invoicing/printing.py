"""Paper invoices, credit notes and reminders, put together for the printer; each one is in one batch."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from models.invoices import Delivery, Invoice
from models.messages import PrintBatch, PrintBatchInvoice, PrintBatchReminder, PrintedKind
from models.recovery import Reminder
from models.statements import Statement

# One PDF of this many stays under half a gigabyte of memory.
LARGEST_BATCH = 800


def unprinted_count(session: Session) -> int:
    """Return how many paper invoices and reminders are in no batch yet."""
    invoices = select(func.count()).select_from(Invoice).where(*_UNPRINTED)
    reminders = select(func.count()).select_from(Reminder).where(*_UNPRINTED_REMINDERS)
    return (session.scalar(invoices) or 0) + (session.scalar(reminders) or 0)


_UNPRINTED = (
    Invoice.delivery == Delivery.PAPER,
    Invoice.printed_at.is_(None),
)
_UNPRINTED_REMINDERS = (
    Reminder.delivery == Delivery.PAPER,
    Reminder.printed_at.is_(None),
)


def make_print_batch(session: Session, *, actor: Actor, now: datetime) -> PrintBatch | None:
    """Put the paper invoices and reminders that wait into a batch; None when none waits. The worker draws its PDF.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    ids = session.scalars(
        select(Invoice.id).where(*_UNPRINTED).order_by(Invoice.id).limit(LARGEST_BATCH)
    ).all()
    reminder_ids = session.scalars(
        select(Reminder.id).where(*_UNPRINTED_REMINDERS).order_by(Reminder.id).limit(LARGEST_BATCH - len(ids))
    ).all()
    if not ids and not reminder_ids:
        return None
    batch = PrintBatch(invoice_count=len(ids), reminder_count=len(reminder_ids))
    session.add(batch)
    session.flush()
    if ids:
        session.execute(insert(PrintBatchInvoice), [{"invoice_id": one, "batch_id": batch.id} for one in ids])
    if reminder_ids:
        rows = [{"reminder_id": one, "batch_id": batch.id} for one in reminder_ids]
        session.execute(insert(PrintBatchReminder), rows)
    for model, chosen in ((Invoice, ids), (Reminder, reminder_ids)):
        session.execute(
            update(model)
            .where(model.id.in_(chosen))
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
        after={"invoices": len(ids), "reminders": len(reminder_ids)},
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


def batch_reminders(session: Session, batch_id: int) -> list[int]:
    """Return the reminders of a batch, by number."""
    statement = (
        select(Reminder.id)
        .join(PrintBatchReminder, PrintBatchReminder.reminder_id == Reminder.id)
        .where(PrintBatchReminder.batch_id == batch_id)
        .order_by(Reminder.number)
    )
    return list(session.scalars(statement))


def drawn_counts(session: Session, batch_ids: Sequence[int]) -> dict[int, int]:
    """Return how many documents of each batch are drawn already; three queries."""
    invoices = (
        select(PrintBatchInvoice.batch_id, func.count())
        .join(Invoice, Invoice.id == PrintBatchInvoice.invoice_id)
        .where(PrintBatchInvoice.batch_id.in_(batch_ids), Invoice.file_id.is_not(None))
        .group_by(PrintBatchInvoice.batch_id)
    )
    reminders = (
        select(PrintBatchReminder.batch_id, func.count())
        .join(Reminder, Reminder.id == PrintBatchReminder.reminder_id)
        .where(PrintBatchReminder.batch_id.in_(batch_ids), Reminder.file_id.is_not(None))
        .group_by(PrintBatchReminder.batch_id)
    )
    statements = (
        select(Statement.batch_id, func.count())
        .where(Statement.batch_id.in_(batch_ids), Statement.file_id.is_not(None))
        .group_by(Statement.batch_id)
    )
    found: Counter[int] = Counter()
    for counted in (invoices, reminders, statements):
        for batch_id, count in session.execute(counted):
            found[batch_id or 0] += count
    return found


def recent_batches(session: Session, limit: int = 6) -> list[PrintBatch]:
    """Return the latest batches of invoices, the newest first."""
    statement = select(PrintBatch).where(PrintBatch.kind == PrintedKind.INVOICES)
    return list(session.scalars(statement.order_by(PrintBatch.id.desc()).limit(limit)))
