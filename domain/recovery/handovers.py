"""Hand-over to the Trésor public: what may go, the batch that goes, what it has collected, and a hand-over taken back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.invoicing.addressees import Addressee, addressees
from domain.invoicing.rules import Action, State, next_state
from domain.numbering import take_numbers
from domain.payments.operations import allocate_credit, receive_payment
from domain.payments.refunds import undo_payment
from domain.recovery.overdue import Overdue, overdue_invoices
from models.family import Family
from models.invoices import Invoice, InvoiceState
from models.payments import Allocation, Payment, PaymentMeans
from models.recovery import Handover, HandoverBatch, Reminder, ReminderInvoice

SERIES = "T"
REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be handed over today, and what is held back, each with its reason."""

    ready: tuple[Overdue, ...]
    held: tuple[Overdue, ...]


def candidates(session: Session, *, now: datetime) -> Candidates:
    """Return the invoices that have passed their last reminder and its delay, by family and age."""
    found = [one for one in overdue_invoices(session, now=now) if one.is_for_tresor]
    return Candidates(
        tuple(one for one in found if one.hold is None), tuple(one for one in found if one.hold is not None)
    )


def hand_over(
    session: Session, *, actor: Actor, now: datetime, invoice_ids: Collection[int]
) -> HandoverBatch:
    """Let the Trésor public collect these invoices: what is due of them today. No money moves.

    All of them, or none: what the agent has read is what goes. The caller keeps the batch's files.

    Raises:
        Refusal: ``not_allowed``, ``no_invoice_ticked``; ``handover_not_ready`` when one was paid, contested or handed
            over meanwhile.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not invoice_ids:
        raise Refusal("no_invoice_ticked")
    invoices = {
        row.id: row
        for row in session.scalars(
            select(Invoice)
            .where(Invoice.id.in_(invoice_ids))
            .order_by(Invoice.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    ready = {one.id: one for one in candidates(session, now=now).ready}
    if not ready.keys() >= set(invoice_ids):
        raise Refusal("handover_not_ready")
    chosen = [ready[invoice_id] for invoice_id in sorted(set(invoice_ids))]
    try:
        with session.begin_nested():
            batch = _write(session, local_day(now), chosen)
    except IntegrityError as error:
        raise Refusal("handover_not_ready") from error
    for one in chosen:
        invoice = invoices[one.id]
        invoice.state = InvoiceState(next_state(State(invoice.state.value), Action.HAND_OVER).value)
        facts = {"batch": batch.number, "number": one.number, "due_cents": one.due_cents}
        _audit(session, actor, now, "hand_over_invoice", invoice, facts)
    session.flush()
    return batch


def _write(session: Session, today: date, chosen: list[Overdue]) -> HandoverBatch:
    batch = HandoverBatch(
        number=f"{SERIES}{today.year}-{take_numbers(session, SERIES, today.year):06d}",
        handed_on=today,
        invoice_count=len(chosen),
        total_cents=sum(one.due_cents for one in chosen),
    )
    session.add(batch)
    session.flush()
    session.add_all(Handover(batch_id=batch.id, invoice_id=one.id, due_cents=one.due_cents) for one in chosen)
    session.flush()
    return batch


def take_back(session: Session, *, actor: Actor, now: datetime, handover_id: int, reason: str) -> Invoice:
    """Undo a hand-over made by mistake: the invoice is the town's again, and the family's credit settles it at once.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``handover_over`` when it is taken back, paid or cancelled.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("reason_missing")
    handover, invoice = _locked(session, handover_id)
    handover.taken_back_at = now
    handover.taken_back_reason = reason.strip()[:REASON_LENGTH]
    invoice.state = InvoiceState(next_state(State(invoice.state.value), Action.TAKE_BACK).value)
    session.flush()
    _audit(session, actor, now, "take_back_handover", invoice, {"reason": handover.taken_back_reason})
    session.flush()
    allocate_credit(session, actor=actor, now=now, family_ids=[invoice.family_id])
    return invoice


def _locked(session: Session, handover_id: int) -> tuple[Handover, Invoice]:
    """Lock a hand-over that lives, and its invoice.

    Raises:
        Refusal: ``handover_over``.
    """
    invoice_id = session.get_one(Handover, handover_id).invoice_id
    invoice = session.get_one(Invoice, invoice_id, populate_existing=True, with_for_update=True)
    handover = session.get_one(Handover, handover_id, populate_existing=True, with_for_update=True)
    if handover.taken_back_at is not None or invoice.state is not InvoiceState.HANDED_OVER:
        raise Refusal("handover_over", number=invoice.number)
    return handover, invoice


def record_tresor_payment(
    session: Session, *, actor: Actor, now: datetime, handover_id: int, amount_cents: int, reference: str = ""
) -> Payment:
    """Take note of what the Trésor public has collected of an invoice: a payment like another, by its own means.

    Args:
        reference: how the Trésor calls it: its titre, or the line of its statement.

    Raises:
        Refusal: ``not_allowed``, ``amount_not_positive``, ``amount_over_due``, ``handover_over``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if amount_cents <= 0:
        raise Refusal("amount_not_positive")
    _handover, invoice = _locked(session, handover_id)
    if amount_cents > invoice.due_cents:
        raise Refusal("amount_over_due", due_cents=invoice.due_cents)
    payment = Payment(
        family_id=invoice.family_id,
        means=PaymentMeans.TRESOR,
        amount_cents=amount_cents,
        bank_reference=reference.strip(),
    )
    return receive_payment(session, actor, now, payment, [invoice.id])


def undo_tresor_payment(
    session: Session, *, actor: Actor, now: datetime, payment_id: int, reason: str
) -> None:
    """Undo a note of the Trésor's money that was wrong; the invoice is the Trésor's to collect again.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``tresor_payment_undone``, also when it is of another means.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not undo_payment(session, actor, now, payment_id, PaymentMeans.TRESOR, reason):
        raise Refusal("tresor_payment_undone")


def _audit(
    session: Session, actor: Actor, now: datetime, action: str, invoice: Invoice, after: dict[str, object]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="invoice",
        subject_id=invoice.id,
        family_id=invoice.family_id,
        after=after,
    )


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """An invoice of a batch: as it was handed over, and as it stands now."""

    id: int
    invoice_id: int
    number: str
    family_id: int
    family_name: str
    family_code: str | None
    month: date | None
    issued_at: datetime
    handed_cents: int
    due_cents: int
    state: InvoiceState
    taken_back_at: datetime | None
    taken_back_reason: str

    @property
    def is_live(self) -> bool:
        """Whether the Trésor is still to collect it."""
        return self.taken_back_at is None and self.state is InvoiceState.HANDED_OVER


def handover_rows(
    session: Session, *, batch_id: int | None = None, handover_id: int | None = None
) -> list[HandoverRow]:
    """Return the invoices of a batch, or one of them, by number."""
    statement = (
        select(
            Handover.id,
            Handover.invoice_id,
            Invoice.number,
            Invoice.family_id,
            Family.name,
            Family.code,
            Invoice.month,
            Invoice.issued_at,
            Handover.due_cents,
            Invoice.total_cents - Invoice.paid_cents,
            Invoice.state,
            Handover.taken_back_at,
            Handover.taken_back_reason,
        )
        .join(Invoice, Invoice.id == Handover.invoice_id)
        .join(Family, Family.id == Invoice.family_id)
        .order_by(Invoice.number)
    )
    if batch_id is not None:
        statement = statement.where(Handover.batch_id == batch_id)
    if handover_id is not None:
        statement = statement.where(Handover.id == handover_id)
    return [HandoverRow(*tuple(row)) for row in session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Debt:
    """A line of the Trésor's file: who owes what, and how the town has asked for it."""

    row: HandoverRow
    debtor: Addressee
    reminded_on: tuple[date, ...]


def debts(session: Session, batch_id: int) -> list[Debt]:
    """Return what the file of a batch says, by invoice number."""
    rows = handover_rows(session, batch_id=batch_id)
    people = addressees(session, [row.family_id for row in rows])
    days: dict[int, list[date]] = {}
    sent = session.execute(
        select(ReminderInvoice.invoice_id, Reminder.sent_on)
        .join(Reminder, Reminder.id == ReminderInvoice.reminder_id)
        .where(ReminderInvoice.invoice_id.in_([row.invoice_id for row in rows]))
        .order_by(Reminder.sent_on)
    )
    for invoice_id, day in sent:
        days.setdefault(invoice_id, []).append(day)
    return [Debt(row, people[row.family_id], tuple(days.get(row.invoice_id, ()))) for row in rows]


def live_handover(session: Session, invoice_id: int) -> tuple[Handover, HandoverBatch] | None:
    """Return the hand-over of an invoice that is not taken back, with its batch."""
    found = session.execute(
        select(Handover, HandoverBatch)
        .join(HandoverBatch, HandoverBatch.id == Handover.batch_id)
        .where(Handover.invoice_id == invoice_id, Handover.taken_back_at.is_(None))
    ).first()
    return None if found is None else (found[0], found[1])


def recent_batches(session: Session, limit: int = 24) -> list[tuple[HandoverBatch, int]]:
    """Return the latest batches, the newest first, with what the Trésor has still to collect of each."""
    left = (
        select(func.coalesce(func.sum(Invoice.total_cents - Invoice.paid_cents), 0))
        .join(Handover, Handover.invoice_id == Invoice.id)
        .where(
            Handover.batch_id == HandoverBatch.id,
            Handover.taken_back_at.is_(None),
            Invoice.state == InvoiceState.HANDED_OVER,
        )
        .correlate(HandoverBatch)
        .scalar_subquery()
    )
    rows = session.execute(select(HandoverBatch, left).order_by(HandoverBatch.id.desc()).limit(limit))
    return [(batch, int(cents)) for batch, cents in rows]


def tresor_payments(session: Session, invoice_id: int) -> list[Payment]:
    """Return what the Trésor has collected of an invoice and is not undone, the newest first."""
    return list(
        session.scalars(
            select(Payment)
            .join(Allocation, Allocation.payment_id == Payment.id)
            .where(
                Allocation.invoice_id == invoice_id,
                Allocation.released_at.is_(None),
                Payment.means == PaymentMeans.TRESOR,
            )
            .order_by(Payment.id.desc())
        )
    )
