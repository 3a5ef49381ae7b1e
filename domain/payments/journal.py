"""The month's journal: every movement of the ledger, with its document, and the balances around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from domain.dates import add_months, at
from models.family import Family
from models.invoices import Invoice
from models.payments import LedgerEntry, LedgerKind, Payment, PaymentMeans, Refund

SLICE = 1000


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A movement: ``debit_cents`` when the family owes more, ``credit_cents`` when it owes less."""

    at: datetime
    kind: LedgerKind
    number: str
    family_code: str | None
    family_name: str
    means: PaymentMeans | None
    debit_cents: int
    credit_cents: int
    by: str


@dataclass(frozen=True, slots=True)
class JournalTotals:
    """A month's sums, in cents: what families owed before, what was added and taken off, what they owe after."""

    opening_cents: int
    debit_cents: int
    credit_cents: int
    count: int

    @property
    def closing_cents(self) -> int:
        """What families owe at the end of the month."""
        return self.opening_cents + self.debit_cents - self.credit_cents


def journal_totals(session: Session, month: date) -> JournalTotals:
    """Return the sums of a month, by its first day, in Paris time."""
    start, end = _bounds(month)
    opening = session.scalar(select(func.sum(LedgerEntry.amount_cents)).where(LedgerEntry.at < start))
    debit = func.sum(case((LedgerEntry.amount_cents > 0, LedgerEntry.amount_cents), else_=0))
    credit = func.sum(case((LedgerEntry.amount_cents < 0, -LedgerEntry.amount_cents), else_=0))
    row = session.execute(
        select(debit, credit, func.count()).where(LedgerEntry.at >= start, LedgerEntry.at < end)
    ).one()
    return JournalTotals(int(opening or 0), int(row[0] or 0), int(row[1] or 0), row[2])


def journal_rows(session: Session, month: date) -> Iterator[JournalRow]:
    """Yield the movements of a month in the order they were written, a slice of them at a time."""
    start, end = _bounds(month)
    last = 0
    while True:
        rows = session.execute(
            _statement()
            .where(LedgerEntry.at >= start, LedgerEntry.at < end, LedgerEntry.id > last)
            .order_by(LedgerEntry.id)
            .limit(SLICE)
        ).all()
        if not rows:
            return
        yield from (_row(row) for row in rows)
        last = rows[-1].id


def _statement() -> Select[*tuple[Any, ...]]:
    is_invoice = LedgerEntry.kind.in_((LedgerKind.INVOICE, LedgerKind.CREDIT_NOTE))
    of = LedgerEntry.source_id
    return (
        select(
            LedgerEntry.id,
            LedgerEntry.at,
            LedgerEntry.kind,
            LedgerEntry.amount_cents,
            LedgerEntry.by,
            Family.code,
            Family.name,
            func.coalesce(Invoice.number, Payment.number, Refund.number, "").label("number"),
            Payment.means.label("paid_by"),
            Refund.means.label("refunded_by"),
        )
        .join(Family, Family.id == LedgerEntry.family_id)
        .outerjoin(Invoice, and_(Invoice.id == of, is_invoice))
        .outerjoin(Payment, and_(Payment.id == of, LedgerEntry.kind == LedgerKind.PAYMENT))
        .outerjoin(Refund, and_(Refund.id == of, LedgerEntry.kind == LedgerKind.REFUND))
    )


def _row(row: Any) -> JournalRow:
    return JournalRow(
        at=row.at,
        kind=row.kind,
        number=row.number,
        family_code=row.code,
        family_name=row.name,
        means=row.paid_by or row.refunded_by,
        debit_cents=max(row.amount_cents, 0),
        credit_cents=max(-row.amount_cents, 0),
        by=row.by,
    )


def _bounds(month: date) -> tuple[datetime, datetime]:
    return at(month, time(0)), at(add_months(month, 1), time(0))
