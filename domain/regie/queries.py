"""What the desk's screens read: the open drawer, its entries, the closed days, the family at the counter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.family.names import search_key
from domain.payments.rules import VOUCHERS
from domain.regie import rules
from domain.regie.operations import session_entries
from domain.regie.refunds import refundable_cents
from models.family import Family, FamilyState
from models.invoices import Invoice, InvoiceKind
from models.payments import Payment, PaymentMeans, Refund
from models.regies import CashSession, DepositSlip

FOUND = 20


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of a desk: money taken, or (``is_refund``, negative) given back."""

    number: str
    at: datetime
    family_id: int
    family_name: str
    family_code: str | None
    means: PaymentMeans
    amount_cents: int
    payer_name: str
    detail: str
    payment_id: int
    is_refund: bool
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class DeskView:
    """A desk: its float, what each means brought, what the drawer should hold."""

    id: int
    cashier_name: str
    opened_at: datetime
    closed_at: datetime | None
    float_cents: int
    counted_cents: int | None
    note: str
    totals: dict[str, int]
    entries: tuple[EntryView, ...]

    @property
    def expected_cents(self) -> int:
        """What the drawer should hold."""
        return self.float_cents + self.totals.get(rules.CASH, 0)

    @property
    def difference_cents(self) -> int:
        """Counted less expected; nothing while the desk is open."""
        return 0 if self.counted_cents is None else self.counted_cents - self.expected_cents


def open_desk(session: Session, actor: Actor) -> DeskView | None:
    """Return the actor's open desk, its latest entries first."""
    row = session.scalar(
        select(CashSession).where(CashSession.opened_by == actor.label, CashSession.closed_at.is_(None))
    )
    return None if row is None else _desk(session, row)


def closed_desk(session: Session, desk_id: int) -> DeskView | None:
    """Return a closed desk."""
    row = session.get(CashSession, desk_id)
    return None if row is None or row.closed_at is None else _desk(session, row)


def _desk(session: Session, row: CashSession) -> DeskView:
    entries = sorted(_entries(session, row.id), key=lambda entry: (entry.at, entry.number), reverse=True)
    return DeskView(
        id=row.id,
        cashier_name=row.cashier_name,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        float_cents=row.float_cents,
        counted_cents=row.counted_cents,
        note=row.difference_note,
        totals=rules.totals(session_entries(session, row.id)),
        entries=tuple(entries),
    )


def _entries(session: Session, desk_id: int) -> Iterator[EntryView]:
    taken = session.execute(
        select(Payment, Family.name, Family.code)
        .join(Family, Family.id == Payment.family_id)
        .where(Payment.cash_session_id == desk_id)
    ).all()
    given = session.execute(
        select(Refund, Family.name, Family.code)
        .join(Family, Family.id == Refund.family_id)
        .where(Refund.cash_session_id == desk_id)
    ).all()
    for payment, name, code in taken:
        yield _entry(
            payment,
            name,
            code,
            at=payment.received_at,
            amount_cents=payment.amount_cents,
            payer_name=payment.payer_name,
            detail=payment.bank_reference,
            payment_id=payment.id,
            is_refund=False,
            is_cancelled=payment.refunded_cents == payment.amount_cents,
        )
    for refund, name, code in given:
        yield _entry(
            refund,
            name,
            code,
            at=refund.refunded_at,
            amount_cents=-refund.amount_cents,
            payer_name="",
            detail=refund.reason,
            payment_id=refund.payment_id or 0,
            is_refund=True,
            is_cancelled=False,
        )


def _entry(row: Payment | Refund, name: str, code: str | None, **facts: Any) -> EntryView:
    return EntryView(
        number=row.number,
        family_id=row.family_id,
        family_name=name,
        family_code=code,
        means=row.means,
        **facts,
    )


def closed_desks(session: Session, limit: int = 12) -> list[CashSession]:
    """Return the latest closed desks, the newest first."""
    statement = select(CashSession).where(CashSession.closed_at.is_not(None))
    return list(session.scalars(statement.order_by(CashSession.id.desc()).limit(limit)))


def deposit_slips(session: Session, desk_id: int) -> list[DepositSlip]:
    """Return the slips of a closed desk, by number."""
    statement = select(DepositSlip).where(DepositSlip.cash_session_id == desk_id)
    return list(session.scalars(statement.order_by(DepositSlip.number)))


def find_families(session: Session, text: str) -> list[Family]:
    """Return validated families whose name, adults or code hold these words, without accents."""
    statement = select(Family).where(Family.state == FamilyState.VALIDATED)
    for term in search_key(text).split():
        statement = statement.where(Family.search_text.contains(term, autoescape=True))
    return list(session.scalars(statement.order_by(Family.search_text, Family.id).limit(FOUND)))


@dataclass(frozen=True, slots=True)
class Credit:
    """A payment with something left that may be given back."""

    payment_id: int
    number: str
    received_at: datetime
    means: PaymentMeans
    left_cents: int

    @property
    def is_refundable(self) -> bool:
        """Whether it may be given back at all: vouchers may not."""
        return self.means not in VOUCHERS


@dataclass(frozen=True, slots=True)
class NoteCredit:
    """A credit note that still gives something, and how much of it may be given back."""

    note_id: int
    number: str
    issued_at: datetime
    reason: str
    left_cents: int
    refundable_cents: int


def family_credits(session: Session, family_id: int) -> list[Credit]:
    """Return what a family paid and no invoice needed, payment by payment, the oldest first."""
    rows = session.scalars(
        select(Payment)
        .where(
            Payment.family_id == family_id,
            Payment.allocated_cents + Payment.refunded_cents < Payment.amount_cents,
        )
        .order_by(Payment.received_at, Payment.id)
    )
    return [Credit(row.id, row.number, row.received_at, row.means, row.credit_cents) for row in rows]


def family_note_credits(session: Session, family_id: int) -> list[NoteCredit]:
    """Return the credit notes that no invoice has used up yet, the oldest first."""
    rows = session.scalars(
        select(Invoice)
        .where(
            Invoice.family_id == family_id,
            Invoice.kind == InvoiceKind.CREDIT_NOTE,
            Invoice.paid_cents < Invoice.total_cents,
        )
        .order_by(Invoice.id)
    )
    return [
        NoteCredit(
            row.id, row.number, row.issued_at, row.reason, row.due_cents, refundable_cents(session, row)
        )
        for row in rows
    ]
