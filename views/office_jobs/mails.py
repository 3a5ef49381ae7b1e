"""E-mails to many families, written into the outbox some families at a time, once each."""

from collections.abc import Iterator, Sequence
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from domain import clock
from domain.recovery.reminders import send_reminders
from models.direct_debits import DebitBatch
from models.recovery import Reminder
from views.debit_documents import tell_announced
from views.extensions import db
from views.formats import short_day
from views.mailing import absolute, tell_family
from views.office_jobs.task import CASHIERS, DESK, Facts, JobType, Task
from views.reminder_documents import tell_reminded
from views.words import plural

# A mail is written in each reader's language, as text and as a page: some forty a second.
FAMILIES_AT_ONCE, STEP = 25, 20


def _tell_event(task: Task) -> Iterator[None]:
    families = task.facts["families"]
    while task.place < len(families):
        for family_id, children, lines in families[task.place : task.place + STEP]:
            tell_family(
                "event_announced",
                family_id,
                about=set(children),
                once_key=f"event:{task.subject}:{family_id}",
                day=date.fromisoformat(task.facts["day"]),
                why=task.facts["reason"],
                lines=lines,
                url=absolute("parent.home"),
            )
        _told(task, families)
        if task.place < len(families):
            yield


def _told(task: Task, families: Sequence[object]) -> None:
    """Move on by one step."""
    task.place = min(len(families), task.place + STEP)
    task.done = task.place


def _tell_debits(task: Task) -> Iterator[None]:
    families = task.facts["families"]
    while task.place < len(families):
        batch = db.session.get_one(DebitBatch, task.facts["batch_id"])
        told = tell_announced(batch, families[task.place : task.place + STEP])
        task.result["mails"] = task.result.get("mails", 0) + told
        _told(task, families)
        if task.place < len(families):
            yield


def _remind(task: Task) -> Iterator[None]:
    """Write the letters, all of them in one transaction; then the e-mails that announce them."""
    session = db.session()
    if "run_id" not in task.result:
        made = send_reminders(session, actor=task.actor, now=clock.now(), family_ids=task.facts["families"])
        task.result |= {"run_id": made[0].run_id, "families": len(made), "mails": 0}
        yield
    of_run = select(Reminder).where(Reminder.run_id == task.result["run_id"]).order_by(Reminder.id)
    while reminders := session.scalars(of_run.offset(task.place).limit(STEP)).all():
        task.result["mails"] += tell_reminded(reminders)
        task.place += len(reminders)
        task.done = min(task.total, task.place)
        yield


def _children_told(facts: Facts, _result: Facts) -> str:
    words = plural(
        "%(num)d enfant est concerné ; sa famille est prévenue.",
        "%(num)d enfants sont concernés ; leurs familles sont prévenues.",
        facts["children"],
    )
    return words % {"num": facts["children"]}


def _reminded(_facts: Facts, result: Facts) -> str:
    families = plural("%(num)d famille est relancée", "%(num)d familles sont relancées", result["families"])
    mails = plural("%(num)d e-mail part", "%(num)d e-mails partent", result["mails"])
    return f"{families % {'num': result['families']}}, {mails % {'num': result['mails']}}."


EVENT_MAILS = JobType(
    steps=_tell_event,
    takes_turns=True,
    roles=DESK,
    title=lambda facts: _(
        "E-mails : %(reason)s, le %(day)s",
        reason=facts["reason"],
        day=short_day(date.fromisoformat(facts["day"])),
    ),
    unit=_l("Familles prévenues"),
    at_once=FAMILIES_AT_ONCE,
    said=_children_told,
    href=lambda _subject, facts, _result: url_for("admin_events.index", jour=facts["day"]),
)
DEBIT_MAILS = JobType(
    steps=_tell_debits,
    takes_turns=True,
    roles=CASHIERS,
    title=lambda facts: _("E-mails de la remise %(number)s", number=facts["number"]),
    unit=_l("Familles prévenues"),
    at_once=FAMILIES_AT_ONCE,
    said=lambda _facts, result: _(
        "La remise est prête ; %(count)s e-mails préviennent les familles.", count=result.get("mails", 0)
    ),
    href=lambda _subject, facts, _result: url_for("admin_debits.batch", batch_id=facts["batch_id"]),
)
REMINDERS = JobType(
    steps=_remind,
    takes_turns=True,
    roles=CASHIERS,
    title=lambda facts: _("Relances de %(count)s familles", count=len(facts["families"])),
    unit=_l("Familles relancées"),
    at_once=FAMILIES_AT_ONCE,
    said=_reminded,
    href=lambda _subject, _facts, result: url_for("admin_reminders.run", run_id=result["run_id"]),
)
