"""The mails that a parent's acts send, queued in the act's own transaction."""

from datetime import datetime

from flask_babel import gettext as _

from domain.clock import local_day
from domain.reservations.operations import DayAnswer, Outcome
from models.family import Child
from views.extensions import db
from views.formats import day_of_month
from views.mailing import absolute, tell_family


def tell_reservations(outcome: Outcome, *, child_id: int, family_id: int, now: datetime) -> None:
    """Tell the family's adults what was booked and cancelled; ``now`` is when it was saved."""
    child = db.session.get_one(Child, child_id)
    changed = [*outcome.booked, *outcome.cancelled, *outcome.waiting, *outcome.left]
    first = min((answer.day for answer in changed), default=local_day(now))
    tell_family(
        "reservations_saved",
        family_id,
        about=[child_id],
        child_name=child.given_name or child.family_name,
        booked=lambda: [_words(answer) for answer in outcome.booked],
        cancelled=lambda: [_words(answer) for answer in outcome.cancelled],
        waiting=lambda: [_words(answer) for answer in outcome.waiting],
        left=lambda: [_words(answer) for answer in outcome.left],
        saved_at=now,
        url=absolute("parent.month", child_id=child_id, m=first.strftime("%Y-%m")),
    )


def _words(answer: DayAnswer) -> str:
    words = f"{answer.activity_name}, {day_of_month(answer.day)}"
    return _("%(words)s (hors délai, facturée comme une absence)", words=words) if answer.is_late else words
