"""What was billed by a tariff, with the facts that its prices came from; a month in a few queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from domain.invoicing.rules import Discount
from domain.invoicing.stays import attended_hour, stayed_until
from domain.pricing.formulas import booked_formula, formula_attended
from domain.pricing.quotients import Quotient, quotient_on
from domain.pricing.rules import Method, PriceFacts, Residence, Situation, Tariff
from domain.reservations.catalogue import ActivityView
from domain.simulations.rules import GivenDiscount, TriedInvoice, TriedLine
from models.attendance import Attendance
from models.invoices import (
    CarriedAmount,
    Invoice,
    InvoiceItem,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    LineKind,
)
from models.quotients import QuotientFamilial
from models.reservations import Reservation
from models.tariffs import TariffSimulation, TariffVersion

# A day of a line: the day, the formula's key, and how long the child stayed.
Stay = tuple[str, str, int]
BY_QUOTIENT = {Method.EFFORT.value, Method.BANDS.value}


@dataclass(frozen=True, slots=True)
class MonthBilled:
    """A month: its invoices, and what was put aside for a later invoice, which a trial leaves out."""

    invoices: list[TriedInvoice]
    carried_cents: int


class BilledReader:
    """Reads what one tariff billed, month after month."""

    def __init__(
        self,
        session: Session,
        *,
        tariff: Tariff,
        activities: Iterable[ActivityView],
        needs_minutes: bool,
    ) -> None:
        """Prepare the reading.

        Args:
            tariff: with the versions in force, which priced what was billed.
            activities: those that use the tariff.
            needs_minutes: whether a price depends on how long the child stayed.
        """
        self._session = session
        self._tariff = tariff
        self._versions = {version.valid_from.isoformat(): version for version in tariff.versions}
        self._activities = {activity.id: activity for activity in activities}
        self._detailed = {
            activity.id for activity in self._activities.values() if needs_minutes or activity.formulas
        }
        self._quotients: dict[int, list[Quotient]] | None = None

    def read(self, month: date) -> MonthBilled:
        """Return a month's issued invoices as a trial reads them."""
        rows = self._session.execute(
            select(
                InvoiceLine.id,
                InvoiceLine.invoice_id,
                InvoiceLine.child_id,
                InvoiceLine.activity_id,
                InvoiceLine.quantity,
                InvoiceLine.unit_cents,
                InvoiceLine.explanation,
                Invoice.family_id,
            )
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(*_issued(month), self._is_ours(self._activities))
            .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
        ).all()
        stays = self._stays(month)
        families: dict[int, int] = {}
        lines: dict[int, list[TriedLine]] = defaultdict(list)
        for row in rows:
            families[row.invoice_id] = row.family_id
            lines[row.invoice_id] += self._parts(row, stays.get(row.id))
        discounts = self._discounts(month)
        invoices = [
            TriedInvoice(families[invoice_id], month, found, discounts.get(invoice_id, ()))
            for invoice_id, found in lines.items()
        ]
        return MonthBilled(invoices, self._carried_cents(month))

    @staticmethod
    def _is_ours(activities: Iterable[int]) -> ColumnElement[bool]:
        return and_(InvoiceLine.kind == LineKind.SERVICE, InvoiceLine.activity_id.in_(sorted(activities)))

    def _parts(self, row: Any, stays: Sequence[Stay] | None) -> Iterator[TriedLine]:
        """Yield a line's days, those that are alike together."""
        price = row.explanation["price"]
        activity = self._activities[row.activity_id]
        if "late" in row.explanation:
            stays = [(one["day"], one["formula"], one["minutes"]) for one in row.explanation["late"]]
        if stays is None or len(stays) != row.quantity:
            stays = [(day, "", activity.minutes) for day in row.explanation["days"]]
        # Most lines have one case for all of their days: tuples are counted first, facts made once for each.
        counted = Counter(
            (self._quotient(row.family_id, price, day), formula_key, minutes)
            for day, formula_key, minutes in stays
        )
        version = self._versions.get(price["valid_from"])
        residence, situation = Residence(price["residence"]), Situation(price["situation"])
        for (quotient_cents, formula_key, minutes), quantity in counted.items():
            facts = PriceFacts(quotient_cents, residence, situation, formula_key, minutes)
            yield TriedLine(row.child_id, self._tariff.id, quantity, row.unit_cents, facts, version)

    def _quotient(self, family_id: int, price: Mapping[str, Any], day: str) -> int | None:
        """Return the quotient that a day was priced at, or, where its price asked for none, that of the day."""
        if "quotient_cents" in price:
            return int(price["quotient_cents"])
        if price["method"] in BY_QUOTIENT:
            return None
        if self._quotients is None:
            self._quotients = self._histories()
        return quotient_on(self._quotients.get(family_id, ()), date.fromisoformat(day))

    def _histories(self) -> dict[int, list[Quotient]]:
        found: dict[int, list[Quotient]] = defaultdict(list)
        rows = self._session.execute(
            select(
                QuotientFamilial.family_id,
                QuotientFamilial.value_cents,
                QuotientFamilial.valid_from,
                QuotientFamilial.valid_to,
            ).order_by(QuotientFamilial.id)
        )
        for family_id, value_cents, valid_from, valid_to in rows:
            found[family_id].append(Quotient(value_cents, valid_from, valid_to))
        return found

    def _stays(self, month: date) -> dict[int, list[Stay]]:
        """Return, by line, the formula and the length of each stay, where a price may depend on them."""
        found: dict[int, list[Stay]] = defaultdict(list)
        if not self._detailed:
            return found
        called = and_(
            Attendance.child_id == Reservation.child_id,
            Attendance.activity_day_id == Reservation.activity_day_id,
        )
        columns = (InvoiceItem.line_id, InvoiceLine.activity_id, Attendance.arrived_at, Attendance.left_at)
        booked = (
            select(*columns, Reservation.day, Reservation.formula_id)
            .join(Reservation, Reservation.id == InvoiceItem.reservation_id)
            .outerjoin(Attendance, called)
        )
        came = select(*columns, Attendance.day).join(Attendance, Attendance.id == InvoiceItem.attendance_id)
        for row in self._items(booked, month):
            formula = booked_formula(self._activities[row.activity_id].formulas, row.formula_id)
            found[row.line_id].append(self._stay(row, formula))
        for row in self._items(came, month):
            formula = formula_attended(
                self._activities[row.activity_id].formulas,
                attended_hour(row.arrived_at),
                attended_hour(row.left_at),
            )
            found[row.line_id].append(self._stay(row, formula))
        return found

    def _items(self, statement: Any, month: date) -> Iterable[Any]:
        return self._session.execute(
            statement.join(InvoiceLine, InvoiceLine.id == InvoiceItem.line_id)
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(*_issued(month), self._is_ours(self._detailed), InvoiceItem.released_by_id.is_(None))
        )

    def _stay(self, row: Any, formula: Any) -> Stay:
        minutes = stayed_until(self._activities[row.activity_id], row)
        if minutes is None:
            minutes = formula.minutes if formula else self._activities[row.activity_id].minutes
        return row.day.isoformat(), formula.key if formula else "", minutes

    def _discounts(self, month: date) -> dict[int, list[GivenDiscount]]:
        """Return the sibling discounts, of this tariff or on the whole bill, by invoice."""
        found: dict[int, list[GivenDiscount]] = defaultdict(list)
        rows = self._session.execute(
            select(
                InvoiceLine.invoice_id,
                InvoiceLine.child_id,
                InvoiceLine.amount_cents,
                InvoiceLine.explanation,
            )
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(*_issued(month), InvoiceLine.kind == LineKind.DISCOUNT)
        )
        for row in rows:
            facts = row.explanation["discount"]
            if row.child_id is None or facts["tariff_id"] not in (None, self._tariff.id):
                continue
            discount = Discount(
                facts["rank"], facts["percent_bp"], facts["tariff_id"], facts.get("price_cents")
            )
            given = GivenDiscount(row.child_id, discount, facts["base_cents"], row.amount_cents)
            found[row.invoice_id].append(given)
        return found

    def _carried_cents(self, month: date) -> int:
        """Return what of this tariff was put aside that month, for a later invoice."""
        kept = self._session.scalars(select(CarriedAmount.lines).where(CarriedAmount.month == month))
        return sum(
            line["amount_cents"]
            for lines in kept
            for line in lines
            if line["explanation"].get("price", {}).get("tariff") == self._tariff.name
        )


def _issued(month: date) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of a month's invoices that stand."""
    return (
        Invoice.month == month,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.state != InvoiceState.CANCELLED,
    )


def recent_simulations(session: Session, *, version_id: int | None = None, limit: int = 30) -> list[Any]:
    """Return the latest simulations with their versions, the newest first."""
    statement = select(TariffSimulation, TariffVersion).join(
        TariffVersion, TariffVersion.id == TariffSimulation.version_id
    )
    if version_id is not None:
        statement = statement.where(TariffSimulation.version_id == version_id)
    return list(session.execute(statement.order_by(TariffSimulation.id.desc()).limit(limit)))


def issued_months(session: Session) -> list[date]:
    """Return the months that have invoices, the latest first."""
    statement = select(Invoice.month).where(Invoice.month.is_not(None)).distinct()
    return sorted((month for month in session.scalars(statement) if month), reverse=True)
