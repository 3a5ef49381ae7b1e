"""What vouchers may settle of invoices: by activity and by the child's age on each day."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.dates import age
from domain.invoicing.queries import due_invoices
from domain.payments import rules
from models.activities import Activity
from models.family import Child
from models.invoices import InvoiceLine, LineKind
from models.payments import Allocation, Payment, PaymentMeans


def voucher_rooms(session: Session, means: PaymentMeans, invoice_ids: Collection[int]) -> dict[int, int]:
    """Return, by invoice, what this means may still settle of it, in cents; an invoice with no room is left out.

    A late pick-up is a penalty, which no voucher settles. A discount takes its share of each other line. A sum carried from another month is not told apart, so no voucher
    settles it.
    """
    items: dict[int, list[rules.Payable]] = {}
    discounts: dict[int, int] = {}
    rows = session.execute(
        select(InvoiceLine, Activity.kind, Child.born_on)
        .outerjoin(Activity, Activity.id == InvoiceLine.activity_id)
        .outerjoin(Child, Child.id == InvoiceLine.child_id)
        .where(InvoiceLine.invoice_id.in_(invoice_ids))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    for line, kind, born_on in rows:
        if "late" in line.explanation:
            continue
        if line.kind is LineKind.SERVICE and kind is not None and born_on is not None:
            items.setdefault(line.invoice_id, []).extend(_payables(line, kind.value, born_on))
        elif line.amount_cents < 0:
            discounts[line.invoice_id] = discounts.get(line.invoice_id, 0) - line.amount_cents
    used = _used(session, means, invoice_ids)
    rooms = {
        invoice_id: rules.voucher_room(
            means.value,
            found,
            discount_cents=discounts.get(invoice_id, 0),
            used_cents=used.get(invoice_id, 0),
        )
        for invoice_id, found in items.items()
    }
    return {invoice_id: cents for invoice_id, cents in rooms.items() if cents}


def voucher_limit(session: Session, means: PaymentMeans, family_id: int) -> int:
    """Return what this means may settle today of what a family owes, in cents."""
    due = {row.id: row.due_cents for row in due_invoices(session, family_id=family_id)}
    rooms = voucher_rooms(session, means, due)
    return sum(min(cents, due[invoice_id]) for invoice_id, cents in rooms.items())


def _payables(line: InvoiceLine, kind: str, born_on: date) -> Iterator[rules.Payable]:
    """Tell the days before the sixth birthday from the others."""
    days = [date.fromisoformat(day) for day in line.explanation.get("days", ())]
    young = sum(1 for day in days if age(born_on, day) < rules.SIX_YEARS)
    for is_under_six, quantity in ((True, young), (False, line.quantity - young)):
        if quantity:
            yield rules.Payable(kind, is_under_six, quantity * line.unit_cents)


def _used(session: Session, means: PaymentMeans, invoice_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(Allocation.invoice_id, func.sum(Allocation.amount_cents))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(
            Allocation.invoice_id.in_(invoice_ids),
            Allocation.released_at.is_(None),
            Payment.means == means,
        )
        .group_by(Allocation.invoice_id)
    )
    return {invoice_id: int(cents) for invoice_id, cents in rows}
