"""Writing invoices: numbers, lines, what each line bills, and the ledger, all in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from domain.actor import Actor
from domain.clock import local_day
from domain.invoicing.addressees import addressees
from domain.invoicing.adjustments import bill_adjustments
from domain.invoicing.late import told_pickup
from domain.invoicing.rules import BillableDay, BilledLine, DiscountLine
from domain.invoicing.vouchers import VoucherUse, spend_vouchers
from domain.invoicing.worked import WorkedMonth
from domain.numbering import take_numbers
from models.activities import Activity
from models.corrections import Adjustment
from models.invoices import (
    CarriedAmount,
    CarriedItem,
    Delivery,
    Invoice,
    InvoiceItem,
    InvoiceKind,
    InvoiceLine,
    InvoiceRun,
    InvoiceState,
    LineKind,
)
from models.payments import LedgerEntry, LedgerKind

SERIES = "F"


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """An invoice just written."""

    id: int
    number: str
    family_id: int
    total_cents: int
    delivery: Delivery
    month: date | None = None
    due_on: date | None = None


def invoice_number(series: str, year: int, sequence: int) -> str:
    """Write a number: ``F2026-000123``."""
    return f"{series}{year}-{sequence:06d}"


def write_invoices(
    session: Session, *, actor: Actor, now: datetime, run: InvoiceRun, months: Iterable[WorkedMonth]
) -> list[IssuedInvoice]:
    """Write the invoices of a batch, and carry what stays below the threshold."""
    kept = list(months)
    _carry(session, actor, now, run, [month for month in kept if month.is_carried])
    issued = [month for month in kept if month.is_issued]
    if not issued:
        return []
    invoices = _write_heads(session, actor, now, run, issued)
    spend_vouchers(
        session, [(use.voucher_id, -use.amount_cents) for month in issued for use in month.vouchers]
    )
    _write_lines(session, issued, invoices)
    entries = [
        {
            "at": now,
            "by": actor.label,
            "family_id": invoice.family_id,
            "kind": LedgerKind.INVOICE,
            "source_id": invoice.id,
            "amount_cents": invoice.total_cents,
        }
        for invoice in invoices
    ]
    session.execute(insert(LedgerEntry), entries)
    return invoices


def _stamp(actor: Actor, now: datetime) -> dict[str, Any]:
    return {"created_at": now, "created_by": actor.label, "updated_at": now, "updated_by": actor.label}


def _write_heads(
    session: Session, actor: Actor, now: datetime, run: InvoiceRun, months: Sequence[WorkedMonth]
) -> list[IssuedInvoice]:
    year = local_day(now).year
    first = take_numbers(session, SERIES, year, len(months))
    payers = addressees(session, [month.source.family_id for month in months])
    rows = []
    for sequence, month in enumerate(months, first):
        payer = payers[month.source.family_id]
        rows.append({
            "kind": InvoiceKind.INVOICE,
            "number": invoice_number(SERIES, year, sequence),
            "series": SERIES,
            "fiscal_year": year,
            "sequence": sequence,
            "family_id": month.source.family_id,
            "run_id": run.id,
            "payer_name": payer.name,
            "payer_address": payer.address,
            "family_code": payer.code,
            "month": run.month,
            "issued_at": now,
            "due_on": run.due_on,
            "total_cents": month.issued_cents,
            "paid_cents": 0,
            "state": InvoiceState.ISSUED if month.issued_cents else InvoiceState.PAID,
            "delivery": payer.delivery,
            **_stamp(actor, now),
        })  # fmt: skip
    session.execute(insert(Invoice), rows)
    written = select(Invoice.sequence, Invoice.id).where(
        Invoice.series == SERIES, Invoice.fiscal_year == year, Invoice.sequence >= first
    )
    ids = dict(session.execute(written).all())
    return [
        IssuedInvoice(
            ids[row["sequence"]],
            row["number"],
            row["family_id"],
            row["total_cents"],
            row["delivery"],
            row["month"],
            row["due_on"],
        )
        for row in rows
    ]


def _write_lines(session: Session, months: Sequence[WorkedMonth], invoices: Sequence[IssuedInvoice]) -> None:
    names = dict(session.execute(select(Activity.id, Activity.name)).all())
    rows: list[dict[str, Any]] = []
    billed: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for month, invoice in zip(months, invoices, strict=True):
        parts = [
            *((_service_row(month, line, names), _day_items(line.days)) for line in month.lines),
            *((_discount_row(month, item), []) for item in month.reductions),
            *((_carried_row(amount), [_item(carried_id=amount.id)]) for amount in month.carried),
            *((_adjustment_row(one), []) for one in month.adjustments),
            *((_voucher_row(use), []) for use in month.vouchers),
        ]
        for position, (row, items) in enumerate(parts, 1):
            rows.append(row | {"invoice_id": invoice.id, "position": position})
            billed[invoice.id, position] = items
    session.execute(insert(InvoiceLine), rows)
    written = select(InvoiceLine.id, InvoiceLine.invoice_id, InvoiceLine.position).where(
        InvoiceLine.invoice_id.in_([invoice.id for invoice in invoices])
    )
    items = [
        item | {"line_id": line_id}
        for line_id, invoice_id, position in session.execute(written)
        for item in billed[invoice_id, position]
    ]
    if items:
        session.execute(insert(InvoiceItem), items)
    for month, invoice in zip(months, invoices, strict=True):
        if month.adjustments:
            bill_adjustments(session, [one.id for one in month.adjustments], invoice.id)


def _item(
    *,
    reservation_id: int | None = None,
    attendance_id: int | None = None,
    late_id: int | None = None,
    carried_id: int | None = None,
    home: int = 0,
) -> dict[str, Any]:
    return {
        "reservation_id": reservation_id,
        "attendance_id": attendance_id,
        "late_id": late_id,
        "carried_id": carried_id,
        "home": home,
    }


def _day_items(days: Iterable[BillableDay]) -> list[dict[str, Any]]:
    return [_day_item(day) for day in days]


def _day_item(day: BillableDay, carried_id: int | None = None) -> dict[str, Any]:
    return _item(
        reservation_id=day.reservation_id,
        attendance_id=day.attendance_id,
        late_id=day.late_id,
        carried_id=carried_id,
        home=day.home,
    )


def _service_row(month: WorkedMonth, line: BilledLine, names: dict[int, str]) -> dict[str, Any]:
    late = [told_pickup(day.day, day.late) for day in line.days if day.late is not None]
    name = names[line.activity_id]
    return {
        "kind": LineKind.SERVICE,
        "child_id": line.child_id,
        "activity_id": line.activity_id,
        "child_name": month.source.children[line.child_id].full_name,
        "label": f"Retard : {name[:1].lower()}{name[1:]}" if late else name,
        "quantity": line.quantity,
        "unit_cents": line.unit_cents,
        "amount_cents": line.amount_cents,
        "explanation": {
            "price": line.explanation.to_dict(),
            "days": [day.day.isoformat() for day in line.days],
            **({"late": late} if late else {}),
        },
    }


def _discount_row(month: WorkedMonth, item: DiscountLine) -> dict[str, Any]:
    return {
        "kind": LineKind.DISCOUNT,
        "child_id": item.child_id,
        "activity_id": None,
        "child_name": month.source.children[item.child_id].full_name,
        "label": "Réduction fratrie",
        "quantity": 1,
        "unit_cents": item.amount_cents,
        "amount_cents": item.amount_cents,
        "explanation": {
            "discount": {
                "rank": item.rank,
                "percent_bp": item.percent_bp,
                "price_cents": item.price_cents,
                "base_cents": item.base_cents,
                "tariff_id": item.tariff_id,
            }
        },
    }


def _carried_row(amount: CarriedAmount) -> dict[str, Any]:
    return {
        "kind": LineKind.CARRIED,
        "child_id": None,
        "activity_id": None,
        "child_name": "",
        "label": "Report du mois précédent",
        "quantity": 1,
        "unit_cents": amount.amount_cents,
        "amount_cents": amount.amount_cents,
        "explanation": {"carried": {"month": amount.month.isoformat(), "lines": amount.lines}},
    }


def _adjustment_row(adjustment: Adjustment) -> dict[str, Any]:
    return {
        "kind": LineKind.ADJUSTMENT,
        "child_id": None,
        "activity_id": None,
        "child_name": "",
        "label": f"Différence sur la facture {adjustment.corrects.number}",
        "quantity": 1,
        "unit_cents": adjustment.amount_cents,
        "amount_cents": adjustment.amount_cents,
        "explanation": {"adjustment": {"lines": adjustment.lines}},
    }


def _voucher_row(use: VoucherUse) -> dict[str, Any]:
    return {
        "kind": LineKind.VOUCHER,
        "child_id": None,
        "activity_id": None,
        "child_name": "",
        "label": f"Aide : {use.name}",
        "quantity": 1,
        "unit_cents": use.amount_cents,
        "amount_cents": use.amount_cents,
        "explanation": {
            "voucher": {
                "id": use.voucher_id,
                "granted_cents": use.granted_cents,
                "left_cents": use.left_cents,
            }
        },
    }


def _carry(
    session: Session, actor: Actor, now: datetime, run: InvoiceRun, months: Sequence[WorkedMonth]
) -> None:
    """Keep months below the threshold, with what they are made of, for the next invoice."""
    if not months:
        return
    names = dict(session.execute(select(Activity.id, Activity.name)).all())
    rows = [
        {
            "family_id": month.source.family_id,
            "run_id": run.id,
            "month": run.month,
            "amount_cents": month.month_cents,
            "lines": [
                *(_told(_service_row(month, line, names)) for line in month.lines),
                *(_told(_discount_row(month, item)) for item in month.reductions),
            ],
            **_stamp(actor, now),
        }
        for month in months
    ]
    ids = session.scalars(
        insert(CarriedAmount).returning(CarriedAmount.id, sort_by_parameter_order=True), rows
    ).all()
    items = [
        _day_item(day, carried_id)
        for carried_id, month in zip(ids, months, strict=True)
        for line in month.lines
        for day in line.days
    ]
    session.execute(insert(CarriedItem), items)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a carried line keeps of itself."""
    names = (
        "child_id", "activity_id", "child_name", "label", "quantity", "unit_cents", "amount_cents", "explanation",
    )  # fmt: skip
    return {name: row[name] for name in names}
