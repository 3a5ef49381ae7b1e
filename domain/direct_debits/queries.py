"""What screens read of mandates and debits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, or_, select, true
from sqlalchemy.orm import Session

from models.direct_debits import BatchState, DebitBatch, DebitState, DirectDebit, SepaMandate
from models.family import Family
from models.invoices import Invoice

# How long before its day a batch is sent, at the latest without hurry.
SEND_AHEAD = timedelta(days=5)
LIVE = (DebitState.ANNOUNCED, DebitState.SENT)


@dataclass(frozen=True, slots=True)
class ComingDebit:
    """A debit that a family may expect: of which invoice, how much, and when; once sent, only the bank stops it."""

    invoice_id: int
    invoice_number: str
    collection_on: date
    amount_cents: int
    is_sent: bool


def coming_debits(session: Session, family_id: int) -> list[ComingDebit]:
    """Return what a family was told of and the bank has not taken yet, the nearest first."""
    rows = session.execute(
        select(
            DirectDebit.invoice_id,
            Invoice.number,
            DebitBatch.collection_on,
            DirectDebit.amount_cents,
            DirectDebit.state == DebitState.SENT,
        )
        .join(DebitBatch, DebitBatch.id == DirectDebit.batch_id)
        .join(Invoice, Invoice.id == DirectDebit.invoice_id)
        .where(DirectDebit.family_id == family_id, DirectDebit.state.in_(LIVE))
        .order_by(DebitBatch.collection_on, Invoice.number)
    )
    return [
        ComingDebit(invoice_id, number, day, cents, bool(is_sent))
        for invoice_id, number, day, cents, is_sent in rows
    ]


def family_mandates(session: Session, family_id: int) -> list[SepaMandate]:
    """Return a family's mandates, the newest first."""
    return list(
        session.scalars(
            select(SepaMandate).where(SepaMandate.family_id == family_id).order_by(SepaMandate.id.desc())
        )
    )


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list; its sums count what was not withdrawn."""

    id: int
    number: str
    collection_on: date
    state: BatchState
    debit_count: int
    total_cents: int
    returned_count: int


def batches(session: Session, *, batch_id: int | None = None, limit: int = 50) -> list[BatchRow]:
    """Return the batches, the latest first; or the one asked for."""
    kept = DirectDebit.state != DebitState.WITHDRAWN
    rows = session.execute(
        select(
            DebitBatch.id,
            DebitBatch.number,
            DebitBatch.collection_on,
            DebitBatch.state,
            func.sum(case((kept, 1), else_=0)),
            func.sum(case((kept, DirectDebit.amount_cents), else_=0)),
            func.sum(case((DirectDebit.state == DebitState.RETURNED, 1), else_=0)),
        )
        .join(DirectDebit, DirectDebit.batch_id == DebitBatch.id)
        .where(true() if batch_id is None else DebitBatch.id == batch_id)
        .group_by(DebitBatch.id, DebitBatch.number, DebitBatch.collection_on, DebitBatch.state)
        .order_by(DebitBatch.id.desc())
        .limit(limit)
    )
    return [
        BatchRow(row_id, number, day, state, int(count), int(cents), int(returned))
        for row_id, number, day, state, count, cents, returned in rows
    ]


@dataclass(frozen=True, slots=True)
class DebitRow:
    """A debit as the régie and the family's mails show it."""

    id: int
    end_to_end_id: str
    state: DebitState
    reason_code: str
    returned_on: date | None
    announced_cents: int
    amount_cents: int
    invoice_id: int
    invoice_number: str
    family_id: int
    family_name: str
    holder: str
    iban: str
    rum: str


def batch_debits(
    session: Session, *, batch_id: int | None = None, debit_ids: Iterable[int] | None = None
) -> list[DebitRow]:
    """Return the debits of a batch, or some debits, by invoice number."""
    statement = (
        select(
            DirectDebit.id,
            DirectDebit.end_to_end_id,
            DirectDebit.state,
            DirectDebit.reason_code,
            DirectDebit.returned_on,
            DirectDebit.announced_cents,
            DirectDebit.amount_cents,
            DirectDebit.invoice_id,
            Invoice.number.label("invoice_number"),
            DirectDebit.family_id,
            Family.name.label("family_name"),
            SepaMandate.holder,
            SepaMandate.iban,
            SepaMandate.rum,
        )
        .join(Invoice, Invoice.id == DirectDebit.invoice_id)
        .join(Family, Family.id == DirectDebit.family_id)
        .join(SepaMandate, SepaMandate.id == DirectDebit.mandate_id)
        .order_by(Invoice.number)
    )
    if batch_id is not None:
        statement = statement.where(DirectDebit.batch_id == batch_id)
    if debit_ids is not None:
        statement = statement.where(DirectDebit.id.in_(list(debit_ids)))
    return [DebitRow(**row._mapping) for row in session.execute(statement)]


def batches_to_handle(session: Session, today: date) -> int:
    """Return how many batches wait for somebody: to be sent within a few days, or credited by now."""
    soon = (DebitBatch.state == BatchState.ANNOUNCED) & (DebitBatch.collection_on <= today + SEND_AHEAD)
    credited = (DebitBatch.state == BatchState.SENT) & (DebitBatch.collection_on <= today)
    return session.scalar(select(func.count()).select_from(DebitBatch).where(or_(soon, credited))) or 0
