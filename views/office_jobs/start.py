"""Starting a long act: in the request when it is small, else by the worker, with a page that follows it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from domain.jobs.operations import ask_job
from models.jobs import Job, JobKind
from views.access import current_actor
from views.extensions import db
from views.jobs import wake
from views.office_jobs.kinds import TYPES
from views.office_jobs.task import Facts, Task

CHORE = "jobs"


def begin(kind: JobKind, *, subject: str, facts: Facts, total: int) -> Task | Job:
    """Do an act of ``total`` things now when it is small, or hand it to the worker; the caller commits.

    Raises:
        Refusal: those of the act, when it is done now; ``not_allowed``.
    """
    actor, job_type = current_actor(), TYPES[kind]
    if total > job_type.at_once:
        return ask_job(db.session(), actor=actor, kind=kind, subject=subject, facts=facts, total=total)
    task = Task(actor=actor, subject=subject, facts=facts, total=total)
    for _step in job_type.steps(task):
        db.session.flush()
    return task


def follow(kind: JobKind, begun: Task | Job) -> ResponseReturnValue:
    """Wake the worker and show how far it is; what was done at once shows its result, and says it. Commits."""
    if isinstance(begun, Job):
        job_id = begun.id
        db.session.commit()
        wake(CHORE)
        return redirect(url_for("admin_jobs.job", job_id=job_id))
    job_type = TYPES[kind]
    said = job_type.said(begun.facts, begun.result)
    href = job_type.href(begun.subject, begun.facts, begun.result)
    db.session.commit()
    wake("mails")
    wake("documents")
    if said:
        flash(said, "success")
    return redirect(href)
