"""For the town of the rights matrix: a family's old debt, reminded to the end and handed over to the Trésor."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.recovery.handovers import hand_over
from domain.recovery.reminders import send_reminders
from models.documents import StoredFile
from models.invoices import Invoice
from models.recovery import Handover
from models.town import Town
from tests.recovery.support import old_debt
from tests.support.households import ACTOR

KeepFile = Callable[[Session, bytes, str], StoredFile]


def reminded_and_handed_over(
    session: Session, like: Invoice, now: datetime, keep: KeepFile
) -> dict[str, int]:
    """Return the numbers of the reminder, its run, the hand-over and its batch; ``keep`` stores their files."""
    old = old_debt(like)
    session.add(old)
    session.flush()
    for days in (30, 16, 2):
        then = now - timedelta(days=days)
        letter = send_reminders(session, actor=ACTOR, now=then, family_ids=[like.family_id])[0]
        letter.file_id = keep(session, b"%PDF-1.4", "application/pdf").id
    session.get_one(Town, 1).handover_after_days = 2
    session.flush()
    batch = hand_over(session, actor=ACTOR, now=now, invoice_ids=[old.id])
    batch.csv_file_id = keep(session, b"a;b", "text/csv").id
    handover_id = session.scalars(select(Handover.id)).one()
    return {
        "reminder": letter.id,
        "reminder_run": letter.run_id,
        "handover": handover_id,
        "handover_batch": batch.id,
    }
