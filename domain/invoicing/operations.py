"""A month's run: previewed with its control total, then issued batch by batch, each in one transaction.

Interrupted and started again, a run goes on with the families that are not done: what is billed is bound once
by the schema, and a batch is wholly written or not at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.dates import first_of_month
from domain.invoicing.adjustments import waiting_adjustments
from domain.invoicing.billing import MonthReader
from domain.invoicing.concerned import billable_families
from domain.invoicing.held import held_count, hold_families, mark_done, refuse_second
from domain.invoicing.issue import IssuedInvoice, write_invoices
from domain.invoicing.rules import (
    Discount,
    anomalies,
    collect,
    due_date,
    group_lines,
    sibling_discounts,
)
from domain.invoicing.vouchers import open_vouchers, use_vouchers
from domain.invoicing.worked import WorkedMonth
from domain.reservations.catalogue import catalogue
from models.family import Family
from models.invoices import CarriedAmount, Invoice, InvoiceItem, InvoiceRun, InvoiceRunFamily, RunState
from models.tariffs import SiblingDiscount
from models.town import Town

PREVIEW_BATCH = 200
USUAL_MONTHS = 6
Cashiers = (Role.ADMINISTRATOR, Role.REGISSEUR)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch of a run did."""

    family_count: int
    invoices: tuple[IssuedInvoice, ...]


def preview_run(session: Session, *, actor: Actor, now: datetime, month: date) -> InvoiceRun:
    """Work out a month without issuing it: totals, families, what staff should look at first.

    A preview of the same month that was not issued is replaced.

    Raises:
        Refusal: ``not_allowed``; ``run_already_issuing`` while the month is being issued.
    """
    preview = Preview(session, actor=actor, now=now, month=month)
    for _count in preview.steps():
        pass
    return preview.write()


class Preview:
    """A month being worked out, some families at a time; nothing is written before all of them are known.

    Raises:
        Refusal: those of ``preview_run``.
    """

    def __init__(self, session: Session, *, actor: Actor, now: datetime, month: date) -> None:
        require_role(actor, *Cashiers)
        self.session, self.now, self.month = session, now, first_of_month(month)
        refuse_second(session, self.month)
        self.family_ids = families_of_month(session, self.month)
        self.rows: list[dict[str, Any]] = []
        self.totals = {"total": 0, "invoices": 0, "carried": 0, "lines": 0, "anomalies": 0}

    def steps(self) -> Iterator[int]:
        """Work the families out; yield how many are done."""
        usual = _usual_totals(self.session, self.month)
        reader = month_reader(self.session, self.month, self.now)
        for start in range(0, len(self.family_ids), PREVIEW_BATCH):
            some = self.family_ids[start : start + PREVIEW_BATCH]
            for worked in work_out(self.session, reader, some, self.month, self.now):
                self._add(worked, usual.get(worked.source.family_id))
            yield start + len(some)

    def _add(self, worked: WorkedMonth, usual_cents: int | None) -> None:
        found = anomalies(
            total_cents=worked.month_cents,
            day_count=worked.source.day_count,
            uncalled_count=worked.source.uncalled_count,
            has_quotient=worked.source.has_quotient,
            usual_cents=usual_cents,
        )
        if not (worked.is_issued or worked.month_cents or found):
            return
        self.totals["total"] += worked.issued_cents
        self.totals["invoices"] += worked.is_issued
        self.totals["carried"] += worked.is_carried
        self.totals["lines"] += worked.line_count
        self.totals["anomalies"] += bool(found)
        self.rows.append({
            "family_id": worked.source.family_id,
            "total_cents": worked.issued_cents,
            "carried_cents": worked.month_cents if worked.is_carried else 0,
            "is_done": False,
            "anomalies": [anomaly.value for anomaly in found],
            "anomaly_count": len(found),
        })  # fmt: skip

    def write(self) -> InvoiceRun:
        """Write the preview, in place of one of the same month that was not issued."""
        session, totals = self.session, self.totals
        _drop_previews(session, self.month)
        run = InvoiceRun(
            month=self.month,
            state=RunState.PREVIEWED,
            control_total_cents=totals["total"],
            invoice_count=totals["invoices"],
            carried_count=totals["carried"],
            line_count=totals["lines"],
            anomaly_count=totals["anomalies"],
            family_count=len(self.rows),
        )
        session.add(run)
        session.flush()
        if self.rows:
            session.execute(insert(InvoiceRunFamily), [row | {"run_id": run.id} for row in self.rows])
        session.flush()
        return run


def start_run(session: Session, *, actor: Actor, now: datetime, run_id: int) -> InvoiceRun:
    """Give a previewed run to the worker. Asked twice, it is started once.

    Raises:
        Refusal: ``not_allowed``; ``run_already_issuing`` when another run of the month is.
    """
    require_role(actor, *Cashiers)
    run = session.get_one(InvoiceRun, run_id)
    if run.state is not RunState.PREVIEWED:
        return run
    refuse_second(session, run.month)
    delay = session.scalars(select(Town.payment_delay_days)).one()
    run.state = RunState.ISSUING
    run.started_at = now
    run.due_on = due_date(local_day(now), delay)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="start_invoice_run",
        subject_kind="invoice_run",
        subject_id=run.id,
        after={"month": run.month.isoformat(), "control_total_cents": run.control_total_cents},
    )
    session.flush()
    return run


def issue_next_families(
    session: Session, *, actor: Actor, now: datetime, run_id: int, limit: int
) -> Batch | None:
    """Issue the invoices of the next families of a run; None when there is nothing left to do.

    The caller commits each batch. The run's row is locked first, so two workers never take the same families. A
    family whose amount is no longer the preview's is held: nothing is issued to it before staff decide.
    """
    locked = session.execute(
        update(InvoiceRun)
        .where(InvoiceRun.id == run_id, InvoiceRun.state == RunState.ISSUING)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        return None
    run = session.get_one(InvoiceRun, run_id, populate_existing=True)
    rows = session.execute(
        select(InvoiceRunFamily.family_id, InvoiceRunFamily.total_cents)
        .where(
            InvoiceRunFamily.run_id == run_id,
            InvoiceRunFamily.is_done.is_(False),
            InvoiceRunFamily.changed_cents.is_(None),
        )
        .order_by(InvoiceRunFamily.family_id)
        .limit(limit)
    )
    previewed = {row.family_id: row.total_cents for row in rows}
    if not previewed:
        _finish(session, run, actor, now)
        return None
    started = run.started_at or now
    worked = work_out(session, month_reader(session, run.month, started), list(previewed), run.month, started)
    same: list[WorkedMonth] = []
    changed: list[WorkedMonth] = []
    for month in worked:
        (same if month.issued_cents == previewed[month.source.family_id] else changed).append(month)
    hold_families(session, run, changed)
    issued = write_invoices(session, actor=actor, now=now, run=run, months=same)
    mark_done(session, run, [month.source.family_id for month in same])
    run.issued_total_cents += sum(invoice.total_cents for invoice in issued)
    session.flush()
    return Batch(len(same), tuple(issued))


def work_out(
    session: Session, reader: MonthReader, family_ids: Sequence[int], month: date, now: datetime
) -> list[WorkedMonth]:
    """Turn each family's days into lines, reductions, and what is issued or carried."""
    threshold = session.scalars(select(Town.collection_threshold_cents)).one()
    discounts = discounts_of(session, month)
    carried = _carried(session, family_ids)
    adjusted = waiting_adjustments(session, family_ids)
    vouchers = open_vouchers(session, family_ids, month)
    left = dict(session.execute(select(Family.id, Family.left_on).where(Family.id.in_(family_ids))).all())
    worked = []
    for source in reader.read(family_ids):
        lines = group_lines(source.days)
        reductions = sibling_discounts(lines, source.ranks, discounts)
        cents = sum(line.amount_cents for line in lines) + sum(item.amount_cents for item in reductions)
        before = carried.get(source.family_id, [])
        differences = adjusted.get(source.family_id, [])
        gone_on = left.get(source.family_id)
        decided = collect(
            cents,
            sum(one.amount_cents for one in before) + sum(one.amount_cents for one in differences),
            threshold,
            is_leaving=gone_on is not None and gone_on <= local_day(now),
        )
        uses = use_vouchers(vouchers.get(source.family_id, ()), decided.issued_cents)
        issued = decided.issued_cents + sum(use.amount_cents for use in uses)
        worked.append(WorkedMonth(source, lines, reductions, before, differences, cents, issued, uses))
    return worked


def month_reader(session: Session, month: date, now: datetime) -> MonthReader:
    """Return the reader of a month with the settings in force."""
    return MonthReader(session, month=month, today=local_day(now), settings=catalogue(session))


def discounts_of(session: Session, month: date) -> list[Discount]:
    """Return the sibling discounts in force on the first day of a month: they hold for all of it."""
    rows = session.execute(
        select(
            SiblingDiscount.from_rank,
            SiblingDiscount.percent_bp,
            SiblingDiscount.tariff_id,
            SiblingDiscount.amount_cents,
        ).where(
            SiblingDiscount.valid_from <= month,
            SiblingDiscount.valid_to.is_(None) | (SiblingDiscount.valid_to > month),
        )
    )
    return [Discount(row.from_rank, row.percent_bp, row.tariff_id, row.amount_cents) for row in rows]


def _carried(session: Session, family_ids: Sequence[int]) -> dict[int, list[CarriedAmount]]:
    """Return the amounts that were carried and not invoiced since."""
    invoiced = select(InvoiceItem.carried_id).where(
        InvoiceItem.carried_id.is_not(None), InvoiceItem.released_by_id.is_(None)
    )
    found: dict[int, list[CarriedAmount]] = defaultdict(list)
    rows = session.scalars(
        select(CarriedAmount)
        .where(CarriedAmount.family_id.in_(family_ids), CarriedAmount.id.not_in(invoiced))
        .order_by(CarriedAmount.month)
    )
    for row in rows:
        found[row.family_id].append(row)
    return found


def families_of_month(session: Session, month: date) -> list[int]:
    """Return the families with something in the month, and those that left with something carried."""
    gone = session.scalars(
        select(CarriedAmount.family_id)
        .join(Family, Family.id == CarriedAmount.family_id)
        .where(Family.left_on.is_not(None))
        .distinct()
    )
    return sorted(set(billable_families(session, month)) | set(gone))


def _usual_totals(session: Session, month: date) -> dict[int, int]:
    """Return the mean of each family's invoices of the months before."""
    since = first_of_month(month - timedelta(days=31 * USUAL_MONTHS))
    rows = session.execute(
        select(Invoice.family_id, func.sum(Invoice.total_cents), func.count())
        .where(Invoice.month >= since, Invoice.month < month)
        .group_by(Invoice.family_id)
    )
    return {family_id: int(total) // count for family_id, total, count in rows}


def _drop_previews(session: Session, month: date) -> None:
    refuse_second(session, month)
    stale = select(InvoiceRun).where(InvoiceRun.month == month, InvoiceRun.state == RunState.PREVIEWED)
    for run in session.scalars(stale):
        session.delete(run)
    session.flush()


def _finish(session: Session, run: InvoiceRun, actor: Actor, now: datetime) -> None:
    """Close a run; while families are held, or its total is not the preview's, it is stopped for staff to decide."""
    held = held_count(session, run.id)
    difference = run.issued_total_cents - run.control_total_cents
    is_stopped = held > 0 or difference != 0
    run.state = RunState.FAILED if is_stopped else RunState.ISSUED
    run.finished_at = now
    run.invoice_count = session.scalar(select(func.count()).where(Invoice.run_id == run.id)) or 0
    run.failure = ""
    audit.record(
        session,
        actor=actor,
        now=now,
        action="stop_invoice_run" if is_stopped else "finish_invoice_run",
        subject_kind="invoice_run",
        subject_id=run.id,
        after={
            "issued_total_cents": run.issued_total_cents,
            "difference_cents": difference,
            "held_families": held,
        },
    )
    session.flush()
