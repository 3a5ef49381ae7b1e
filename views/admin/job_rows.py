"""What the worker does, from every table that keeps such work, as rows of one list."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.actor import Role
from domain.invoicing.printing import drawn_counts
from domain.jobs.queries import ended_jobs, is_interrupted, open_jobs
from models.accounts import User
from models.invoices import InvoiceRun, RunState
from models.jobs import Job, JobKind, JobState
from models.messages import PrintBatch, PrintedKind
from models.privacy import PurgeRun
from models.statements import TaxRun
from models.tariffs import SimulationState, Tariff, TariffSimulation, TariffVersion
from views.extensions import db
from views.formats import of_month
from views.office_jobs.kinds import TYPES
from views.office_jobs.task import CASHIERS, OFFICE

ENDED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Work:
    """One act in the list; ``ended`` is None while it is under way, ``total`` when only its end is known.

    ``poll`` is the address that says how far it is.
    """

    title: str
    href: str
    unit: str
    done: int
    total: int | None
    since: datetime
    asked_by: str
    ended: datetime | None = None
    is_waiting: bool = False
    is_interrupted: bool = False
    failure: str = ""
    said: str = ""
    who: str = ""
    poll: str = ""


def open_rows(roles: frozenset[Role]) -> list[Work]:
    """Return what is under way, the oldest first, as far as these roles may see it."""
    jobs = [_job(one) for one in open_jobs(db.session(), _kinds(roles))]
    others = [work for allowed, read in SOURCES if roles & allowed for work in read(True)]
    return _named(sorted(jobs + others, key=lambda one: one.since))


def ended_rows(roles: frozenset[Role]) -> list[Work]:
    """Return what ended last, the latest first."""
    jobs = [_job(one) for one in ended_jobs(db.session(), _kinds(roles), ENDED_SHOWN)]
    others = [work for allowed, read in SOURCES if roles & allowed for work in read(False)]
    rows = sorted(jobs + others, key=lambda one: one.ended or one.since, reverse=True)
    return _named(rows[:ENDED_SHOWN])


def _kinds(roles: frozenset[Role]) -> list[JobKind]:
    return [kind for kind, job_type in TYPES.items() if roles & job_type.roles]


def _job(job: Job) -> Work:
    job_type = TYPES[job.kind]
    return Work(
        title=job_type.title(job.facts),
        href=url_for("admin_jobs.job", job_id=job.id),
        poll=url_for("admin_jobs.progress", job_id=job.id),
        unit=str(job_type.unit),
        done=job.done_count,
        total=job.total_count if job_type.is_counted else None,
        since=job.started_at or job.created_at,
        asked_by=job.created_by,
        ended=job.finished_at,
        is_waiting=job.state is JobState.WAITING,
        is_interrupted=is_interrupted(job, clock.now()),
        failure=job.failure,
        said=job_type.said(job.facts, job.result) if job.state is JobState.DONE else "",
    )


def _latest(model: Any, is_open: bool, open_now: Any, ended: Any, at: Any) -> Sequence[Any]:
    """Return a table's rows that are under way, or those that ended last."""
    if is_open:
        return db.session.scalars(select(model).where(open_now).order_by(model.id)).all()
    rows = select(model).where(ended).order_by(at.desc(), model.id.desc()).limit(ENDED_SHOWN)
    return db.session.scalars(rows).all()


def _invoice_runs(is_open: bool) -> Iterable[Work]:
    over = InvoiceRun.state.in_((RunState.ISSUED, RunState.FAILED))
    for run in _latest(
        InvoiceRun, is_open, InvoiceRun.state == RunState.ISSUING, over, InvoiceRun.finished_at
    ):
        stopped = _("L’émission attend une décision.") if run.state is RunState.FAILED else ""
        yield Work(
            title=_("Facturation %(month)s", month=of_month(run.month)),
            href=url_for("admin_invoicing.run", run_id=run.id),
            poll=url_for("admin_invoicing.progress", run_id=run.id),
            unit=_("Familles traitées"),
            done=run.done_count,
            total=run.family_count,
            since=run.started_at or run.created_at,
            asked_by=run.created_by,
            ended=None if is_open else run.finished_at or run.updated_at,
            failure=run.failure or stopped,
            said=_("%(count)s factures émises", count=run.invoice_count) if not is_open else "",
        )


def _tax_runs(is_open: bool) -> Iterable[Work]:
    at = TaxRun.finished_at
    for run in _latest(TaxRun, is_open, at.is_(None), at.is_not(None), at):
        yield Work(
            title=_("Attestations fiscales %(year)s", year=run.year),
            href=url_for("admin_statements.index"),
            poll=url_for("admin_statements.progress", tax_run_id=run.id),
            unit=_("Familles examinées"),
            done=run.seen_count,
            total=run.family_count,
            since=run.created_at,
            asked_by=run.created_by,
            ended=run.finished_at,
            said=_("%(count)s nouvelles attestations", count=run.issued_count) if not is_open else "",
        )


def _simulations(is_open: bool) -> Iterable[Work]:
    names = dict(
        db.session.execute(
            select(TariffVersion.id, Tariff.name).join(Tariff, Tariff.id == TariffVersion.tariff_id)
        ).all()
    )
    for one in _latest(
        TariffSimulation,
        is_open,
        TariffSimulation.state == SimulationState.WAITING,
        TariffSimulation.state == SimulationState.DONE,
        TariffSimulation.updated_at,
    ):
        yield Work(
            title=_("Simulation : %(name)s", name=names.get(one.version_id, "")),
            href=url_for("admin_simulations.result", simulation_id=one.id),
            poll=url_for("admin_simulations.progress", simulation_id=one.id),
            unit=_("Mois calculés"),
            done=one.done_count,
            total=one.month_count,
            since=one.created_at,
            asked_by=one.created_by,
            ended=None if is_open else one.updated_at,
        )


def _purges(is_open: bool) -> Iterable[Work]:
    for run in _latest(
        PurgeRun, is_open, PurgeRun.is_open, PurgeRun.finished_at.is_not(None), PurgeRun.finished_at
    ):
        yield Work(
            title=_("Purge des données"),
            href=url_for("admin_retention.index"),
            poll=url_for("admin_retention.progress", purge_id=run.id),
            unit=_("Fiches effacées"),
            done=run.removed_count,
            total=run.total_count,
            since=run.ran_at,
            asked_by=run.created_by,
            ended=run.finished_at,
            said=_("%(count)s fiches effacées", count=run.removed_count) if not is_open else "",
        )


def _print_batches(is_open: bool) -> Iterable[Work]:
    at = PrintBatch.ready_at
    batches = _latest(PrintBatch, is_open, at.is_(None), at.is_not(None), at)
    drawn = drawn_counts(db.session(), [one.id for one in batches]) if is_open else {}
    for batch in batches:
        is_tax = batch.kind is PrintedKind.TAX_CERTIFICATES
        total = batch.invoice_count + batch.reminder_count
        yield Work(
            title=_("Lot d’impression %(number)s", number=batch.id),
            href=url_for("admin_statements.index" if is_tax else "admin_invoicing.index"),
            unit=_("Documents dessinés"),
            done=drawn.get(batch.id, 0) if is_open else total,
            total=total,
            since=batch.created_at,
            asked_by=batch.created_by,
            ended=batch.ready_at,
            said=_("%(count)s documents", count=total) if not is_open else "",
        )


Source = Callable[[bool], Iterable[Work]]
SOURCES: tuple[tuple[frozenset[Role], Source], ...] = (
    (CASHIERS, _invoice_runs),
    (OFFICE, _tax_runs),
    (CASHIERS, _simulations),
    (CASHIERS, _print_batches),
    (frozenset({Role.ADMINISTRATOR}), _purges),
)


def who_asked(labels: Iterable[str]) -> dict[str, str]:
    """Return the names of those who signed; a program is the portal itself. One query."""
    wanted = set(labels)
    ids = {int(label.partition(":")[2]) for label in wanted if label.startswith("user:")}
    names = dict(db.session.execute(select(User.id, User.display_name).where(User.id.in_(ids))).all())
    found = {f"user:{user_id}": name for user_id, name in names.items()}
    return {label: found.get(label, _("le portail")) for label in wanted}


def _named(rows: list[Work]) -> list[Work]:
    names = who_asked(row.asked_by for row in rows)
    return [replace(row, who=names[row.asked_by]) for row in rows]
