"""The worker, each night: documents that are over, and those that families must renew."""

from domain import clock
from domain.actor import system
from domain.documents.reminders import ending_documents, expire_documents, note_reminded, reminders_of
from models.base import stamp_session
from views.extensions import db
from views.mailing import absolute, send_mail


def remind_of_expiries() -> int:
    """Mark what is over, and tell each family what ends; return how many families were told.

    A family whose night was interrupted is told the next one; nobody is told twice of the same term.
    """
    session, now = db.session(), clock.now()
    stamp_session(session, system("worker").label, now)
    expire_documents(session, now=now)
    session.commit()
    due = ending_documents(session, now=now)
    for family_id, endings in due.items():
        for reminder in reminders_of(session, family_id, endings, clock.local_day(now)):
            send_mail(
                "document_expiring",
                reminder.guardian.email,
                family_id=family_id,
                once_key=f"expiry:{reminder.guardian.id}:{clock.local_day(now).isoformat()}",
                endings=reminder.endings,
                url=absolute("parent.documents"),
            )
        note_reminded(session, endings, now)
        session.commit()
    return len(due)
