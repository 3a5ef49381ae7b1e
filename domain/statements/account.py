"""A family's account over a period: what it owed, every movement of the ledger, what it owes."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from domain.clock import local_day
from domain.dates import day_bounds
from models.invoices import Invoice
from models.payments import Allocation, LedgerEntry, LedgerKind, Payment, Refund

Rows = Mapping[tuple[LedgerKind, int], dict[str, Any]]


def account_facts(session: Session, *, family_id: int, first_on: date, last_on: date) -> dict[str, Any]:
    """Return what an account statement says; the closing balance is the ledger's on the evening of the last day.

    Positive: the family owes. A payment or a credit note tells which invoices it settles.
    """
    start, end = day_bounds(first_on, last_on + timedelta(days=1))
    mine = LedgerEntry.family_id == family_id
    opening = int(
        session.scalar(select(func.sum(LedgerEntry.amount_cents)).where(mine, LedgerEntry.at < start)) or 0
    )
    entries = session.scalars(
        select(LedgerEntry)
        .where(mine, LedgerEntry.at >= start, LedgerEntry.at < end)
        .order_by(LedgerEntry.at, LedgerEntry.id)
    ).all()
    sources = _sources(session, entries)
    rows, balance = [], opening
    for entry in entries:
        balance += entry.amount_cents
        rows.append(
            {
                "on": local_day(entry.at).isoformat(),
                "kind": entry.kind.value,
                "amount_cents": entry.amount_cents,
                "balance_cents": balance,
            }
            | sources[entry.kind, entry.source_id]
        )
    return {"opening_cents": opening, "rows": rows, "closing_cents": balance}


def _sources(session: Session, entries: Collection[LedgerEntry]) -> Rows:
    """Return what each entry is of: its number, and what people need to recognise it."""
    ids: dict[LedgerKind, list[int]] = defaultdict(list)
    for entry in entries:
        ids[entry.kind].append(entry.source_id)
    return {
        **_invoices(session, ids[LedgerKind.INVOICE], ids[LedgerKind.CREDIT_NOTE]),
        **_payments(session, ids[LedgerKind.PAYMENT]),
        **_refunds(session, ids[LedgerKind.REFUND]),
    }


def _invoices(session: Session, invoice_ids: list[int], note_ids: list[int]) -> Rows:
    corrected = aliased(Invoice)
    rows = session.execute(
        select(Invoice.id, Invoice.number, Invoice.month, corrected.number)
        .outerjoin(corrected, corrected.id == Invoice.corrects_id)
        .where(Invoice.id.in_([*invoice_ids, *note_ids]))
    )
    shares = _shares(session, Allocation.credit_note_id, note_ids)
    return {
        (LedgerKind.CREDIT_NOTE if corrects else LedgerKind.INVOICE, number_id): {
            "number": number,
            "month": month.isoformat() if month else None,
            "corrects": corrects,
            "shares": shares.get(number_id, []),
        }
        for number_id, number, month, corrects in rows
    }


def _payments(session: Session, payment_ids: list[int]) -> Rows:
    rows = session.execute(
        select(Payment.id, Payment.number, Payment.means).where(Payment.id.in_(payment_ids))
    )
    shares = _shares(session, Allocation.payment_id, payment_ids)
    return {
        (LedgerKind.PAYMENT, payment_id): {
            "number": number,
            "means": means.value,
            "shares": shares.get(payment_id, []),
        }
        for payment_id, number, means in rows
    }


def _refunds(session: Session, refund_ids: list[int]) -> Rows:
    rows = session.execute(select(Refund.id, Refund.number, Refund.means).where(Refund.id.in_(refund_ids)))
    return {
        (LedgerKind.REFUND, refund_id): {"number": number, "means": means.value, "shares": []}
        for refund_id, number, means in rows
    }


def _shares(session: Session, source: Any, ids: list[int]) -> dict[int, list[list[Any]]]:
    """Return which invoices payments or credit notes settle: number and cents."""
    found: dict[int, list[list[Any]]] = defaultdict(list)
    rows = session.execute(
        select(source, Invoice.number, Allocation.amount_cents)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(source.in_(ids), Allocation.released_at.is_(None))
        .order_by(Invoice.number)
    )
    for source_id, number, cents in rows:
        found[source_id].append([number, cents])
    return found
