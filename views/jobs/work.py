"""The worker's chores; each finds in the database what is due, and does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from views.guide_documents import draw_guides
from views.jobs.certificates import issue_certificates
from views.jobs.decisions import tell_left_decisions
from views.jobs.drawing import draw_documents
from views.jobs.expiries import remind_of_expiries
from views.jobs.invoicing import issue_started_runs
from views.jobs.lanes import Lane
from views.jobs.mails import send_due_mails
from views.jobs.office import do_office_jobs, has_waiting_jobs
from views.jobs.privacy import go_on_purging, keep_privacy, make_archives
from views.jobs.queue_tickets import forget_queue_tickets
from views.jobs.reminders import remind_of_deadlines
from views.jobs.simulations import run_waiting_simulations
from views.jobs.waiting import move_waiting_lists


class Hour(StrEnum):
    """When the worker looks by itself whether something is due."""

    EVERY_MINUTE = "every_minute"
    EVENING = "evening"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that the worker does.

    Args:
        has_more: of a chore that stops before its work is done: whether it is to be taken up again.
    """

    do: Callable[[], object]
    lane: Lane
    hour: Hour = Hour.EVERY_MINUTE
    has_more: Callable[[], bool] | None = None


CHORES: Mapping[str, Chore] = {
    "mails": Chore(send_due_mails, Lane.MAILS),
    "waiting": Chore(move_waiting_lists, Lane.MAILS),
    "decisions": Chore(tell_left_decisions, Lane.MAILS),
    "queue_tickets": Chore(forget_queue_tickets, Lane.MAILS, Hour.NIGHT),
    "documents": Chore(draw_documents, Lane.DOCUMENTS),
    "archives": Chore(make_archives, Lane.DOCUMENTS),
    "guides": Chore(draw_guides, Lane.DOCUMENTS),
    "jobs": Chore(do_office_jobs, Lane.LONG, has_more=has_waiting_jobs),
    "invoices": Chore(issue_started_runs, Lane.LONG),
    "simulations": Chore(run_waiting_simulations, Lane.LONG),
    "certificates": Chore(issue_certificates, Lane.LONG),
    "purge": Chore(go_on_purging, Lane.LONG),
    "expiries": Chore(remind_of_expiries, Lane.LONG, Hour.NIGHT),
    "privacy": Chore(keep_privacy, Lane.LONG, Hour.NIGHT),
    "reminders": Chore(remind_of_deadlines, Lane.LONG, Hour.EVENING),
}
