"""What was printed or sent for the accounts: reminders, files for the Trésor, print batches, certificates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.privacy.files import doom_files
from domain.privacy.rules import GONE
from models.messages import DrawingTry, DrawnKind, PrintBatch
from models.recovery import HandoverBatch, RecoveryPause, Reminder
from models.statements import Statement


def strip_reminders(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Take the family, the words and the PDF out of reminders; their number, level and sum stay."""
    session.execute(
        delete(DrawingTry).where(DrawingTry.kind == DrawnKind.REMINDER, DrawingTry.subject_id.in_(ids))
    )
    values = {"payer_name": GONE, "payer_address": "", "family_code": "", "body": ""}
    _without_files(session, Reminder, ids, now, (Reminder.file_id,), values)


def strip_handovers(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Remove the files that went to the Trésor; what was handed over stays, without a name."""
    _without_files(session, HandoverBatch, ids, now, (HandoverBatch.csv_file_id, HandoverBatch.xlsx_file_id))


def strip_batches(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Remove the PDFs that were made for the printer."""
    _without_files(session, PrintBatch, ids, now, (PrintBatch.file_id,))


def drop_statements(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Delete certificates and statements with their PDFs; the latest of a chain goes before the one it replaces."""
    files = session.scalars(select(Statement.file_id).where(Statement.id.in_(ids))).all()
    session.execute(
        update(Statement)
        .where(Statement.replaces_id.in_(ids))
        .values(replaces_id=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Statement).where(Statement.id.in_(ids)).execution_options(synchronize_session=False)
    )
    doom_files(session, files, now)


def erase_letters(session: Session, family_ids: Sequence[int], now: datetime) -> None:
    """Take out of a family's file what was written to it about money."""
    drop_statements(
        session, session.scalars(select(Statement.id).where(Statement.family_id.in_(family_ids))).all(), now
    )
    strip_reminders(
        session, session.scalars(select(Reminder.id).where(Reminder.family_id.in_(family_ids))).all(), now
    )
    session.execute(
        delete(RecoveryPause)
        .where(RecoveryPause.family_id.in_(family_ids))
        .execution_options(synchronize_session=False)
    )


def _without_files(
    session: Session,
    model: Any,
    ids: Sequence[int],
    now: datetime,
    columns: Sequence[InstrumentedAttribute[Any]],
    values: dict[str, Any] | None = None,
) -> None:
    """Write ``values`` in rows and take their files away."""
    files = [
        file_id for column in columns for file_id in session.scalars(select(column).where(model.id.in_(ids)))
    ]
    nothing = {column.key: None for column in columns}
    session.execute(
        update(model)
        .where(model.id.in_(ids))
        .values(**(values or {}), **nothing)
        .execution_options(synchronize_session=False)
    )
    doom_files(session, files, now)
