"""The tax certificates of a whole year: issued family by family by the worker, then printed for those on paper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from domain import audit
from domain.access import require_role
from domain.actor import Actor
from domain.clock import local_day
from domain.errors import Refusal
from domain.invoicing.printing import LARGEST_BATCH
from domain.statements.operations import OFFICE, issue_tax_certificate, tax_facts
from domain.statements.queries import YEARS_BACK
from domain.statements.tax import paid_years
from models.family import Family
from models.messages import PrintBatch, PrintedKind
from models.payments import Payment
from models.statements import Statement, StatementKind, TaxRun


def start_tax_run(session: Session, *, actor: Actor, now: datetime, year: int) -> TaxRun:
    """Ask the worker for the certificates of every family that paid something; a run that is open is that run.

    Raises:
        Refusal: ``not_allowed``, ``tax_year_not_over``.
    """
    require_role(actor, *OFFICE)
    if year >= local_day(now).year:
        raise Refusal("tax_year_not_over", year=year)
    found = session.scalars(select(TaxRun).where(TaxRun.year == year, TaxRun.finished_at.is_(None))).first()
    if found is not None:
        return found
    count = session.scalar(select(func.count(func.distinct(Payment.family_id)))) or 0
    run = TaxRun(year=year, family_count=count)
    session.add(run)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="start_tax_run",
        subject_kind="tax_run",
        subject_id=run.id,
        after={"year": year, "families": count},
    )
    session.flush()
    return run


def open_tax_run(session: Session) -> TaxRun | None:
    """Return the oldest run that is not finished, locked."""
    statement = select(TaxRun).where(TaxRun.finished_at.is_(None)).order_by(TaxRun.id).limit(1)
    return session.scalars(statement.with_for_update().execution_options(populate_existing=True)).first()


@dataclass(frozen=True, slots=True)
class YearBatch:
    """What a batch of a run did: how many families were looked at, and the certificates that are new."""

    seen: int
    issued: tuple[Statement, ...] = ()


def issue_next_certificates(
    session: Session, *, actor: Actor, now: datetime, run_id: int, limit: int
) -> YearBatch:
    """Issue the certificates of the next families of a run; the caller tells of those that are new.

    Doing a family again changes nothing, so a run that died goes on.
    """
    run = session.get_one(TaxRun, run_id, with_for_update=True, populate_existing=True)
    ids = session.scalars(
        select(Payment.family_id)
        .where(Payment.family_id > run.last_family_id)
        .distinct()
        .order_by(Payment.family_id)
        .limit(limit)
    ).all()
    if not ids:
        run.finished_at, run.seen_count = now, run.family_count
        session.flush()
        return YearBatch(0)
    paid = paid_years(session, ids, [run.year])
    last = session.scalar(select(func.max(Statement.id))) or 0
    issued = []
    for family_id in ids:
        if tax_facts(paid[family_id], run.year)["children"]:
            found = issue_tax_certificate(session, actor=actor, now=now, family_id=family_id, year=run.year)
            run.holder_count += 1
            if found.id > last:
                issued.append(found)
    run.issued_count += len(issued)
    run.last_family_id = ids[-1]
    run.seen_count = min(run.family_count, run.seen_count + len(ids))
    session.flush()
    return YearBatch(len(ids), tuple(issued))


def on_screen(session: Session, family_ids: Collection[int]) -> set[int]:
    """Return which of these families chose to be written to by e-mail instead of paper."""
    chosen = select(Family.id).where(Family.id.in_(family_ids), Family.wants_e_invoice.is_(True))
    return set(session.scalars(chosen))


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year's certificates: how many are in force, how many of them wait for the printer."""

    year: int
    count: int
    unprinted: int
    run: TaxRun | None


def tax_year_rows(session: Session, *, today: date) -> list[YearRow]:
    """Return the certificates of each year that is over and may still be declared, the newest year first."""
    first = session.scalar(select(func.min(Payment.received_at)))
    oldest = max(today.year - YEARS_BACK, local_day(first).year) if first else today.year - 1
    years = range(min(oldest, today.year - 1), today.year)
    counts = dict(_counted(session, _in_force()))
    waiting = dict(_counted(session, _in_force(), *_UNPRINTED))
    runs = {run.year: run for run in session.scalars(select(TaxRun).order_by(TaxRun.id))}
    return [
        YearRow(year, counts.get(date(year, 1, 1), 0), waiting.get(date(year, 1, 1), 0), runs.get(year))
        for year in sorted(years, reverse=True)
    ]


def _in_force() -> Any:
    """Return the condition of a tax certificate that no other one replaces."""
    newer = aliased(Statement)
    replaced = select(newer.id).where(newer.replaces_id == Statement.id).exists()
    return (Statement.kind == StatementKind.TAX) & ~replaced


def _counted(session: Session, *conditions: Any) -> Sequence[Any]:
    return session.execute(
        select(Statement.first_on, func.count())
        .join(Family, Family.id == Statement.family_id)
        .where(*conditions)
        .group_by(Statement.first_on)
    ).all()


_UNPRINTED = (Statement.batch_id.is_(None), Family.wants_e_invoice.is_(False))


def print_certificates(session: Session, *, actor: Actor, now: datetime, year: int) -> PrintBatch | None:
    """Put the certificates of families on paper that wait into a batch; None when none waits. The worker draws it.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, *OFFICE)
    ids = session.scalars(
        select(Statement.id)
        .join(Family, Family.id == Statement.family_id)
        .where(_in_force(), *_UNPRINTED, Statement.first_on == date(year, 1, 1))
        .order_by(Statement.id)
        .limit(LARGEST_BATCH)
    ).all()
    if not ids:
        return None
    batch = PrintBatch(kind=PrintedKind.TAX_CERTIFICATES, month=date(year, 1, 1), invoice_count=len(ids))
    session.add(batch)
    session.flush()
    session.execute(
        update(Statement)
        .where(Statement.id.in_(ids))
        .values(batch_id=batch.id, updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        actor=actor,
        now=now,
        action="make_print_batch",
        subject_kind="print_batch",
        subject_id=batch.id,
        after={"tax_certificates": len(ids), "year": year},
    )
    session.flush()
    return batch


def batch_statements(session: Session, batch_id: int) -> list[int]:
    """Return the statements of a batch, by number."""
    statement = select(Statement.id).where(Statement.batch_id == batch_id).order_by(Statement.number)
    return list(session.scalars(statement))


def tax_batches(session: Session, limit: int = 6) -> list[PrintBatch]:
    """Return the latest batches of certificates, the newest first."""
    statement = select(PrintBatch).where(PrintBatch.kind == PrintedKind.TAX_CERTIFICATES)
    return list(session.scalars(statement.order_by(PrintBatch.id.desc()).limit(limit)))
