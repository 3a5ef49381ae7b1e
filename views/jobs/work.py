"""The worker's chores; each finds in the database what is due, and does it."""

from collections.abc import Callable

from views.guide_documents import draw_guides
from views.jobs.certificates import issue_certificates
from views.jobs.decisions import tell_left_decisions
from views.jobs.drawing import draw_documents
from views.jobs.expiries import remind_of_expiries
from views.jobs.invoicing import issue_started_runs
from views.jobs.mails import send_due_mails
from views.jobs.office import do_office_jobs, has_waiting_jobs
from views.jobs.privacy import go_on_purging, keep_privacy, make_archives
from views.jobs.queue_tickets import forget_queue_tickets
from views.jobs.reminders import remind_of_deadlines
from views.jobs.simulations import run_waiting_simulations
from views.jobs.waiting import move_waiting_lists

WORK: dict[str, Callable[[], object]] = {
    "mails": send_due_mails,
    "invoices": issue_started_runs,
    "jobs": do_office_jobs,
    "simulations": run_waiting_simulations,
    "documents": draw_documents,
    "certificates": issue_certificates,
    "waiting": move_waiting_lists,
    "decisions": tell_left_decisions,
    "expiries": remind_of_expiries,
    "reminders": remind_of_deadlines,
    "queue_tickets": forget_queue_tickets,
    "archives": make_archives,
    "purge": go_on_purging,
    "privacy": keep_privacy,
    "guides": draw_guides,
}
# Chores that stop before their work is done, and whether they have more.
LEFT_OVER: dict[str, Callable[[], bool]] = {"jobs": has_waiting_jobs}
NIGHTLY: frozenset[str] = frozenset({"expiries", "queue_tickets", "privacy"})
EVERY_EVENING: frozenset[str] = frozenset({"reminders"})
