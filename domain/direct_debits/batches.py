"""Batches of debits: announced to families, handed to the bank as one file, settled when the bank has credited them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.direct_debits.mandates import offers_direct_debit
from domain.direct_debits.rules import Left, amount_to_collect, is_lapsed, require_collection_day
from domain.errors import Refusal
from domain.numbering import take_numbers
from domain.payments.operations import receive_payment
from models.direct_debits import BatchState, DebitBatch, DebitState, DirectDebit, SepaMandate
from models.invoices import Invoice, InvoiceKind, InvoiceState
from models.payments import Payment, PaymentMeans
from models.town import Town

SERIES = "D"
# An invoice handed over is the Trésor's to collect.
COLLECTED_STATES = (InvoiceState.ISSUED, InvoiceState.PARTLY_PAID, InvoiceState.REMINDED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice that a batch of a day would collect."""

    invoice_id: int
    number: str
    family_id: int
    mandate_id: int
    due_cents: int


@dataclass(frozen=True, slots=True)
class DebitOrder:
    """A debit as the bank is asked for it."""

    end_to_end_id: str
    amount_cents: int
    rum: str
    signed_on: date
    holder: str
    iban: str
    bic: str
    invoice_number: str


def candidates(session: Session, collection_on: date) -> list[Candidate]:
    """Return what may be collected on a day, by invoice number.

    An invoice is left to the family once the bank has returned a debit of it, and while another debit of it lives.
    """
    rows = session.execute(
        select(
            Invoice.id,
            Invoice.number,
            Invoice.family_id,
            Invoice.total_cents - Invoice.paid_cents,
            SepaMandate.id,
            SepaMandate.signed_on,
            SepaMandate.last_used_on,
        )
        .join(SepaMandate, SepaMandate.family_id == Invoice.family_id)
        .where(
            SepaMandate.revoked_on.is_(None),
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state.in_(COLLECTED_STATES),
            Invoice.paid_cents < Invoice.total_cents,
            Invoice.id.not_in(
                select(DirectDebit.invoice_id).where(
                    DirectDebit.state.in_((DebitState.ANNOUNCED, DebitState.SENT, DebitState.RETURNED))
                )
            ),
        )
        .order_by(Invoice.number)
    )
    return [
        Candidate(invoice_id, number, family_id, mandate_id, due)
        for invoice_id, number, family_id, due, mandate_id, signed_on, last_used_on in rows
        if not is_lapsed(signed_on, last_used_on, collection_on)
    ]


def announce_batch(session: Session, *, actor: Actor, now: datetime, collection_on: date) -> DebitBatch:
    """Make a batch of all that may be collected on a day; the caller tells the families, in this transaction.

    Raises:
        Refusal: ``not_allowed``, ``direct_debit_closed``, ``nothing_to_collect``, ``debits_just_announced``, and
            those of ``require_collection_day``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not offers_direct_debit(session):
        raise Refusal("direct_debit_closed")
    today = local_day(now)
    notice_days = session.scalars(select(Town.sepa_notice_days)).one()
    require_collection_day(collection_on, today=today, notice_days=notice_days)
    found = candidates(session, collection_on)
    if not found:
        raise Refusal("nothing_to_collect")
    number = f"{SERIES}{today.year}-{take_numbers(session, SERIES, today.year):06d}"
    batch = DebitBatch(number=number, collection_on=collection_on, state=BatchState.ANNOUNCED)
    try:
        with session.begin_nested():
            session.add(batch)
            session.flush()
            session.add_all(_debit(batch, place, one) for place, one in enumerate(found, start=1))
            session.flush()
    except IntegrityError as error:
        raise Refusal("debits_just_announced") from error
    total = sum(one.due_cents for one in found)
    _audit(session, actor, now, "announce_debits", batch, {"debits": len(found), "total_cents": total})
    return batch


def _debit(batch: DebitBatch, place: int, one: Candidate) -> DirectDebit:
    return DirectDebit(
        batch_id=batch.id,
        mandate_id=one.mandate_id,
        family_id=one.family_id,
        invoice_id=one.invoice_id,
        announced_cents=one.due_cents,
        amount_cents=one.due_cents,
        end_to_end_id=f"{batch.number}-{place:05d}",
        state=DebitState.ANNOUNCED,
    )


def withdraw_debits(
    session: Session, *, actor: Actor, now: datetime, batch_id: int, debit_ids: Iterable[int]
) -> list[DirectDebit]:
    """Take debits out of a batch that is not sent; return them, so that their families are told.

    A batch whose last debit leaves is cancelled.

    Raises:
        Refusal: ``not_allowed``, ``batch_not_announced``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    batch = _lock(session, actor, now, batch_id, BatchState.ANNOUNCED)
    wanted = set(debit_ids)
    debits = _announced(session, batch_id)
    taken = [debit for debit in debits if debit.id in wanted]
    for debit in taken:
        debit.state, debit.reason_code = DebitState.WITHDRAWN, Left.BY_STAFF.value
    if len(taken) == len(debits):
        batch.state = BatchState.CANCELLED
    _audit(
        session,
        actor,
        now,
        "withdraw_debits",
        batch,
        {"debits": [debit.end_to_end_id for debit in taken], "state": batch.state.value},
    )
    return taken


def send_batch(session: Session, *, actor: Actor, now: datetime, batch_id: int) -> list[DebitOrder]:
    """Close a batch for the bank and return its orders, in their order: what is still due, never more than announced.

    A number of statements that does not grow with the batch; its invoices are locked while they are read.

    What was paid meanwhile, or has no mandate any more, leaves the batch.

    Raises:
        Refusal: ``not_allowed``, ``batch_not_announced``, ``collection_day_passed``, ``nothing_to_collect``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    batch = _lock(session, actor, now, batch_id, BatchState.ANNOUNCED)
    if batch.collection_on <= local_day(now):
        raise Refusal("collection_day_passed", collection_on=batch.collection_on)
    debits = _announced(session, batch_id)
    of_batch = select(DirectDebit).where(DirectDebit.batch_id == batch_id).subquery()
    mandates = _by_id(session, select(SepaMandate).where(SepaMandate.id.in_(select(of_batch.c.mandate_id))))
    invoices = _by_id(
        session,
        select(Invoice)
        .where(Invoice.id.in_(select(of_batch.c.invoice_id)))
        .order_by(Invoice.id)
        .with_for_update()
        .execution_options(populate_existing=True),
    )
    for debit in debits:
        _send(debit, mandates[debit.mandate_id], invoices[debit.invoice_id], batch.collection_on)
    session.flush()
    orders = batch_orders(session, batch_id)
    if not orders:
        raise Refusal("nothing_to_collect")
    batch.state, batch.sent_at = BatchState.SENT, now
    total = sum(order.amount_cents for order in orders)
    _audit(session, actor, now, "send_debits", batch, {"debits": len(orders), "total_cents": total})
    return orders


def _by_id(session: Session, statement: Select[Any]) -> dict[int, Any]:
    return {row.id: row for row in session.scalars(statement)}


def _send(debit: DirectDebit, mandate: SepaMandate, invoice: Invoice, collection_on: date) -> None:
    """Let a debit go to the bank, or take it out of its batch."""
    due = invoice.due_cents if invoice.state in COLLECTED_STATES else 0
    cents = amount_to_collect(debit.announced_cents, due)
    left = Left.NOTHING_DUE if not cents else Left.NO_MANDATE if mandate.revoked_on is not None else None
    if left is not None:
        debit.state, debit.reason_code = DebitState.WITHDRAWN, left.value
        return
    debit.state, debit.amount_cents = DebitState.SENT, cents
    mandate.last_used_on = collection_on


def batch_orders(session: Session, batch_id: int) -> list[DebitOrder]:
    """Return what the bank is asked for, or was, by a batch that is sent; in one query."""
    rows = session.execute(
        select(
            DirectDebit.end_to_end_id,
            DirectDebit.amount_cents,
            SepaMandate.rum,
            SepaMandate.signed_on,
            SepaMandate.holder,
            SepaMandate.iban,
            SepaMandate.bic,
            Invoice.number,
        )
        .join(SepaMandate, SepaMandate.id == DirectDebit.mandate_id)
        .join(Invoice, Invoice.id == DirectDebit.invoice_id)
        .where(DirectDebit.batch_id == batch_id, DirectDebit.state != DebitState.WITHDRAWN)
        .order_by(DirectDebit.invoice_id)
    )
    return [DebitOrder(*row) for row in rows]


def settle_batch(
    session: Session, *, actor: Actor, now: datetime, batch_id: int, limit: int | None = None
) -> list[Payment]:
    """Take note that the bank has credited a batch: each debit not returned becomes a payment of its invoice.

    Args:
        limit: so many debits at most; called again until the batch is settled, it goes on with the others.

    Raises:
        Refusal: ``not_allowed``, ``batch_not_sent``, ``collection_day_not_come``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    batch = _lock(session, actor, now, batch_id, BatchState.SENT)
    if batch.collection_on > local_day(now):
        raise Refusal("collection_day_not_come", collection_on=batch.collection_on)
    payments = []
    for debit, holder in _sent(session, batch_id, limit):
        payment = Payment(
            family_id=debit.family_id,
            means=PaymentMeans.DIRECT_DEBIT,
            amount_cents=debit.amount_cents,
            payer_name=holder,
            bank_reference=debit.end_to_end_id,
        )
        receive_payment(session, actor, now, payment, [debit.invoice_id])
        debit.state, debit.payment_id = DebitState.COLLECTED, payment.id
        payments.append(payment)
    session.flush()
    if limit is None or len(payments) < limit:
        _settle(session, actor, now, batch)
    return payments


def _settle(session: Session, actor: Actor, now: datetime, batch: DebitBatch) -> None:
    """Close a batch of which no debit is at the bank any more."""
    batch.state, batch.settled_at = BatchState.SETTLED, now
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(DirectDebit.amount_cents), 0)).where(
            DirectDebit.batch_id == batch.id, DirectDebit.payment_id.is_not(None)
        )
    ).one()
    _audit(session, actor, now, "settle_debits", batch, {"debits": count, "total_cents": int(total)})


def _lock(session: Session, actor: Actor, now: datetime, batch_id: int, state: BatchState) -> DebitBatch:
    """Lock a batch in the state that an act needs, so that two clerks never do it twice.

    Raises:
        Refusal: ``batch_not_announced``, ``batch_not_sent``.
    """
    locked = session.execute(
        update(DebitBatch)
        .where(DebitBatch.id == batch_id, DebitBatch.state == state)
        .values(updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("batch_not_announced" if state is BatchState.ANNOUNCED else "batch_not_sent")
    return session.get_one(DebitBatch, batch_id, populate_existing=True)


def _announced(session: Session, batch_id: int) -> Sequence[DirectDebit]:
    return session.scalars(
        select(DirectDebit)
        .where(DirectDebit.batch_id == batch_id, DirectDebit.state == DebitState.ANNOUNCED)
        .order_by(DirectDebit.invoice_id)
    ).all()


def _sent(session: Session, batch_id: int, limit: int | None) -> list[tuple[DirectDebit, str]]:
    """Return debits at the bank with their holders, locked: a return may be noted at the same moment."""
    rows = session.execute(
        select(DirectDebit, SepaMandate.holder)
        .join(SepaMandate, SepaMandate.id == DirectDebit.mandate_id)
        .where(DirectDebit.batch_id == batch_id, DirectDebit.state == DebitState.SENT)
        .order_by(DirectDebit.id)
        .limit(limit)
        .with_for_update(of=DirectDebit)
        .execution_options(populate_existing=True)
    )
    return [(debit, holder) for debit, holder in rows]


def _audit(
    session: Session, actor: Actor, now: datetime, action: str, batch: DebitBatch, facts: dict[str, object]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="debit_batch",
        subject_id=batch.id,
        after={"number": batch.number, "collection_on": batch.collection_on.isoformat()} | facts,
    )
    session.flush()
