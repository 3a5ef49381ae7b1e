"""A month that was issued, counted again from the facts as they were known that day: it must come to the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.dates import first_of_month
from domain.invoicing.billing import FamilyMonth, MonthReader
from domain.invoicing.operations import discounts_of
from domain.invoicing.rules import BillableDay, Discount, group_lines, sibling_discounts
from domain.reservations.catalogue import Catalogue, catalogue
from models.invoices import (
    CarriedAmount,
    CarriedItem,
    Invoice,
    InvoiceItem,
    InvoiceLine,
    InvoiceRun,
    LineKind,
)

BATCH = 200
# What a line bills: a reservation, an attendance or a late pick-up, and which home's part of it.
Subject = tuple[int | None, int | None, int | None, int]


@dataclass(frozen=True, slots=True)
class Recounted:
    """A line that comes to something else today, in cents; none of its days when it is not made of days.

    Attributes:
        document: the number of the invoice; empty for a sum that was carried.
        gone: days that are not billed any more: cancelled since, excused, or called otherwise.
        repriced: days that cost something else.
    """

    document: str
    family_id: int
    child_name: str
    label: str
    issued_cents: int
    recounted_cents: int
    gone: tuple[date, ...] = ()
    repriced: tuple[date, ...] = ()


@dataclass
class Recount:
    """What a month came to when it was issued, and what it comes to when it is counted again."""

    month: date
    document_count: int = 0
    issued_cents: int = 0
    recounted_cents: int = 0
    differences: list[Recounted] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether every line is what it was."""
        return not self.differences and self.issued_cents == self.recounted_cents


@dataclass(frozen=True, slots=True)
class _Document:
    """An invoice, or a sum carried, with its lines as they were written."""

    number: str
    family_id: int
    total_cents: int
    lines: Sequence[Mapping[str, Any]]


def recount_month(session: Session, month: date) -> Recount:
    """Count every invoice and carried sum of a month's runs again, and compare line by line; nothing is written.

    Quotients, addresses, calendars of two homes, meals of a PAI, certificates and events count as they were known
    when the invoice was issued, and each price list as it was voted for the day. What was changed on the facts
    themselves since, a roll-call corrected or a reservation cancelled, is shown as a difference: staff decide
    whether the family is owed a credit note.
    """
    result = Recount(first_of_month(month))
    for _count in recount_steps(session, result):
        pass
    return result


def recount_steps(session: Session, result: Recount) -> Iterator[int]:
    """Count a month again, a batch of documents at a time; yield how many are done. See ``recount_month``."""
    month = result.month
    settings, discounts = catalogue(session), discounts_of(session, month)
    runs = session.scalars(select(InvoiceRun.id).where(InvoiceRun.month == month).order_by(InvoiceRun.id))
    for run_id in runs.all():
        for instant, documents in _batches(session, run_id):
            _recount(session, result, settings, discounts, instant, documents)
            yield result.document_count


def document_count(session: Session, month: date) -> int:
    """Return how many invoices and carried sums a month's runs made."""
    runs = select(InvoiceRun.id).where(InvoiceRun.month == first_of_month(month))
    invoices = select(func.count()).select_from(Invoice).where(Invoice.run_id.in_(runs))
    sums = select(func.count()).select_from(CarriedAmount).where(CarriedAmount.run_id.in_(runs))
    return (session.scalar(invoices) or 0) + (session.scalar(sums) or 0)


def _batches(session: Session, run_id: int) -> Iterator[tuple[datetime, list[_Document]]]:
    """Yield what a run wrote, by the instant it was written, a batch at a time."""
    invoices = session.execute(
        select(Invoice.id, Invoice.issued_at).where(Invoice.run_id == run_id).order_by(Invoice.id)
    )
    sums = session.execute(
        select(CarriedAmount.id, CarriedAmount.created_at).where(CarriedAmount.run_id == run_id)
    )
    for rows, read in ((invoices.all(), _invoices), (sums.all(), _sums)):
        by_instant: dict[datetime, list[int]] = defaultdict(list)
        for row_id, instant in rows:
            by_instant[instant].append(row_id)
        for instant, ids in by_instant.items():
            for start in range(0, len(ids), BATCH):
                yield instant, read(session, ids[start : start + BATCH])


def _invoices(session: Session, ids: Sequence[int]) -> list[_Document]:
    lines: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    subjects: dict[int, list[Subject]] = defaultdict(list)
    carried: dict[int, int] = {}
    items = (
        select(
            InvoiceItem.line_id,
            InvoiceItem.reservation_id,
            InvoiceItem.attendance_id,
            InvoiceItem.late_id,
            InvoiceItem.home,
            CarriedAmount.amount_cents,
        )
        .join(InvoiceLine, InvoiceLine.id == InvoiceItem.line_id)
        .outerjoin(CarriedAmount, CarriedAmount.id == InvoiceItem.carried_id)
        .where(InvoiceLine.invoice_id.in_(ids))
        .order_by(InvoiceItem.id)
    )
    for line_id, reservation_id, attendance_id, late_id, home, cents in session.execute(items):
        if cents is None:
            subjects[line_id].append((reservation_id, attendance_id, late_id, home))
        else:
            carried[line_id] = cents
    rows = session.scalars(
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_(ids))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    for row in rows:
        lines[row.invoice_id].append({
            "kind": row.kind, "child_id": row.child_id, "child_name": row.child_name, "label": row.label,
            "amount_cents": row.amount_cents, "explanation": row.explanation, "subjects": subjects.get(row.id, ()),
            "carried_cents": carried.get(row.id, 0),
        })  # fmt: skip
    heads = select(Invoice.id, Invoice.number, Invoice.family_id, Invoice.total_cents).where(
        Invoice.id.in_(ids)
    )
    return [
        _Document(number, family_id, total, lines[invoice_id])
        for invoice_id, number, family_id, total in session.execute(heads)
    ]


def _sums(session: Session, ids: Sequence[int]) -> list[_Document]:
    """Return sums carried; their lines are compared as a whole, for they are kept without their days' numbers."""
    subjects: dict[int, list[Subject]] = defaultdict(list)
    items = select(
        CarriedItem.carried_id,
        CarriedItem.reservation_id,
        CarriedItem.attendance_id,
        CarriedItem.late_id,
        CarriedItem.home,
    ).where(CarriedItem.carried_id.in_(ids))
    for carried_id, reservation_id, attendance_id, late_id, home in session.execute(items):
        subjects[carried_id].append((reservation_id, attendance_id, late_id, home))
    rows = session.scalars(select(CarriedAmount).where(CarriedAmount.id.in_(ids)))
    return [
        _Document("", row.family_id, row.amount_cents, [{"kind": None, "subjects": subjects[row.id]}])
        for row in rows
    ]


def _recount(
    session: Session,
    result: Recount,
    settings: Catalogue,
    discounts: Sequence[Discount],
    instant: datetime,
    documents: Sequence[_Document],
) -> None:
    reader = MonthReader(
        session,
        month=result.month,
        today=local_day(instant),
        settings=settings,
        include_billed=True,
        known_at=instant,
    )
    months = {month.family_id: month for month in reader.read([one.family_id for one in documents])}
    for document in documents:
        found = _Counting(document, months[document.family_id], discounts)
        result.document_count += 1
        result.issued_cents += document.total_cents
        result.recounted_cents += found.total_cents
        result.differences += found.differences


class _Counting:
    """One document, counted again."""

    def __init__(self, document: _Document, month: FamilyMonth, discounts: Sequence[Discount]) -> None:
        self._document = document
        self._again = {day.subject: day for day in month.days}
        self._reductions = self._reduced(month, discounts)
        self.total_cents = 0
        self.differences: list[Recounted] = []
        for line in document.lines:
            cents = self._line(line)
            self.total_cents += cents
            issued = line.get("amount_cents", document.total_cents)
            if cents != issued:
                self.differences.append(self._difference(line, issued, cents))
        for (child_id, _tariff), cents in self._reductions.items():
            self.total_cents += cents
            name = month.children[child_id].full_name
            self.differences.append(Recounted(document.number, document.family_id, name, "", 0, cents))

    def _days(self, subjects: Sequence[Subject]) -> list[BillableDay]:
        return [self._again[subject] for subject in subjects if subject in self._again]

    def _reduced(
        self, month: FamilyMonth, discounts: Sequence[Discount]
    ) -> dict[tuple[int, int | None], int]:
        """Return each child's reductions on what the document bills, by child and tariff."""
        billed = [subject for line in self._document.lines for subject in line["subjects"]]
        days = self._days(billed)
        free = [day for day in month.days if day.price.unit_cents == 0]
        seen = {day.child_id for day in (*days, *free)}
        ranks = FamilyMonth(
            month.family_id, children={key: one for key, one in month.children.items() if key in seen}
        ).ranks
        return {
            (one.child_id, one.tariff_id): one.amount_cents
            for one in sibling_discounts(group_lines(days), ranks, discounts)
        }

    def _line(self, line: Mapping[str, Any]) -> int:
        """Return what a line comes to now."""
        days = sum(day.price.unit_cents for day in self._days(line["subjects"]))
        match line["kind"]:
            case LineKind.SERVICE:
                return days
            case LineKind.DISCOUNT:
                facts = line["explanation"]["discount"]
                return self._reductions.pop((line["child_id"], facts["tariff_id"]), 0)
            case LineKind.CARRIED:
                return int(line["carried_cents"])
            case LineKind.ADJUSTMENT:
                return sum(one["amount_cents"] for one in line["explanation"]["adjustment"]["lines"])
            case _:
                taken_off, self._reductions = sum(self._reductions.values()), {}
                return days + taken_off

    def _difference(self, line: Mapping[str, Any], issued: int, cents: int) -> Recounted:
        kept = line.get("explanation", {})
        unit = kept.get("price") and issued // max(1, len(line["subjects"]))
        days = {day.day for day in self._days(line["subjects"])}
        billed = [date.fromisoformat(day) for day in kept.get("days", ())]
        return Recounted(
            document=self._document.number,
            family_id=self._document.family_id,
            child_name=line.get("child_name", ""),
            label=line.get("label", ""),
            issued_cents=issued,
            recounted_cents=cents,
            gone=tuple(day for day in billed if day not in days),
            repriced=tuple(
                day.day
                for day in self._days(line["subjects"])
                if line["kind"] is LineKind.SERVICE and day.price.unit_cents != unit
            ),
        )
