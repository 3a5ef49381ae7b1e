"""The worker, each night: documents that are over, and the documents and quotients that families must renew."""

from domain import clock
from domain.actor import system
from domain.documents.reminders import ending_documents, expire_documents, note_reminded, reminders_of
from domain.family.quotients import quotients_to_remind_of
from models.base import stamp_session
from views.extensions import db
from views.mailing import absolute, send_mail, tell_family


def remind_of_expiries() -> int:
    """Mark what is over, and tell each family what ends; return how many were told of documents.

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
    _remind_of_quotients()
    return len(due)


def _remind_of_quotients() -> None:
    """Tell the families whose quotient ends, once 30 and once 7 days before."""
    session, now = db.session(), clock.now()
    for one in quotients_to_remind_of(session, now=now):
        tell_family(
            "quotient_ending",
            one.family_id,
            once_key=f"quotient-ending:{one.id}:{clock.local_day(now).isoformat()}",
            value_cents=one.value_cents,
            last_day=one.last_day,
            url=absolute("parent.family", _anchor="quotient"),
        )
        session.commit()
