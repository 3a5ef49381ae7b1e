"""Proof that the books agree: every balance against the sums that make it, and what differs by name."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from models.books import OpenBooks
from models.direct_debits import DebitState, DirectDebit
from models.invoices import Invoice, InvoiceKind, InvoiceLine
from models.payments import Allocation, LedgerEntry, LedgerKind, Payment, PaymentMeans, Refund
from models.regies import CashSession, DepositSlip
from models.town import Counter


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sums that should be equal: of what, and both in cents; two counts for ``is_count``."""

    what: str
    found_cents: int
    expected_cents: int
    is_count: bool = False


def check_ledger(session: Session) -> list[Difference]:
    """Return everything that does not add up; an empty list proves the books."""
    return [
        *_lines_against_totals(session),
        *_allocations_against_invoices(session),
        *_allocations_against_notes(session),
        *_allocations_against_payments(session),
        *_refunds_against_payments(session),
        *_slips_against_desks(session),
        *_debits_against_payments(session),
        *_entries_against_documents(session),
        *_ledger_against_documents(session),
        *_missing_numbers(session),
        *_books_left_open(session),
    ]


def _lines_against_totals(session: Session) -> list[Difference]:
    summed = func.coalesce(func.sum(InvoiceLine.amount_cents), 0)
    rows = session.execute(
        select(Invoice.number, summed, Invoice.total_cents)
        .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .group_by(Invoice.id, Invoice.number, Invoice.total_cents)
        .having(summed != Invoice.total_cents)
    )
    return [Difference(f"lignes de la facture {number}", int(found), total) for number, found, total in rows]


def _allocations_against_invoices(session: Session) -> list[Difference]:
    summed = _live_sum()
    rows = session.execute(
        select(Invoice.number, summed, Invoice.paid_cents)
        .outerjoin(Allocation, Allocation.invoice_id == Invoice.id)
        .group_by(Invoice.id, Invoice.number, Invoice.paid_cents)
        .where(Invoice.kind == InvoiceKind.INVOICE)
        .having(summed != Invoice.paid_cents)
    )
    return [
        Difference(f"imputations de la facture {number}", int(found), paid) for number, found, paid in rows
    ]


def _allocations_against_notes(session: Session) -> list[Difference]:
    given_back = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.credit_note_id == Invoice.id)
        .correlate(Invoice)
        .scalar_subquery()
    )
    summed = _live_sum() + given_back
    rows = session.execute(
        select(Invoice.number, summed, Invoice.paid_cents)
        .outerjoin(Allocation, Allocation.credit_note_id == Invoice.id)
        .where(Invoice.kind == InvoiceKind.CREDIT_NOTE)
        .group_by(Invoice.id, Invoice.number, Invoice.paid_cents)
        .having(summed != Invoice.paid_cents)
    )
    return [Difference(f"emplois de l’avoir {number}", int(found), used) for number, found, used in rows]


def _allocations_against_payments(session: Session) -> list[Difference]:
    summed = _live_sum()
    rows = session.execute(
        select(Payment.number, summed, Payment.allocated_cents)
        .outerjoin(Allocation, Allocation.payment_id == Payment.id)
        .group_by(Payment.id, Payment.number, Payment.allocated_cents)
        .having(summed != Payment.allocated_cents)
    )
    return [Difference(f"imputations du paiement {number}", int(found), kept) for number, found, kept in rows]


def _refunds_against_payments(session: Session) -> list[Difference]:
    summed = func.coalesce(func.sum(Refund.amount_cents), 0)
    rows = session.execute(
        select(Payment.number, summed, Payment.refunded_cents)
        .outerjoin(Refund, Refund.payment_id == Payment.id)
        .group_by(Payment.id, Payment.number, Payment.refunded_cents)
        .having(summed != Payment.refunded_cents)
    )
    return [
        Difference(f"remboursements du paiement {number}", int(found), kept) for number, found, kept in rows
    ]


def _slips_against_desks(session: Session) -> list[Difference]:
    """Compare what each closed desk took by means, less what it gave back, with its deposit slips."""
    taken = (
        (select(CashSession.id, Payment.means, func.sum(Payment.amount_cents)), Payment, 1),
        (select(CashSession.id, Refund.means, func.sum(Refund.amount_cents)), Refund, -1),
    )
    found: dict[tuple[int, PaymentMeans], int] = {}
    for statement, table, sign in taken:
        rows = session.execute(
            statement.join_from(CashSession, table, CashSession.id == table.cash_session_id)
            .where(CashSession.closed_at.is_not(None))
            .group_by(CashSession.id, table.means)
        )
        for desk_id, means, cents in rows:
            found[desk_id, means] = found.get((desk_id, means), 0) + sign * int(cents)
    slips = {
        (slip.cash_session_id, slip.means): slip.amount_cents for slip in session.scalars(select(DepositSlip))
    }
    return [
        Difference(f"bordereau {means.value} de la caisse {desk_id}", found.get(key, 0), slips.get(key, 0))
        for key in sorted(found.keys() | slips.keys())
        for desk_id, means in (key,)
        if found.get(key, 0) != slips.get(key, 0)
    ]


def _debits_against_payments(session: Session) -> list[Difference]:
    """Compare each debit that the bank paid, less what it took back, with what is left of its payment."""
    kept = case((DirectDebit.state == DebitState.COLLECTED, DirectDebit.amount_cents), else_=0)
    given_back = (
        select(func.coalesce(func.sum(Refund.amount_cents), 0))
        .where(Refund.payment_id == Payment.id, Refund.means == PaymentMeans.DIRECT_DEBIT)
        .scalar_subquery()
    )
    left = Payment.amount_cents - given_back
    rows = session.execute(
        select(DirectDebit.end_to_end_id, left, kept)
        .join(Payment, Payment.id == DirectDebit.payment_id)
        .where(left != kept)
    )
    return [Difference(f"prélèvement {number}", int(found), int(wanted)) for number, found, wanted in rows]


def _live_sum() -> ColumnElement[int]:
    return func.coalesce(
        func.sum(case((Allocation.released_at.is_(None), Allocation.amount_cents), else_=0)), 0
    )


def _entries_against_documents(session: Session) -> list[Difference]:
    """Compare each document with its own entry of the ledger: there is one, of its amount and family."""
    found: list[Difference] = []
    for kinds, table, cents, where in (
        ((LedgerKind.INVOICE,), Invoice, Invoice.total_cents, Invoice.kind == InvoiceKind.INVOICE),
        ((LedgerKind.CREDIT_NOTE,), Invoice, -Invoice.total_cents, Invoice.kind == InvoiceKind.CREDIT_NOTE),
        ((LedgerKind.PAYMENT,), Payment, -Payment.amount_cents, true()),
        ((LedgerKind.REFUND,), Refund, Refund.amount_cents, true()),
    ):
        entry = and_(LedgerEntry.source_id == table.id, LedgerEntry.kind.in_(kinds))
        rows = session.execute(
            select(table.number, func.coalesce(LedgerEntry.amount_cents, 0), cents)
            .outerjoin(LedgerEntry, entry)
            .where(
                where,
                or_(
                    LedgerEntry.id.is_(None),
                    LedgerEntry.amount_cents != cents,
                    LedgerEntry.family_id != table.family_id,
                ),
            )
        )
        found += [
            Difference(f"écriture de {number}", int(kept), int(wanted)) for number, kept, wanted in rows
        ]
    return found


def _books_left_open(session: Session) -> list[Difference]:
    """Return how many acts left the books open; none may, for nothing would be append-only any more."""
    count = session.scalar(select(func.count()).select_from(OpenBooks)) or 0
    return [Difference("livres restés ouverts", count, 0, is_count=True)] if count else []


def _missing_numbers(session: Session) -> list[Difference]:
    """Return the series whose numbers do not run from one to their counter, each once; compared as counts."""
    counters = {
        (row.series, row.year): row.value
        for row in session.execute(select(Counter.series, Counter.year, Counter.value))
    }
    issued = {
        (series, year): (int(last), count)
        for series, year, last, count in session.execute(
            select(Invoice.series, Invoice.fiscal_year, func.max(Invoice.sequence), func.count()).group_by(
                Invoice.series, Invoice.fiscal_year
            )
        )
    }
    for table in (Payment, Refund, DepositSlip):
        issued |= _numbers_of(session, table)
    found = []
    for key, (last, count) in sorted(issued.items()):
        series, year = key
        if not last == count == counters.get(key, 0):
            wanted = max(last, counters.get(key, 0))
            found.append(Difference(f"nombre de numéros {series}{year}", count, wanted, is_count=True))
    return found


def _numbers_of(
    session: Session, table: type[Payment] | type[Refund] | type[DepositSlip]
) -> dict[tuple[str, int], tuple[int, int]]:
    """Return the last number and the count of each series and year, read from numbers like ``P2026-000012``."""
    series_and_year = func.substr(table.number, 1, func.length(table.number) - 7)
    rows = session.execute(
        select(series_and_year, func.max(table.number), func.count()).group_by(series_and_year)
    )
    return {(text[:-4], int(text[-4:])): (int(last[-6:]), count) for text, last, count in rows}


def _ledger_against_documents(session: Session) -> list[Difference]:
    """Compare each family's account with its invoices, credit notes, payments and refunds."""
    signed = case((Invoice.kind == InvoiceKind.INVOICE, Invoice.total_cents), else_=-Invoice.total_cents)
    owed: dict[int, int] = {}
    for statement, sign in (
        (select(Invoice.family_id, func.sum(signed)).group_by(Invoice.family_id), 1),
        (select(Payment.family_id, func.sum(Payment.amount_cents)).group_by(Payment.family_id), -1),
        (select(Refund.family_id, func.sum(Refund.amount_cents)).group_by(Refund.family_id), 1),
    ):
        for family_id, cents in session.execute(statement):
            owed[family_id] = owed.get(family_id, 0) + sign * int(cents)
    entries = select(LedgerEntry.family_id, func.sum(LedgerEntry.amount_cents)).group_by(
        LedgerEntry.family_id
    )
    kept = {family_id: int(cents) for family_id, cents in session.execute(entries)}
    return [
        Difference(f"compte de la famille {family_id}", kept.get(family_id, 0), owed.get(family_id, 0))
        for family_id in sorted(owed.keys() | kept.keys())
        if kept.get(family_id, 0) != owed.get(family_id, 0)
    ]
