"""A quotient that changes for months already invoiced: the difference is a credit, a line, or refused by policy.

What is issued is never changed. Only the quotient's own effect counts: a day whose situation or residence reads
otherwise today is left to a correction.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.invoicing.billing import MonthReader
from domain.invoicing.correction import IssuedLine, discounts_again
from domain.invoicing.credit import SERIES, issued_lines, write_head
from domain.invoicing.rules import BillableDay, retroactive_credit
from domain.payments.sharing import share_credit_note
from domain.reservations.catalogue import catalogue
from models.corrections import Adjustment, QuotientRevision
from models.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, LineKind
from models.town import RetroactivePolicy, Town

# What a line bills: a reservation or an attendance.
Subject = tuple[int | None, int | None, int | None]
# By line and day: how the last revision explained the price.
Earlier = dict[int, dict[str, dict[str, Any]]]
# What must read as it did for a price to have changed by the quotient alone.
ALIKE = ("situation", "residence", "valid_from", "share_percent")
# What a difference keeps of each of its lines.
KEPT = (
    "credits_id", "child_id", "activity_id", "child_name", "label", "quantity", "unit_cents", "amount_cents",
    "explanation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RevisedLine:
    """A part of a line of an issued invoice at its price with the new quotient."""

    line_id: int
    quantity: int
    billed_unit_cents: int
    new_unit_cents: int
    explanation: dict[str, Any]

    @property
    def difference_cents(self) -> int:
        """What the part gives back (negative) or asks for."""
        return retroactive_credit(self.quantity, self.billed_unit_cents, self.new_unit_cents)


@dataclass(frozen=True, slots=True)
class RevisedInvoice:
    """What the new quotient changes in an issued invoice."""

    invoice: Invoice
    lines: tuple[RevisedLine, ...]
    discount_cents: int

    @property
    def difference_cents(self) -> int:
        """What the invoice gives back (negative) or asks for, discounts included."""
        return sum(line.difference_cents for line in self.lines) + self.discount_cents


def revised_invoices(session: Session, *, family_id: int, since: date, now: datetime) -> list[RevisedInvoice]:
    """Return the issued invoices that the quotients in force today would price otherwise, since a day."""
    invoices = session.scalars(
        select(Invoice)
        .where(
            Invoice.family_id == family_id,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state != InvoiceState.CANCELLED,
            Invoice.month >= since.replace(day=1),
        )
        .order_by(Invoice.month, Invoice.id)
    ).all()
    found = [_revised(session, invoice, since, now) for invoice in invoices]
    return [one for one in found if one.difference_cents]


def _revised(session: Session, invoice: Invoice, since: date, now: datetime) -> RevisedInvoice:
    rows = session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position)
    ).all()
    again = _priced_again(session, invoice, now)
    subjects = _subjects(session, [row.id for row in rows])
    earlier, discounted = _earlier(session, invoice)
    parts: list[RevisedLine] = []
    units: dict[int, dict[str, int]] = {}
    for row in rows:
        if row.kind is LineKind.SERVICE:
            days = [again[key] for key in subjects.get(row.id, ()) if key in again]
            fresh = [day for day in days if day.day >= since]
            found, units[row.id] = _revised_parts(row, fresh, earlier.get(row.id, {}))
            parts += found
    discount = _discount_difference(issued_lines(session, rows), units) - discounted if parts else 0
    return RevisedInvoice(invoice, tuple(parts), discount)


def _priced_again(session: Session, invoice: Invoice, now: datetime) -> dict[Subject, BillableDay]:
    """Return the days of an invoice's month at today's quotients, by what they bill."""
    if invoice.month is None:
        return {}
    reader = MonthReader(
        session, month=invoice.month, today=local_day(now), settings=catalogue(session), include_billed=True
    )
    [month] = reader.read([invoice.family_id])
    return {day.subject[:-1]: day for day in month.days}


def _subjects(session: Session, line_ids: Sequence[int]) -> Mapping[int, list[Subject]]:
    """Return what each line bills: reservations, attendances and late pick-ups."""
    found: dict[int, list[Subject]] = defaultdict(list)
    rows = session.execute(
        select(
            InvoiceItem.line_id, InvoiceItem.reservation_id, InvoiceItem.attendance_id, InvoiceItem.late_id
        ).where(
            InvoiceItem.line_id.in_(line_ids),
            InvoiceItem.released_by_id.is_(None),
            InvoiceItem.carried_id.is_(None),
        )
    )
    for line_id, reservation_id, attendance_id, late_id in rows:
        found[line_id].append((reservation_id, attendance_id, late_id))
    return found


def _earlier(session: Session, invoice: Invoice) -> tuple[Earlier, int]:
    """Return what earlier revisions made of an invoice: by line and day the explanation, and the discounts' part."""
    notes = session.execute(
        select(InvoiceLine.credits_id, InvoiceLine.explanation, -InvoiceLine.amount_cents, Invoice.issued_at)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.corrects_id == invoice.id, InvoiceLine.kind == LineKind.ADJUSTMENT)
    )
    kept = session.scalars(select(Adjustment).where(Adjustment.corrects_id == invoice.id))
    written = [(at, line_id, explanation, cents) for line_id, explanation, cents, at in notes]
    written += [
        (row.created_at, line["credits_id"], line["explanation"], line["amount_cents"])
        for row in kept
        for line in row.lines
    ]
    found: Earlier = defaultdict(dict)
    discounted = 0
    for _at, line_id, explanation, cents in sorted(written, key=lambda one: one[0]):
        if line_id is None:
            discounted += cents
        else:
            found[line_id] |= dict.fromkeys(explanation["days"], explanation)
    return found, discounted


def _revised_parts(
    row: InvoiceLine, days: Sequence[BillableDay], earlier: Mapping[str, dict[str, Any]]
) -> tuple[list[RevisedLine], dict[str, int]]:
    """Group a line's days by their price before and now, and return each day's price now.

    A day that something else than the quotient would price otherwise is left as it is.
    """
    now: dict[str, int] = {}
    for day in row.explanation["days"]:
        now[day] = earlier[day]["quotient"]["new_unit_cents"] if day in earlier else row.unit_cents
    groups: dict[tuple[int, int, int | None], list[BillableDay]] = defaultdict(list)
    for one in days:
        day = one.day.isoformat()
        was = earlier.get(day, row.explanation)["price"]
        reads = one.price.explanation.to_dict()
        is_alike = all(reads.get(name) == was.get(name) for name in ALIKE)
        changes = reads.get("quotient_cents") != was.get("quotient_cents")
        if is_alike and changes and one.price.unit_cents != now[day]:
            groups[now[day], one.price.unit_cents, was.get("quotient_cents")].append(one)
            now[day] = one.price.unit_cents
    parts = [
        RevisedLine(row.id, len(found), before, after, _told(found, before, after, quotient))
        for (before, after, quotient), found in groups.items()
    ]
    return parts, now


def _told(days: Sequence[BillableDay], before: int, after: int, quotient: int | None) -> dict[str, Any]:
    """Return the explanation of a difference."""
    return {
        "price": days[0].price.explanation.to_dict(),
        "days": [day.day.isoformat() for day in days],
        "quotient": {"before_cents": quotient, "billed_unit_cents": before, "new_unit_cents": after},
    }


def _discount_difference(lines: Sequence[IssuedLine], units: Mapping[int, Mapping[str, int]]) -> int:
    """Return what sibling discounts give back or ask for since the issue, counted on each day's price now."""
    priced = [
        replace(line, quantity=count, unit_cents=unit, amount_cents=count * unit)
        for line in lines
        if line.is_service
        for unit, count in Counter(units[line.id].values()).items()
    ]
    billed = sum(line.amount_cents for line in lines if line.reduction is not None)
    return sum(line.amount_cents for line in discounts_again(lines, priced)) - billed


def apply_quotient(
    session: Session, *, actor: Actor, now: datetime, family_id: int, quotient_id: int, since: date
) -> QuotientRevision:
    """Draw the consequences of a new quotient on issued months, as the town's policy says, and keep what was done.

    16 meals at 3,06 € that are 2,52 € with the new quotient give back 8,64 €: as a credit note, as a line of the
    next invoice, or not at all, and then the file says why. More to pay is always a line of the next invoice.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT, Role.REGISSEUR)
    town = session.scalars(select(Town)).one()
    revised = revised_invoices(session, family_id=family_id, since=since, now=now)
    difference = sum(one.difference_cents for one in revised)
    policy = town.retroactive_policy
    is_refused = policy is RetroactivePolicy.REFUSED and bool(revised)
    revision = QuotientRevision(
        family_id=family_id,
        quotient_id=quotient_id,
        policy=policy,
        difference_cents=difference,
        applied_cents=0 if is_refused else difference,
        reason=town.retroactive_reason if is_refused else "",
    )
    session.add(revision)
    session.flush()
    if not is_refused:
        for one in revised:
            if policy is RetroactivePolicy.CREDIT and one.difference_cents < 0:
                _credit(session, actor, now, one)
            else:
                _adjust(session, one, revision.id)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="apply_quotient",
        subject_kind="quotient_familial",
        subject_id=quotient_id,
        family_id=family_id,
        after={
            "policy": policy.value,
            "difference_cents": difference,
            "applied_cents": revision.applied_cents,
            "reason": revision.reason,
        },
    )
    session.flush()
    return revision


def _credit(session: Session, actor: Actor, now: datetime, revised: RevisedInvoice) -> Invoice:
    """Give the difference back by a credit note that names the invoice, which stays as it is."""
    invoice = revised.invoice
    note = write_head(
        session,
        actor,
        now,
        invoice,
        series=SERIES,
        total_cents=-revised.difference_cents,
        reason="Quotient familial changé pour ce mois.",
    )
    rows = _difference_rows(session, revised, sign=-1)
    session.add_all(
        InvoiceLine(invoice_id=note.id, position=place, **row) for place, row in enumerate(rows, 1)
    )
    session.flush()
    share_credit_note(session, note, (invoice.id,))
    return note


def _adjust(session: Session, revised: RevisedInvoice, revision_id: int) -> None:
    """Keep the difference for the next invoice."""
    session.add(
        Adjustment(
            family_id=revised.invoice.family_id,
            corrects_id=revised.invoice.id,
            revision_id=revision_id,
            amount_cents=revised.difference_cents,
            lines=[{name: row[name] for name in KEPT} for row in _difference_rows(session, revised, sign=1)],
        )
    )
    session.flush()


def _difference_rows(session: Session, revised: RevisedInvoice, *, sign: int) -> list[dict[str, Any]]:
    """Return lines that add up to the difference, times a sign."""
    ids = [line.line_id for line in revised.lines]
    rows = {row.id: row for row in session.scalars(select(InvoiceLine).where(InvoiceLine.id.in_(ids)))}
    found: list[dict[str, Any]] = [
        {
            "kind": LineKind.ADJUSTMENT,
            "child_id": rows[line.line_id].child_id,
            "activity_id": rows[line.line_id].activity_id,
            "child_name": rows[line.line_id].child_name,
            "credits_id": line.line_id,
            "label": rows[line.line_id].label,
            "quantity": line.quantity,
            "unit_cents": sign * (line.new_unit_cents - line.billed_unit_cents),
            "amount_cents": sign * line.difference_cents,
            "explanation": line.explanation,
        }
        for line in revised.lines
    ]
    if revised.discount_cents:
        found.append(
            {
                "kind": LineKind.ADJUSTMENT,
                "child_id": None,
                "activity_id": None,
                "child_name": "",
                "credits_id": None,
                "label": "Réduction fratrie, comptée sur les nouveaux prix",
                "quantity": 1,
                "unit_cents": sign * revised.discount_cents,
                "amount_cents": sign * revised.discount_cents,
                "explanation": {},
            }
        )
    return found
