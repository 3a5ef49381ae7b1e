"""What a month bills: reservations and roll-calls of a batch of families, priced day by day.

A batch is read in a fixed number of queries, whatever its size; nothing is written here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from domain.attendance.rules import (
    AbsencePolicy,
    BillingBasis,
    Booking,
    DayRecord,
    Justification,
    billing_basis,
)
from domain.dates import next_month
from domain.invoicing.days import BookedDay, Scope, UnbookedDay, booked_days, unbooked_days
from domain.invoicing.excused import excused_days
from domain.invoicing.late import FoundPickup, read_late
from domain.invoicing.payers import Quoters, read_quoters
from domain.invoicing.rules import BillableDay
from domain.invoicing.shared import Billed, Part, Sharing, read_sharing
from domain.invoicing.stays import attended_hour, stayed_until
from domain.pricing.formulas import booked_formula, formula_attended
from domain.pricing.quotes import Key
from domain.pricing.rules import Price, Situation
from domain.reservations.catalogue import Catalogue, FormulaView
from models.activities import ActivityDay
from models.attendance import ActivityEvent, Presence
from models.family import Child
from models.reservations import ReservationState
from models.schools import EnrolmentState, SchoolEnrolment
from models.town import Town

SITUATIONS = {
    BillingBasis.NORMAL: Situation.NORMAL,
    BillingBasis.ABSENCE: Situation.ABSENCE,
    BillingBasis.WAITING_DAY: Situation.ABSENCE,
    BillingBasis.UNRESERVED: Situation.UNRESERVED,
}
BOOKINGS: Mapping[str, Booking] = {
    ReservationState.RESERVED: Booking.RESERVED,
    ReservationState.LATE_CANCELLED: Booking.LATE_CANCELLED,
}
FoundDay = TypeVar("FoundDay", BookedDay, UnbookedDay)


@dataclass(frozen=True, slots=True)
class Policy:
    """The town's rules for a month."""

    absences: AbsencePolicy
    is_retaken_free: bool


@dataclass(frozen=True, slots=True)
class BilledChild:
    """A child as an invoice names it."""

    id: int
    full_name: str
    born_on: date


@dataclass
class FamilyMonth:
    """What a family's month comes to, before reductions."""

    family_id: int
    days: list[BillableDay] = field(default_factory=list)
    children: dict[int, BilledChild] = field(default_factory=dict)
    day_count: int = 0
    uncalled_count: int = 0
    has_quotient: bool = True

    @property
    def ranks(self) -> dict[int, int]:
        """The place of each child among those billed, eldest first, from 1."""
        ordered = sorted(self.children.values(), key=lambda child: (child.born_on, child.id))
        return {child.id: rank for rank, child in enumerate(ordered, 1)}


def read_policy(session: Session) -> Policy:
    """Return the town's rules on absences."""
    town = session.execute(
        select(
            Town.justification_hours,
            Town.justification_limit_days,
            Town.waiting_days,
            Town.late_cancel_free_if_retaken,
        )
    ).one()
    absences = AbsencePolicy(town.justification_hours, town.justification_limit_days, town.waiting_days)
    return Policy(absences, town.late_cancel_free_if_retaken)


class MonthReader:
    """Reads and prices the month of one batch of families after the other."""

    def __init__(
        self,
        session: Session,
        *,
        month: date,
        today: date,
        settings: Catalogue,
        include_billed: bool = False,
        known_at: datetime | None = None,
    ) -> None:
        """Prepare a month.

        Args:
            month: its first day.
            today: days from here on need no roll-call yet.
            settings: the activities and tariffs in force.
            include_billed: read again what is invoiced or carried already, to compare it with what was issued.
            known_at: read the histories as they were known then; what was written later does not count.
        """
        self._session = session
        self._first, self._end = month, next_month(month)
        self._today = today
        self._settings = settings
        self._include_billed = include_billed
        self._known_at = known_at
        self._policy = read_policy(session)
        self._known: dict[Key, Price] = {}
        self._events = {
            (row.activity_day_id, row.school_class_id)
            for row in session.execute(
                select(ActivityEvent.activity_day_id, ActivityEvent.school_class_id)
                .join(ActivityDay, ActivityDay.id == ActivityEvent.activity_day_id)
                .where(
                    ActivityDay.day >= self._first,
                    ActivityDay.day < self._end,
                    true() if known_at is None else ActivityEvent.created_at <= known_at,
                )
            )
        }
        self._classes: Mapping[int, set[int]] = {}
        self._sharing = Sharing()

    def read(self, family_ids: Sequence[int]) -> list[FamilyMonth]:
        """Return the month of each family of a batch, priced; those with nothing left to bill have no day."""
        self._sharing = read_sharing(
            self._session, family_ids, first=self._first, end=self._end, known_at=self._known_at
        )
        scope = Scope(
            family_ids,
            self._sharing.child_ids,
            self._first,
            self._end,
            include_billed=self._include_billed,
            known_at=self._known_at,
        )
        booked = booked_days(self._session, scope)
        came = unbooked_days(self._session, scope)
        late = read_late(
            self._session,
            family_ids,
            first=self._first,
            end=self._end,
            settings=self._settings,
            include_billed=self._include_billed,
            known_at=self._known_at,
        )
        child_ids = {row.child_id for rows in (booked, came, late) for row in rows}
        children = self._children(child_ids)
        quoters = read_quoters(self._session, family_ids, child_ids, self._known, self._known_at)
        excused = excused_days(
            self._session,
            booked,
            first=self._first,
            end=self._end,
            settings=self._settings,
            policy=self._policy.absences,
            known_at=self._known_at,
        )
        self._classes = self._classes_of(child_ids)
        months = {family_id: FamilyMonth(family_id) for family_id in family_ids}
        for reserved, part in self._parts(booked, months, "reservation_id"):
            self._bill_booked(months[part.family_id], reserved, part, quoters, excused)
        for present, part in self._parts(came, months, "attendance_id"):
            self._bill_unbooked(months[part.family_id], present, part, quoters)
        for pickup in late:
            self._bill_late(months[pickup.family_id], pickup, quoters)
        for found in months.values():
            seen = {day.child_id for day in found.days}
            found.children = {child_id: children[child_id] for child_id in seen}
        return list(months.values())

    def _parts(
        self, rows: Sequence[FoundDay], months: Mapping[int, FamilyMonth], subject: str
    ) -> Iterator[tuple[FoundDay, Part]]:
        """Give what each family of the batch is to be billed of each day."""
        shared = frozenset(self._sharing.child_ids)
        whole = {family_id: Part(family_id) for family_id in months}
        looked_at = [] if self._include_billed else [row.id for row in rows if row.child_id in shared]
        billed = Billed(self._session, subject, looked_at)
        for row in rows:
            if row.child_id not in shared:
                yield row, whole[row.family_id]
                continue
            for part in self._sharing.parts(row.child_id, row.family_id, row.day):
                if part.family_id in months and not billed.holds(row.id, part):
                    yield row, part

    def _children(self, child_ids: Iterable[int]) -> dict[int, BilledChild]:
        rows = self._session.execute(
            select(Child.id, Child.given_name, Child.family_name, Child.born_on).where(
                Child.id.in_(sorted(child_ids))
            )
        )
        return {
            row.id: BilledChild(row.id, f"{row.given_name} {row.family_name}".strip(), row.born_on)
            for row in rows
        }

    def _bill_booked(
        self,
        month: FamilyMonth,
        row: BookedDay,
        part: Part,
        quoters: Quoters,
        excused: Mapping[tuple[int, date], Justification],
    ) -> None:
        month.day_count += 1
        booking, presence = BOOKINGS[row.state], row.presence
        if presence is None and booking is Booking.RESERVED and row.day < self._today:
            month.uncalled_count += 1
        record = DayRecord(
            booking,
            attended=None if presence is None else presence == Presence.PRESENT,
            justification=excused.get((row.child_id, row.day), Justification.NONE),
            is_event=row.closed_reason is not None or self._is_event(row),
            is_place_retaken=row.taken >= row.places,
        )
        basis = billing_basis(record, retaken_is_free=self._policy.is_retaken_free)
        if basis is not BillingBasis.FREE:
            activity = self._settings.activities[row.activity_id]
            formula = booked_formula(activity.formulas, row.formula_id)
            price = self._price(month, row, quoters, basis, formula)
            month.days.append(
                BillableDay(
                    row.child_id,
                    row.activity_id,
                    activity.tariff.id,
                    row.day,
                    part.price(price),
                    reservation_id=row.id,
                    home=part.home,
                )
            )

    def _is_event(self, row: BookedDay) -> bool:
        """Whether an event freed the whole activity that day, or the child's class."""
        if not self._events:
            return False
        if (row.activity_day_id, None) in self._events:
            return True
        return any(
            (row.activity_day_id, class_id) in self._events
            for class_id in self._classes.get(row.child_id, ())
        )

    def _classes_of(self, child_ids: Iterable[int]) -> Mapping[int, set[int]]:
        """Return the classes of children, when an event of the month concerns a class at all."""
        found: dict[int, set[int]] = defaultdict(set)
        class_ids = {class_id for _day_id, class_id in self._events if class_id is not None}
        if class_ids:
            enrolled = select(SchoolEnrolment.child_id, SchoolEnrolment.school_class_id).where(
                SchoolEnrolment.child_id.in_(sorted(child_ids)),
                SchoolEnrolment.school_class_id.in_(class_ids),
                SchoolEnrolment.state == EnrolmentState.VALIDATED,
            )
            for child_id, class_id in self._session.execute(enrolled):
                if class_id is not None:
                    found[child_id].add(class_id)
        return found

    def _bill_unbooked(self, month: FamilyMonth, row: UnbookedDay, part: Part, quoters: Quoters) -> None:
        month.day_count += 1
        activity = self._settings.activities[row.activity_id]
        formula = formula_attended(
            activity.formulas, attended_hour(row.arrived_at), attended_hour(row.left_at)
        )
        price = self._price(month, row, quoters, BillingBasis.UNRESERVED, formula)
        month.days.append(
            BillableDay(
                row.child_id,
                row.activity_id,
                activity.tariff.id,
                row.day,
                part.price(price),
                attendance_id=row.id,
                home=part.home,
            )
        )

    def _bill_late(self, month: FamilyMonth, one: FoundPickup, quoters: Quoters) -> None:
        """Bill a late pick-up besides the day; nothing where the council voted no price for it."""
        price = quoters[one.family_id, one.child_id].quote(
            one.activity, one.formula, one.day, Situation.LATE, one.told.minutes
        )
        if price.unit_cents:
            month.days.append(
                BillableDay(
                    child_id=one.child_id,
                    activity_id=one.activity.id,
                    tariff_id=one.activity.tariff.id,
                    day=one.day,
                    price=price,
                    late_id=one.id,
                    late=one.told,
                )
            )

    def _price(
        self,
        month: FamilyMonth,
        row: BookedDay | UnbookedDay,
        quoters: Quoters,
        basis: BillingBasis,
        formula: FormulaView | None,
    ) -> Price:
        """Return the whole price of a day."""
        activity = self._settings.activities[row.activity_id]
        quoter = quoters[month.family_id, row.child_id]
        month.has_quotient = month.has_quotient and quoter.has_quotient(row.day)
        return quoter.quote(activity, formula, row.day, SITUATIONS[basis], stayed_until(activity, row))
