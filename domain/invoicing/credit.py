"""Credit notes: an issued invoice is never changed; it is given back whole, and what was right is issued again.

The credit note has its own gapless series and names its invoice. What the family had paid moves to the corrected
invoice; what is then too much is the family's credit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.invoicing.adjustments import free_adjustments
from domain.invoicing.correction import IssuedLine, Reduction, kept_lines
from domain.invoicing.issue import SERIES as INVOICE_SERIES
from domain.invoicing.issue import invoice_number
from domain.invoicing.rules import Action, State, due_date, next_state
from domain.invoicing.vouchers import spend_vouchers
from domain.numbering import take_numbers
from domain.payments.refunds import lock_invoice
from domain.payments.sharing import (
    release_invoice,
    settle_by_credit_note,
    share_credit_note,
    share_payment,
)
from models.activities import Activity
from models.attendance import Attendance
from models.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, LineKind
from models.payments import LedgerEntry, LedgerKind
from models.reservations import Reservation
from models.town import Town

SERIES = "A"
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction wrote; no corrected invoice when nothing of it is kept."""

    note: Invoice
    invoice: Invoice | None
    credit_cents: int


def correct_invoice(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    invoice_id: int,
    given_back: Mapping[int, frozenset[int]] | None,
    reason: str,
    bill_again: bool = False,
) -> Corrected:
    """Cancel an invoice by a credit note and issue what is kept of it again; what was paid moves along.

    Paid 50,00 € of 120,00 €: corrected to 95,00 €, 45,00 € are due; corrected to 30,00 €, 20,00 € are credit.

    Args:
        given_back: by line, the billed items given back (none named: the whole line); None for all of it.
        bill_again: whether what is given back may be billed by a later month, from the facts as they then are.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``credit_of_credit_note``, ``invoice_action_not_possible`` when it
            is cancelled already, and those of ``kept_lines``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.REGISSEUR)
    if not reason.strip():
        raise Refusal("reason_missing")
    invoice = lock_invoice(session, actor, now, invoice_id)
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        raise Refusal("credit_of_credit_note", number=invoice.number)
    cancelled = next_state(State(invoice.state.value), Action.CANCEL)
    rows = session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    ).all()
    lines = issued_lines(session, rows)
    kept = () if given_back is None else kept_lines(lines, given_back)
    spend_vouchers(
        session,
        [
            *((line.voucher_id, line.amount_cents) for line in lines if line.voucher_id is not None),
            *((line.voucher_id, -line.amount_cents) for line in kept if line.voucher_id is not None),
        ],
    )
    note = _write_note(session, actor, now, invoice, rows, reason.strip()[:REASON_LENGTH])
    released = release_invoice(session, now=now, invoice=invoice)
    settle_by_credit_note(session, note=note, invoice=invoice)
    invoice.state = InvoiceState(cancelled.value)
    again = _write_again(session, actor, now, invoice, note, rows, kept, bill_again=bill_again)
    chosen = () if again is None else (again.id,)
    for earlier in released.notes:
        share_credit_note(session, earlier, chosen)
    for payment in released.payments:
        share_payment(session, payment, chosen)
    _audit(session, actor, now, invoice, note, again)
    left = [
        *(payment.credit_cents for payment in released.payments),
        *(one.due_cents for one in released.notes),
    ]
    return Corrected(note, again, sum(left))


def issued_lines(session: Session, rows: Sequence[InvoiceLine]) -> list[IssuedLine]:
    """Return an invoice's lines as the rules of a correction read them, with the day of each billed item."""
    tariffs = dict(session.execute(select(Activity.id, Activity.tariff_id)).all())
    items = _items(session, [row.id for row in rows])
    return [
        IssuedLine(
            id=row.id,
            child_id=row.child_id,
            tariff_id=tariffs[row.activity_id] if row.activity_id is not None else None,
            quantity=row.quantity,
            unit_cents=row.unit_cents,
            amount_cents=row.amount_cents,
            items=tuple(items.get(row.id, ())),
            reduction=_reduction(row),
            base_cents=row.explanation.get("discount", {}).get("base_cents", 0),
            voucher_id=row.explanation.get("voucher", {}).get("id"),
            is_late="late" in row.explanation,
        )
        for row in rows
    ]


def _items(session: Session, line_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Return the items that lines bill, by line: number and day (empty for a carried amount)."""
    found: dict[int, list[tuple[int, str]]] = {}
    came = func.coalesce(InvoiceItem.attendance_id, InvoiceItem.late_id)
    rows = session.execute(
        select(InvoiceItem.id, InvoiceItem.line_id, Reservation.day, Attendance.day)
        .outerjoin(Reservation, Reservation.id == InvoiceItem.reservation_id)
        .outerjoin(Attendance, Attendance.id == came)
        .where(InvoiceItem.line_id.in_(line_ids), InvoiceItem.released_by_id.is_(None))
        .order_by(Reservation.day, Attendance.day, InvoiceItem.id)
    )
    for item_id, line_id, booked_on, came_on in rows:
        day = booked_on or came_on
        found.setdefault(line_id, []).append((item_id, day.isoformat() if day else ""))
    return found


def _reduction(row: InvoiceLine) -> Reduction | None:
    if row.kind is not LineKind.DISCOUNT:
        return None
    facts = row.explanation["discount"]
    return Reduction(facts["rank"], facts["percent_bp"], facts["tariff_id"], facts.get("price_cents"))


def _write_note(
    session: Session, actor: Actor, now: datetime, invoice: Invoice, rows: Sequence[InvoiceLine], reason: str
) -> Invoice:
    note = write_head(
        session, actor, now, invoice, series=SERIES, total_cents=invoice.total_cents, reason=reason
    )
    session.add_all(copied_line(row, note.id, place, credits_id=row.id) for place, row in enumerate(rows, 1))
    session.flush()
    return note


def write_head(
    session: Session,
    actor: Actor,
    now: datetime,
    original: Invoice,
    *,
    series: str,
    total_cents: int,
    reason: str = "",
) -> Invoice:
    """Number a credit note or a corrected invoice, addressed as its original was, and move the account by it."""
    year = local_day(now).year
    sequence = take_numbers(session, series, year)
    is_note = series == SERIES
    delay = session.scalars(select(Town.payment_delay_days)).one()
    head = Invoice(
        kind=InvoiceKind.CREDIT_NOTE if is_note else InvoiceKind.INVOICE,
        number=invoice_number(series, year, sequence),
        series=series,
        fiscal_year=year,
        sequence=sequence,
        family_id=original.family_id,
        corrects_id=original.id if is_note else None,
        replaces_id=None if is_note else original.id,
        payer_name=original.payer_name,
        payer_address=original.payer_address,
        family_code=original.family_code,
        month=original.month,
        issued_at=now,
        due_on=None if is_note else due_date(local_day(now), delay),
        total_cents=total_cents,
        paid_cents=0,
        state=InvoiceState.ISSUED if total_cents else InvoiceState.PAID,
        delivery=original.delivery,
        reason=reason,
    )
    session.add(head)
    session.flush()
    session.add(
        LedgerEntry(
            at=now,
            by=actor.label,
            family_id=original.family_id,
            kind=LedgerKind.CREDIT_NOTE if is_note else LedgerKind.INVOICE,
            source_id=head.id,
            amount_cents=-total_cents if is_note else total_cents,
        )
    )
    return head


def copied_line(row: InvoiceLine, invoice_id: int, position: int, **changes: Any) -> InvoiceLine:
    """Return a line like another, for another document."""
    facts: dict[str, Any] = {
        "kind": row.kind,
        "child_id": row.child_id,
        "activity_id": row.activity_id,
        "child_name": row.child_name,
        "label": row.label,
        "quantity": row.quantity,
        "unit_cents": row.unit_cents,
        "amount_cents": row.amount_cents,
        "explanation": row.explanation,
    }
    return InvoiceLine(invoice_id=invoice_id, position=position, **(facts | changes))


def _write_again(
    session: Session,
    actor: Actor,
    now: datetime,
    invoice: Invoice,
    note: Invoice,
    rows: Sequence[InvoiceLine],
    kept: Sequence[IssuedLine],
    *,
    bill_again: bool,
) -> Invoice | None:
    """Issue what is kept; its items pass to the new lines, those given back stay spent unless billed again."""
    moved = [item for line in kept for item, _day in line.items]
    _release(session, note, None if bill_again else moved, rows)
    if bill_again and not kept:
        free_adjustments(session, invoice.id)
    total = sum(line.amount_cents for line in kept)
    is_covered = total == 0 and any(line.voucher_id is not None for line in kept)
    if total <= 0 and not is_covered:
        return None
    head = write_head(session, actor, now, invoice, series=INVOICE_SERIES, total_cents=total)
    originals = {row.id: row for row in rows}
    for place, line in enumerate(kept, 1):
        row = copied_line(
            originals[line.id],
            head.id,
            place,
            quantity=line.quantity,
            unit_cents=line.unit_cents,
            amount_cents=line.amount_cents,
            explanation=_explained(originals[line.id].explanation, line),
        )
        session.add(row)
        session.flush()
        _bill_again(session, row.id, [item for item, _day in line.items])
    return head


def _explained(kept: dict[str, Any], line: IssuedLine) -> dict[str, Any]:
    """Return a line's explanation for the days, or the base, that are left of it."""
    if line.reduction is not None:
        return kept | {"discount": kept["discount"] | {"base_cents": line.base_cents}}
    if line.voucher_id is not None:
        left = kept["voucher"]["left_cents"] + line.base_cents
        return kept | {"voucher": kept["voucher"] | {"left_cents": left}}
    if "days" in kept:
        days = [day for _item, day in line.items]
        late = [one for one in kept.get("late", ()) if one["day"] in days]
        return kept | {"days": days} | ({"late": late} if late else {})
    return kept


def _release(
    session: Session, note: Invoice, items: Sequence[int] | None, rows: Sequence[InvoiceLine]
) -> None:
    """Free billed items (all of the lines' for None), naming the credit note that did."""
    mine = InvoiceItem.line_id.in_([row.id for row in rows])
    chosen = mine if items is None else InvoiceItem.id.in_(items)
    session.execute(
        update(InvoiceItem)
        .where(chosen, InvoiceItem.released_by_id.is_(None))
        .values(released_by_id=note.id)
        .execution_options(synchronize_session=False)
    )


def _bill_again(session: Session, line_id: int, items: Sequence[int]) -> None:
    rows = session.execute(
        select(
            InvoiceItem.reservation_id,
            InvoiceItem.attendance_id,
            InvoiceItem.late_id,
            InvoiceItem.carried_id,
            InvoiceItem.home,
        ).where(InvoiceItem.id.in_(items))
    ).all()
    if rows:
        session.execute(insert(InvoiceItem), [dict(row._mapping) | {"line_id": line_id} for row in rows])


def _audit(
    session: Session, actor: Actor, now: datetime, invoice: Invoice, note: Invoice, again: Invoice | None
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action="correct_invoice",
        subject_kind="invoice",
        subject_id=invoice.id,
        family_id=invoice.family_id,
        before={"number": invoice.number, "total_cents": invoice.total_cents},
        after={
            "credit_note": note.number,
            "corrected": again.number if again else None,
            "total_cents": again.total_cents if again else 0,
            "reason": note.reason,
        },
    )
    session.flush()
