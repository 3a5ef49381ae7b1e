"""What the parent's pages read: the month's grid of a child, and the week of all of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.dates import DayRange, month_weeks, next_month
from domain.pricing.quotes import Quoter
from domain.reservations.catalogue import ActivityView, Catalogue, FormulaView, catalogue
from domain.reservations.facts import ChildSheet, DayRow, child_sheet, day_rows, without_reservation
from domain.reservations.judging import day_facts, is_own_group
from domain.reservations.rules import DayCell, DayState, day_state
from models.activities import Activity, ActivityDay, ActivityRegistration, RegistrationState
from models.calendar import SchoolYear
from models.family import Child, ChildFamily
from models.reservations import LIVE_STATES, Reservation, WaitingEntry, WaitingState
from models.schools import EnrolmentState, School, SchoolEnrolment

LOOK_AHEAD = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column of the grid: an activity, or one of its formulas."""

    activity: ActivityView
    formula: FormulaView | None

    @property
    def name(self) -> str:
        """What heads the column."""
        return (
            f"{self.activity.short_name} · {self.formula.name}" if self.formula else self.activity.short_name
        )


class GridCell(NamedTuple):
    """A day of a column: its state, its price in cents, and until when it may change."""

    activity_day_id: int
    formula_id: int | None
    cell: DayCell
    price_cents: int
    until: datetime
    is_over: bool
    closed_reason: str
    opens_at: datetime | None

    @property
    def is_held(self) -> bool:
        """Whether the child is booked here; a place that is only offered is not."""
        return self.cell.state is DayState.BOOKED


@dataclass(frozen=True)
class MonthGrid:
    """A child's month, seen by one family; ``awaited`` names the activities whose inscription has no answer yet."""

    sheet: ChildSheet
    month: date
    columns: list[GridColumn]
    weeks: tuple[tuple[date, ...], ...]
    cells: Mapping[tuple[date, int], GridCell]
    shut_days: Mapping[date, str]
    first_month: date
    last_month: date
    awaited: tuple[str, ...] = ()


def month_grid(
    session: Session, *, child_id: int, family_id: int, month: date, now: datetime
) -> MonthGrid | None:
    """Return the month of a child; None when the child is not in the family. At most five queries."""
    end = next_month(month)
    sheet = child_sheet(
        session, child_id=child_id, family_id=family_id, on=max(month, end - timedelta(days=1))
    )
    if sheet is None:
        return None
    settings = catalogue(session)
    columns = _columns(settings, sheet)
    rows = day_rows(
        session,
        child_id=child_id,
        activity_ids={column.activity.id for column in columns},
        first=month,
        end=end,
    )
    known = settings.activities
    rows = [
        row for row in rows if row.age_group_id is None or is_own_group(sheet, known[row.activity_id], row)
    ]
    by_key = {(row.activity_id, row.day): row for row in rows}
    quoter = Quoter(sheet)
    cells = {}
    for position, column in enumerate(columns):
        for row in rows:
            if row.activity_id == column.activity.id:
                cells[row.day, position] = _cell(sheet, column, row, quoter, now)
    years = [year for view in settings.calendars.values() for year in view.school_years]
    return MonthGrid(
        sheet=sheet,
        month=month,
        columns=columns,
        weeks=month_weeks(month),
        cells=cells,
        shut_days=_shut_days(columns, by_key, month, end),
        first_month=min((year.first for year in years), default=month).replace(day=1),
        last_month=max((year.last for year in years), default=month).replace(day=1),
        awaited=tuple(one.name for one in known.values() if one.id in sheet.awaited),
    )


def _columns(settings: Catalogue, sheet: ChildSheet) -> list[GridColumn]:
    columns = []
    for activity in settings.activities.values():
        is_known = activity.id in sheet.registrations or not activity.needs_registration
        if (
            not activity.is_active
            or not is_known
            or (activity.terms.schools and sheet.school_id not in activity.terms.schools)
        ):
            continue
        columns += [GridColumn(activity, formula) for formula in activity.formulas or (None,)]
    return columns


def _cell(sheet: ChildSheet, column: GridColumn, row: DayRow, quoter: Quoter, now: datetime) -> GridCell:
    formula_id = column.formula.id if column.formula else None
    seen = row
    is_other_formula = row.is_held_by(sheet.family_id) and row.formula_id != formula_id
    if is_other_formula and now < column.activity.cancel_until(row.day):
        seen = without_reservation(row)  # the child may change from one formula to the other
    facts = day_facts(sheet, column.activity, seen)
    cell = day_state(facts, now)
    if is_other_formula and seen is row:
        cell = DayCell(DayState.NOT_ELIGIBLE, cell.reason)
    is_held = cell.state is DayState.BOOKED
    return GridCell(
        activity_day_id=row.id,
        formula_id=formula_id,
        cell=cell,
        price_cents=quoter.unit_cents(column.activity, column.formula, row.day),
        until=facts.cancel_until if is_held else facts.book_until,
        is_over=now >= facts.book_until and now >= facts.cancel_until,
        closed_reason=row.closed_reason or "",
        opens_at=facts.opens_at,
    )


def _shut_days(
    columns: list[GridColumn], rows: Mapping[tuple[int, date], DayRow], first: date, end: date
) -> dict[date, str]:
    """Return the days on which nothing of the child's opens, with the kind of day that it is."""
    shut = {}
    for day in DayRange(first, end - timedelta(days=1)):
        if day.weekday() >= 5 or any((column.activity.id, day) in rows for column in columns):
            continue
        calendar = columns[0].activity.calendar if columns else None
        if calendar is None:
            continue
        if calendar.is_public_holiday(day):
            shut[day] = "public_holiday"
        elif calendar.is_holiday_period(day):
            shut[day] = "school_holiday"
        else:
            shut[day] = "not_open"
    return shut


@dataclass(frozen=True, slots=True)
class HomeChild:
    """A child on the parent's home."""

    id: int
    given_name: str
    full_name: str
    level: str | None
    school: str | None


@dataclass(frozen=True, slots=True)
class BookedDay:
    """A live reservation."""

    child_id: int
    day: date
    activity_id: int
    formula_id: int | None


# Built once, since every month grid asks it.
_IN_YEAR = (
    select(SchoolYear.id)
    .where(SchoolYear.ends_on >= bindparam("today"))
    .order_by(SchoolYear.starts_on)
    .limit(1)
    .scalar_subquery()
)
_FAMILY_CHILDREN = (
    select(Child.id, Child.given_name, Child.family_name, SchoolEnrolment.level, School.name)
    .join(ChildFamily, ChildFamily.child_id == Child.id)
    .outerjoin(
        SchoolEnrolment,
        and_(
            SchoolEnrolment.child_id == Child.id,
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
            SchoolEnrolment.school_year_id == _IN_YEAR,
        ),
    )
    .outerjoin(School, School.id == SchoolEnrolment.school_id)
    .where(
        ChildFamily.family_id == bindparam("family_id"),
        ChildFamily.valid_from <= bindparam("today"),
        or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > bindparam("today")),
    )
    .order_by(Child.born_on, Child.id)
)


def family_children(session: Session, *, family_id: int, today: date) -> list[HomeChild]:
    """Return the children of a family, eldest first, with school and level of the present year."""
    rows = session.execute(_FAMILY_CHILDREN, {"family_id": family_id, "today": today})
    return [
        HomeChild(
            id=row.id,
            given_name=row.given_name or row.family_name,
            full_name=f"{row.given_name} {row.family_name}".strip(),
            level=row.level.value if row.level else None,
            school=row.name,
        )
        for row in rows
    ]


def booked_days(session: Session, *, family_id: int, first: date, end: date) -> Mapping[int, list[BookedDay]]:
    """Return a family's live reservations on ``[first, end[`` by child."""
    found: dict[int, list[BookedDay]] = defaultdict(list)
    statement = select(
        Reservation.child_id, Reservation.day, Reservation.activity_id, Reservation.formula_id
    ).where(
        Reservation.family_id == family_id,
        Reservation.day >= first,
        Reservation.day < end,
        Reservation.state.in_(LIVE_STATES),
    )
    for row in session.execute(statement):
        found[row.child_id].append(BookedDay(*row))
    return found


def registered_activities(session: Session, *, family_id: int) -> Mapping[int, list[int]]:
    """Return the activities to which each child of a family is registered, by child."""
    found: dict[int, list[int]] = defaultdict(list)
    statement = select(ActivityRegistration.child_id, ActivityRegistration.activity_id).where(
        ActivityRegistration.family_id == family_id, ActivityRegistration.state == RegistrationState.VALIDATED
    )
    for child_id, activity_id in session.execute(statement):
        found[child_id].append(activity_id)
    return found


def next_deadline(
    activities: list[ActivityView], now: datetime
) -> tuple[ActivityView, date, datetime] | None:
    """Return the first booking deadline to come among these activities: the activity, its day, the instant."""
    today = local_day(now)
    coming = []
    for activity in activities:
        days = sorted(day for day in activity.opening_days if today <= day <= today + LOOK_AHEAD)
        open_ones = ((activity, day, activity.book_until(day)) for day in days)
        first = next((found for found in open_ones if found[2] > now), None)
        if first is not None:
            coming.append(first)
    return min(coming, key=lambda found: found[2], default=None)


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """A place that waits for a family's answer; ``expires_at`` is None once it was answered."""

    entry_id: int
    child_id: int
    child_name: str
    activity_name: str
    day: date
    expires_at: datetime | None


def open_offers(session: Session, *, family_id: int, entry_id: int | None = None) -> list[OpenOffer]:
    """Return the places offered to a family that wait for its answer; or one entry, whatever became of it."""
    statement = (
        select(
            WaitingEntry.id,
            WaitingEntry.child_id,
            Child.given_name,
            Child.family_name,
            Activity.name,
            ActivityDay.day,
            WaitingEntry.offer_expires_at,
        )
        .join(Child, Child.id == WaitingEntry.child_id)
        .join(ActivityDay, ActivityDay.id == WaitingEntry.activity_day_id)
        .join(Activity, Activity.id == ActivityDay.activity_id)
        .where(WaitingEntry.family_id == family_id)
        .order_by(WaitingEntry.offer_expires_at)
    )
    if entry_id is None:
        statement = statement.where(WaitingEntry.state == WaitingState.OFFERED)
    else:
        statement = statement.where(WaitingEntry.id == entry_id)
    return [
        OpenOffer(
            row.id,
            row.child_id,
            row.given_name or row.family_name,
            row.name,
            row.day,
            row.offer_expires_at,
        )
        for row in session.execute(statement)
    ]
