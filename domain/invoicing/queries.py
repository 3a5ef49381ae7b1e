"""What screens and documents read of invoices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.invoicing.rules import State
from domain.pricing.explain import (
    FRENCH,
    Pen,
    changed_sentence,
    discount_sentence,
    late_sentence,
    line_sentence,
    voucher_sentence,
)
from domain.pricing.rules import Explanation
from models.family import Family
from models.invoices import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceRun,
    InvoiceRunFamily,
    InvoiceState,
    LineKind,
)

# What a family may still pay to the town; an invoice handed over is the Trésor's to collect.
PAYABLE_STATES = (InvoiceState.ISSUED, InvoiceState.PARTLY_PAID, InvoiceState.REMINDED)


LATE = "Retard : "  # before the activity's name, on the line of a late pick-up


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in a list."""

    id: int
    number: str
    kind: InvoiceKind
    month: date | None
    issued_at: datetime
    due_on: date | None
    total_cents: int
    paid_cents: int
    state: State
    reminded_at: datetime | None

    @property
    def due_cents(self) -> int:
        """What is still to be paid; nothing once it is cancelled, or when it is a credit note."""
        is_owed = self.kind is InvoiceKind.INVOICE and self.state is not State.CANCELLED
        return self.total_cents - self.paid_cents if is_owed else 0

    @property
    def reminded_on(self) -> date | None:
        """The day of the last reminder, None when none was sent."""
        return None if self.reminded_at is None else local_day(self.reminded_at)

    def shown_state(self, today: date) -> str:
        """Return the state, or ``overdue`` when the last day to pay is past."""
        is_late = self.due_cents > 0 and self.due_on is not None and self.due_on < today
        return "overdue" if is_late and self.state in (State.ISSUED, State.PARTLY_PAID) else self.state.value


_COLUMNS = (
    Invoice.id,
    Invoice.number,
    Invoice.kind,
    Invoice.month,
    Invoice.issued_at,
    Invoice.due_on,
    Invoice.total_cents,
    Invoice.paid_cents,
    Invoice.state,
    Invoice.reminded_at,
)


def _row(row: Any) -> InvoiceRow:
    return InvoiceRow(**(dict(row._mapping) | {"state": State(row.state.value)}))


def family_invoices(session: Session, *, family_id: int) -> list[InvoiceRow]:
    """Return a family's invoices and credit notes, the newest first."""
    statement = select(*_COLUMNS).where(Invoice.family_id == family_id)
    return [
        _row(row) for row in session.execute(statement.order_by(Invoice.issued_at.desc(), Invoice.id.desc()))
    ]


def due_invoices(session: Session, *, family_id: int) -> list[InvoiceRow]:
    """Return what a family has to pay to the town, the oldest first."""
    return _unpaid(session, family_id, PAYABLE_STATES)


def handed_over_invoices(session: Session, *, family_id: int) -> list[InvoiceRow]:
    """Return what a family has to pay to the Trésor public, the oldest first."""
    return _unpaid(session, family_id, (InvoiceState.HANDED_OVER,))


def _unpaid(session: Session, family_id: int, states: Sequence[InvoiceState]) -> list[InvoiceRow]:
    statement = select(*_COLUMNS).where(
        Invoice.family_id == family_id,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.state.in_(states),
        Invoice.paid_cents < Invoice.total_cents,
    )
    return [_row(row) for row in session.execute(statement.order_by(Invoice.due_on, Invoice.id))]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line as people read it; ``explanation`` is a list of sentences.

    Args:
        towns_words: what in the label and in the sentences is the town's own, in French in any language.
    """

    id: int
    label: str
    detail: str
    quantity: int
    unit_cents: int
    amount_cents: int
    explanation: tuple[str, ...]
    towns_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The lines of one child, or (no name) of the whole family."""

    child_name: str
    lines: tuple[ShownLine, ...]

    @property
    def subtotal_cents(self) -> int:
        """What they add up to."""
        return sum(line.amount_cents for line in self.lines)


def invoice_groups(session: Session, invoice_id: int, pen: Pen = FRENCH) -> tuple[ShownGroup, ...]:
    """Return the lines of an invoice by child, each with its explanation in the words of a pen."""
    lines = session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    ).all()
    names = dict.fromkeys(line.child_name for line in lines)
    groups = [
        ShownGroup(name, tuple(_shown(line, pen) for line in lines if line.child_name == name))
        for name in names
        if name
    ]
    rest = tuple(_shown(line, pen) for line in lines if not line.child_name)
    return (*groups, ShownGroup("", rest)) if rest else tuple(groups)


def _shown(line: InvoiceLine, pen: Pen) -> ShownLine:
    detail = ""
    if line.kind is LineKind.SERVICE or line.quantity > 1:
        detail = f"{line.quantity} × {pen.euros(line.unit_cents)}"
    return ShownLine(
        id=line.id,
        label=_label(line, pen),
        detail=detail,
        quantity=line.quantity,
        unit_cents=line.unit_cents,
        amount_cents=line.amount_cents,
        explanation=tuple(line_reasons(line.quantity, line.unit_cents, line.explanation, pen)),
        towns_words=(line.label.removeprefix(LATE), *_unit_names(line.explanation)),
    )


def _unit_names(kept: dict[str, Any]) -> tuple[str, ...]:
    price = kept.get("price", kept)
    return tuple(price[name] for name in ("unit_name", "units_name") if name in price)


def _label(line: InvoiceLine, pen: Pen) -> str:
    """Return what a line is called: the activity's own name, or words of ours in the reader's language."""
    if "late" in line.explanation:
        return pen.say("Retard\u00a0: %(activity)s", activity=line.label.removeprefix(LATE))
    if line.activity_id is not None:
        return line.label
    start, _space, number = line.label.rpartition(" ")
    if start == "Différence sur la facture":
        return pen.say("Différence sur la facture %(number)s", number=number)
    ours = {
        "Réduction fratrie": pen.say("Réduction fratrie"),
        "Réduction fratrie, comptée sur les nouveaux prix": pen.say(
            "Réduction fratrie, comptée sur les nouveaux prix"
        ),
        "Report du mois précédent": pen.say("Report du mois précédent"),
    }
    return ours.get(line.label, line.label)


def line_reasons(quantity: int, unit_cents: int, kept: dict[str, Any], pen: Pen = FRENCH) -> Iterable[str]:
    """Yield the sentences of a line's explanation, as it was kept at issue."""
    if "quotient" in kept:
        facts = kept["quotient"]
        yield changed_sentence(
            Explanation.from_dict(kept["price"]),
            facts["before_cents"],
            facts["billed_unit_cents"],
            facts["new_unit_cents"],
            pen,
        )
        yield _days_sentence(kept, pen)
    elif "price" in kept:
        yield line_sentence(quantity, unit_cents, Explanation.from_dict(kept["price"]), pen)
        yield from _late_sentences(kept["late"], pen) if "late" in kept else [_days_sentence(kept, pen)]
    if "discount" in kept:
        facts = kept["discount"]
        yield discount_sentence(
            facts["rank"], facts["percent_bp"], facts["base_cents"], pen, facts.get("price_cents")
        )
    if "voucher" in kept:
        yield voucher_sentence(kept["voucher"]["granted_cents"], kept["voucher"]["left_cents"], pen)
    if "carried" in kept:
        month = pen.day(date.fromisoformat(kept["carried"]["month"]))
        yield pen.say("Somme trop petite pour être facturée seule, mois du %(day)s", day=month)
    for line in kept.get("carried", kept.get("adjustment", {})).get("lines", ()):
        about = f"{line['child_name']}, {line['label']}" if line["child_name"] else line["label"]
        yield from (
            pen.say("%(what)s : %(words)s", what=about, words=sentence)
            for sentence in line_reasons(line["quantity"], line["unit_cents"], line["explanation"], pen)
        )


def _late_sentences(kept: Iterable[dict[str, Any]], pen: Pen) -> Iterable[str]:
    for one in kept:
        siblings = [(other["name"], time.fromisoformat(other["left"])) for other in one["siblings"]]
        day = date.fromisoformat(one["day"])
        left, closes = time.fromisoformat(one["left"]), time.fromisoformat(one["closes"])
        yield late_sentence(day, left, closes, siblings, pen)


def _days_sentence(kept: dict[str, Any], pen: Pen) -> str:
    days = [date.fromisoformat(day) for day in kept.get("days", ())]
    return pen.say("Jours : %(days)s", days=", ".join(written_days(days, pen)))


def written_days(days: Sequence[date], pen: Pen = FRENCH) -> list[str]:
    """Write days shortly, each month once: ``2, 3, 5 nov.``."""
    months: dict[tuple[int, int], list[date]] = {}
    for day in sorted(days):
        months.setdefault((day.year, day.month), []).append(day)
    return [
        ", ".join([*(str(day.day) for day in found[:-1]), pen.day_of_month(found[-1])])
        for found in months.values()
    ]


@dataclass(frozen=True, slots=True)
class LinkedInvoices:
    """The documents that a correction ties to an invoice or a credit note."""

    corrects: Invoice | None
    credit_notes: tuple[Invoice, ...]
    replaces: Invoice | None
    replaced_by: Invoice | None


def linked_invoices(session: Session, invoice: Invoice) -> LinkedInvoices:
    """Return what an invoice corrects, replaces, and is corrected or replaced by; one query."""
    known = [key for key in (invoice.corrects_id, invoice.replaces_id) if key is not None]
    rows = session.scalars(
        select(Invoice)
        .where(
            or_(
                Invoice.id.in_(known),
                Invoice.corrects_id == invoice.id,
                Invoice.replaces_id == invoice.id,
            )
        )
        .order_by(Invoice.id)
    ).all()
    return LinkedInvoices(
        corrects=next((row for row in rows if row.id == invoice.corrects_id), None),
        credit_notes=tuple(row for row in rows if row.corrects_id == invoice.id),
        replaces=next((row for row in rows if row.id == invoice.replaces_id), None),
        replaced_by=next((row for row in rows if row.replaces_id == invoice.id), None),
    )


@dataclass(frozen=True, slots=True)
class RunFamilyRow:
    """A family of a run: what it is invoiced, or what it keeps for its next invoice; neither when all is free."""

    family_id: int
    name: str
    code: str | None
    total_cents: int
    carried_cents: int
    is_done: bool
    anomalies: tuple[str, ...]


def run_families(
    session: Session, run_id: int, *, only_anomalies: bool, offset: int, limit: int
) -> list[RunFamilyRow]:
    """Return families of a run, those with the largest amounts first."""
    statement = (
        select(
            Family.id,
            Family.name,
            Family.code,
            InvoiceRunFamily.total_cents,
            InvoiceRunFamily.carried_cents,
            InvoiceRunFamily.is_done,
            InvoiceRunFamily.anomalies,
        )
        .join(Family, Family.id == InvoiceRunFamily.family_id)
        .where(InvoiceRunFamily.run_id == run_id)
        .order_by(InvoiceRunFamily.total_cents.desc(), Family.id)
        .offset(offset)
        .limit(limit)
    )
    if only_anomalies:
        statement = statement.where(InvoiceRunFamily.anomaly_count > 0)
    return [
        RunFamilyRow(
            row.id, row.name, row.code, row.total_cents, row.carried_cents, row.is_done, tuple(row.anomalies)
        )
        for row in session.execute(statement)
    ]


def recent_runs(session: Session, limit: int = 12) -> list[InvoiceRun]:
    """Return the latest runs, the newest first."""
    return list(session.scalars(select(InvoiceRun).order_by(InvoiceRun.id.desc()).limit(limit)))
