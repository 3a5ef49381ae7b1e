"""Families whose month changed between the preview and the issue: held, shown to staff, and decided by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.invoicing.worked import WorkedMonth
from models.family import Family
from models.invoices import InvoiceRun, InvoiceRunFamily, RunState


@dataclass(frozen=True, slots=True)
class HeldFamily:
    """A family whose amount is no longer what the preview said, both in cents."""

    family_id: int
    name: str
    code: str | None
    previewed_cents: int
    changed_cents: int

    @property
    def difference_cents(self) -> int:
        """What changed; positive when the family owes more."""
        return self.changed_cents - self.previewed_cents


def held_count(session: Session, run_id: int) -> int:
    """Return how many families of a run wait for a decision."""
    return session.scalar(select(func.count()).select_from(InvoiceRunFamily).where(*_held(run_id))) or 0


def held_families(session: Session, run_id: int) -> list[HeldFamily]:
    """Return the families of a run that wait for a decision, by name."""
    rows = session.execute(
        select(
            Family.id,
            Family.name,
            Family.code,
            InvoiceRunFamily.total_cents,
            InvoiceRunFamily.changed_cents,
        )
        .join(InvoiceRunFamily, InvoiceRunFamily.family_id == Family.id)
        .where(*_held(run_id))
        .order_by(Family.name, Family.id)
    )
    return [HeldFamily(row.id, row.name, row.code, row.total_cents, row.changed_cents or 0) for row in rows]


def hold_families(session: Session, run: InvoiceRun, months: Sequence[WorkedMonth]) -> None:
    """Write down what the months of these families come to now; nothing is issued to them meanwhile."""
    for month in months:
        session.execute(
            update(InvoiceRunFamily)
            .where(InvoiceRunFamily.run_id == run.id, InvoiceRunFamily.family_id == month.source.family_id)
            .values(changed_cents=month.issued_cents)
            .execution_options(synchronize_session=False)
        )


def mark_done(session: Session, run: InvoiceRun, family_ids: Sequence[int]) -> None:
    """Write down that these families of a run are done."""
    session.execute(
        update(InvoiceRunFamily)
        .where(InvoiceRunFamily.run_id == run.id, InvoiceRunFamily.family_id.in_(family_ids))
        .values(is_done=True)
        .execution_options(synchronize_session=False)
    )
    run.done_count += len(family_ids)


def resume_run(
    session: Session, *, actor: Actor, now: datetime, run_id: int, accept_changes: bool = True
) -> InvoiceRun:
    """Give a stopped run back to the worker, which goes on where it stood; asked twice, it resumes once.

    Args:
        accept_changes: issue held families at their new amounts; otherwise they leave the run, and the next
            preview of the month has them.

    Raises:
        Refusal: ``not_allowed``; ``run_already_issuing`` when another run of the month is.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    # Locked by an UPDATE: SQLite reads SELECT … FOR UPDATE without a lock.
    session.execute(
        update(InvoiceRun)
        .where(InvoiceRun.id == run_id)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    run = session.get_one(InvoiceRun, run_id, populate_existing=True)
    if run.state is not RunState.FAILED:
        return run
    refuse_second(session, run.month)
    before = {"control_total_cents": run.control_total_cents, "families": run.family_count}
    if accept_changes:
        _accept(session, run)
    else:
        _set_aside(session, run)
    run.state, run.failure = RunState.ISSUING, ""
    audit.record(
        session,
        actor=actor,
        now=now,
        action="resume_invoice_run",
        subject_kind="invoice_run",
        subject_id=run.id,
        before=before,
        after={"control_total_cents": run.control_total_cents, "families": run.family_count},
    )
    session.flush()
    return run


def refuse_second(session: Session, month: date) -> None:
    """Check that no run of the month is being issued.

    Raises:
        Refusal: ``run_already_issuing``.
    """
    busy = select(InvoiceRun.id).where(InvoiceRun.month == month, InvoiceRun.state == RunState.ISSUING)
    if session.scalar(busy) is not None:
        raise Refusal("run_already_issuing", month=month)


def _held(run_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        InvoiceRunFamily.run_id == run_id,
        InvoiceRunFamily.is_done.is_(False),
        InvoiceRunFamily.changed_cents.is_not(None),
    )


def _sums(session: Session, run: InvoiceRun) -> tuple[int, int, int]:
    """Return how many families are held, their previewed sum and their present one."""
    row = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(InvoiceRunFamily.total_cents), 0),
            func.coalesce(func.sum(InvoiceRunFamily.changed_cents), 0),
        ).where(*_held(run.id))
    ).one()
    return int(row[0]), int(row[1] or 0), int(row[2] or 0)


def _accept(session: Session, run: InvoiceRun) -> None:
    _count, previewed, changed = _sums(session, run)
    run.control_total_cents += changed - previewed
    session.execute(
        update(InvoiceRunFamily)
        .where(*_held(run.id))
        .values(total_cents=InvoiceRunFamily.changed_cents, changed_cents=None)
        .execution_options(synchronize_session=False)
    )


def _set_aside(session: Session, run: InvoiceRun) -> None:
    count, previewed, _changed = _sums(session, run)
    run.control_total_cents -= previewed
    run.family_count -= count
    session.execute(
        delete(InvoiceRunFamily).where(*_held(run.id)).execution_options(synchronize_session=False)
    )
