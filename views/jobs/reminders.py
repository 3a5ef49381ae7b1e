"""The worker reminds those who asked, the day before a deadline; once a day and adult."""

from domain import clock
from domain.actor import system
from domain.reservations.feed import due_reminders
from models.base import stamp_session
from models.family import Guardian
from views.extensions import db
from views.mailing import absolute, send_mail


def remind_of_deadlines() -> int:
    """Queue the reminders of tomorrow's deadlines; run again the same day, it queues nothing more."""
    session, now = db.session(), clock.now()
    stamp_session(session, system("worker").label, now)
    due = due_reminders(session, now=now)
    for guardian_id, lines in due.items():
        guardian = session.get_one(Guardian, guardian_id)
        send_mail(
            "deadline_reminder",
            guardian.email,
            family_id=guardian.family_id,
            once_key=f"deadline:{guardian_id}:{clock.local_day(now).isoformat()}",
            lines=lines,
            url=absolute("parent.month", child_id=lines[0].child_id, m=lines[0].day.strftime("%Y-%m")),
        )
    session.commit()
    return len(due)
