"""Where money goes: payments and credit notes settle a family's open invoices, and leave them when those are cancelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.invoicing.queries import PAYABLE_STATES
from domain.payments import rules
from domain.payments.vouchers import voucher_rooms
from models.invoices import Invoice, InvoiceKind, InvoiceState
from models.payments import Allocation, Payment, PaymentMeans
from models.recovery import Handover


def share_payment(
    session: Session, payment: Payment, chosen: Sequence[int] = (), *, at_tresor: bool = False
) -> None:
    """Allocate what a payment has left to its family's open invoices, those chosen first; they are locked.

    Vouchers settle only what they may, invoice by invoice.

    Args:
        at_tresor: whether it settles what was handed over, and nothing else.
    """
    means = payment.means if payment.means in rules.VOUCHERS else None
    states = (InvoiceState.HANDED_OVER,) if at_tresor else PAYABLE_STATES
    for invoice, cents in _shares(session, payment.family_id, payment.credit_cents, chosen, means, states):
        payment.allocated_cents += cents
        session.add(Allocation(payment_id=payment.id, invoice_id=invoice.id, amount_cents=cents))
    session.flush()


def share_credit_note(session: Session, note: Invoice, chosen: Sequence[int] = ()) -> None:
    """Let what a credit note still gives settle its family's open invoices; on the note, ``paid`` means used."""
    for invoice, cents in _shares(session, note.family_id, note.due_cents, chosen):
        _use(session, note, invoice, cents)
    session.flush()


def settle_by_credit_note(session: Session, *, note: Invoice, invoice: Invoice) -> None:
    """Let a credit note cancel what its own invoice asks, all of it."""
    invoice.paid_cents += note.total_cents
    _use(session, note, invoice, note.total_cents)
    session.flush()


@dataclass(frozen=True, slots=True)
class Released:
    """What no longer settles an invoice, in the order in which it came."""

    payments: tuple[Payment, ...]
    notes: tuple[Invoice, ...]


def release_invoice(session: Session, *, now: datetime, invoice: Invoice) -> Released:
    """Take away from an invoice all that settles it: payments, and credit notes of former months."""
    payments: dict[int, Payment] = {}
    notes: dict[int, Invoice] = {}
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.invoice_id == invoice.id, Allocation.released_at.is_(None))
        .order_by(Allocation.id)
    ).all()
    for row in rows:
        row.released_at = now
        invoice.paid_cents -= row.amount_cents
        if row.payment_id is not None:
            payment = session.get_one(Payment, row.payment_id, with_for_update=True)
            payment.allocated_cents -= row.amount_cents
            payments[payment.id] = payment
        elif row.credit_note_id is not None:
            note = session.get_one(Invoice, row.credit_note_id, with_for_update=True)
            note.paid_cents -= row.amount_cents
            note.state = InvoiceState.ISSUED
            notes[note.id] = note
    session.flush()
    return Released(tuple(payments.values()), tuple(notes.values()))


def _use(session: Session, note: Invoice, invoice: Invoice, cents: int) -> None:
    note.paid_cents += cents
    if note.due_cents == 0:
        note.state = InvoiceState.PAID
    session.add(Allocation(credit_note_id=note.id, invoice_id=invoice.id, amount_cents=cents))


def release_payment(session: Session, *, now: datetime, payment: Payment) -> None:
    """Take a payment off its invoices, which are locked and due again."""
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.payment_id == payment.id, Allocation.released_at.is_(None))
        .order_by(Allocation.invoice_id)
    ).all()
    for row in rows:
        invoice = session.get_one(Invoice, row.invoice_id, populate_existing=True, with_for_update=True)
        row.released_at = now
        invoice.paid_cents -= row.amount_cents
        payment.allocated_cents -= row.amount_cents
        if invoice.state in (InvoiceState.PAID, InvoiceState.PARTLY_PAID):
            invoice.state = _state_when_due(session, invoice)
    session.flush()


def _state_when_due(session: Session, invoice: Invoice) -> InvoiceState:
    """Return where an invoice stands that is no longer paid in full."""
    live = select(Handover.id).where(Handover.invoice_id == invoice.id, Handover.taken_back_at.is_(None))
    if session.scalar(live) is not None:
        return InvoiceState.HANDED_OVER
    if invoice.reminded_at is not None:
        return InvoiceState.REMINDED
    return InvoiceState.PARTLY_PAID if invoice.paid_cents else InvoiceState.ISSUED


def _shares(
    session: Session,
    family_id: int,
    cents: int,
    chosen: Sequence[int],
    voucher: PaymentMeans | None = None,
    states: Sequence[InvoiceState] = PAYABLE_STATES,
) -> Iterator[tuple[Invoice, int]]:
    """Share an amount among a family's open invoices, which are locked first, and move each one's state."""
    if cents <= 0:
        return
    invoices = {
        row.id: row
        for row in session.scalars(
            select(Invoice)
            .where(
                Invoice.family_id == family_id,
                Invoice.kind == InvoiceKind.INVOICE,
                Invoice.state.in_(states),
            )
            .order_by(Invoice.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    dues = {row.id: row.due_cents for row in invoices.values()}
    if voucher is not None:
        rooms = voucher_rooms(session, voucher, dues)
        dues = {invoice_id: min(due, rooms.get(invoice_id, 0)) for invoice_id, due in dues.items()}
    debts = [
        rules.Debt(row.id, dues[row.id], row.due_on, row.issued_at)
        for row in invoices.values()
        if dues[row.id]
    ]
    for share in rules.allocate(cents, debts, chosen).shares:
        invoice = invoices[share.invoice_id]
        invoice.paid_cents += share.amount_cents
        if invoice.due_cents == 0:
            invoice.state = InvoiceState.PAID
        elif invoice.state is InvoiceState.ISSUED:
            invoice.state = InvoiceState.PARTLY_PAID
        yield invoice, share.amount_cents
