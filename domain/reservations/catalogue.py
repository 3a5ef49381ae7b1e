"""The settings that booking and pricing read, kept by each process and read again when staff change one.

``Town.revision`` is read in the caller's own transaction: a copy is used only while it is the present one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.calendar.rules import CalendarView, Period
from domain.dates import DayRange
from domain.pricing.queries import load_tariffs
from domain.pricing.rules import Tariff
from domain.reservations.notice import NoticeRule, deadline, read_notice
from domain.reservations.rules import ActivityTerms
from domain.revision import settings_revision
from models.activities import Activity, ActivityDay, ActivityFormula, AgeGroup
from models.activities import NoticeRule as NoticeRow
from models.calendar import Closure, PublicHoliday, SchoolHoliday, SchoolYear
from models.documents import DocumentRequirement, DocumentType
from models.schools import School, Site
from models.town import Town
from models.wishes import WishRound

RESERVATION_ACT = "reservation"


@dataclass(frozen=True, slots=True)
class FormulaView:
    """A way to attend an activity."""

    id: int
    key: str
    name: str
    minutes: int
    starts_at: time
    ends_at: time
    is_for_unreserved: bool = False


@dataclass(frozen=True)
class ActivityView:
    """An activity with everything that decides who may book it, until when, and at what price."""

    id: int
    kind: str
    name: str
    short_name: str
    site_id: int
    site_name: str
    position: int
    period: Period
    weekdays: int
    starts_at: time
    ends_at: time
    opens_at: datetime | None
    terms: ActivityTerms
    booking_notice: NoticeRule | None
    cancel_notice: NoticeRule | None
    calendar: CalendarView
    opening_days: frozenset[date]
    has_waiting_list: bool
    offer_hours: int
    needs_registration: bool
    is_active: bool
    tariff: Tariff
    # How many minutes after the end a late pick-up is billed (None: never), and whether once for a family and day.
    late_after_minutes: int | None = None
    is_late_by_family: bool = True
    formulas: tuple[FormulaView, ...] = ()
    # Ages in full months, both ends included, of the groups that have places of their own.
    age_groups: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    # The days, both ends included, whose places are given by wishes not answered yet, and until when one may wish.
    wish_windows: tuple[tuple[date, date, datetime], ...] = ()
    _deadlines: dict[tuple[date, bool], datetime] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def minutes(self) -> int:
        """How long it lasts."""
        return _minutes(self.starts_at, self.ends_at)

    @property
    def late_from(self) -> time | None:
        """From which hour a late pick-up is billed; None where none is."""
        if self.late_after_minutes is None:
            return None
        ends = datetime.combine(date.min, self.ends_at) + timedelta(minutes=max(1, self.late_after_minutes))
        return ends.time()

    def wishes_until(self, day: date) -> datetime | None:
        """Return until when one may wish for ``day``, when its places are given by wishes not answered yet."""
        return next((closes for first, last, closes in self.wish_windows if first <= day <= last), None)

    def book_until(self, day: date) -> datetime:
        """Return the first instant at which it is too late to book ``day``."""
        return self._deadline(day, is_booking=True)

    def cancel_until(self, day: date) -> datetime:
        """Return the first instant at which it is too late to cancel ``day`` without paying."""
        return self._deadline(day, is_booking=False)

    def _deadline(self, day: date, *, is_booking: bool) -> datetime:
        found = self._deadlines.get((day, is_booking))
        if found is None:
            rule = self.booking_notice if is_booking else self.cancel_notice
            found = deadline(rule, day, self.starts_at, self.calendar, self.opening_days)
            self._deadlines[day, is_booking] = found
        return found


@dataclass(frozen=True)
class Catalogue:
    """Every activity, in use or not, by id, as of one revision of the settings.

    Args:
        is_late_free_if_retaken: the town bills nothing for a late cancellation when another child takes the place.
    """

    revision: int
    activities: Mapping[int, ActivityView]
    calendars: Mapping[int, CalendarView]
    is_late_free_if_retaken: bool


_kept: dict[str, Catalogue] = {}


def catalogue(session: Session) -> Catalogue:
    """Return the settings in force in this transaction; one query when the process has them already."""
    bind = session.get_bind()
    key = f"{bind.engine.url}#{id(bind.engine)}"
    revision = settings_revision(session)
    kept = _kept.get(key)
    if kept is None or kept.revision != revision:
        kept = _kept[key] = _load(session, revision)
    return kept


def forget() -> None:
    """Drop what this process keeps, for one that changes its database under the same address."""
    _kept.clear()


def _load(session: Session, revision: int) -> Catalogue:
    calendars = _calendars(session)
    tariffs = load_tariffs(session)
    formulas: dict[int, list[FormulaView]] = defaultdict(list)
    for row in session.scalars(select(ActivityFormula).order_by(ActivityFormula.id)):
        view = FormulaView(
            row.id,
            row.key,
            row.name,
            _minutes(row.starts_at, row.ends_at),
            row.starts_at,
            row.ends_at,
            row.is_for_unreserved,
        )
        formulas[row.activity_id].append(view)
    groups: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for group in session.scalars(select(AgeGroup)):
        groups[group.activity_id][group.id] = group.min_age_months, group.max_age_months
    opening_days: dict[int, set[date]] = defaultdict(set)
    open_rows = select(ActivityDay.activity_id, ActivityDay.day).where(ActivityDay.closed_reason.is_(None))
    for activity_id, day in session.execute(open_rows):
        opening_days[activity_id].add(day)
    notices = {row.id: row for row in session.scalars(select(NoticeRow))}
    sites = dict(session.execute(select(Site.id, Site.name)).all())
    schools: dict[int, set[int]] = defaultdict(set)
    for school_id, site_id in session.execute(select(School.id, School.site_id)):
        schools[site_id].add(school_id)
    documents = _required_documents(session)
    windows = _wish_windows(session)
    activities = {
        row.id: ActivityView(
            id=row.id,
            kind=row.kind.value,
            name=row.name,
            short_name=row.short_name,
            site_id=row.site_id,
            site_name=sites[row.site_id],
            position=row.position,
            period=Period(row.period.value),
            weekdays=row.weekdays,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            opens_at=row.opens_at,
            terms=ActivityTerms(
                min_age_months=row.min_age_months,
                max_age_months=row.max_age_months,
                levels=frozenset(row.levels.split()),
                schools=frozenset(schools[row.site_id]),
                needs_registration=row.needs_registration,
                required_documents=frozenset(documents[None] | documents[row.id]),
            ),
            booking_notice=_notice(notices, row.booking_notice_id),
            cancel_notice=_notice(notices, row.cancel_notice_id),
            calendar=calendars[row.site_id],
            opening_days=frozenset(opening_days[row.id]),
            has_waiting_list=row.has_waiting_list,
            offer_hours=row.offer_hours,
            needs_registration=row.needs_registration,
            is_active=row.is_active,
            tariff=tariffs[row.tariff_id],
            late_after_minutes=row.late_after_minutes,
            is_late_by_family=row.is_late_by_family,
            formulas=tuple(formulas[row.id]),
            age_groups=groups[row.id],
            wish_windows=tuple(windows[row.id]),
        )
        for row in session.scalars(select(Activity).order_by(Activity.position, Activity.id))
    }
    is_free = bool(session.scalar(select(Town.late_cancel_free_if_retaken)))
    return Catalogue(
        revision=revision, activities=activities, calendars=calendars, is_late_free_if_retaken=is_free
    )


def _minutes(start: time, end: time) -> int:
    return (end.hour - start.hour) * 60 + end.minute - start.minute


def _notice(rows: Mapping[int, NoticeRow], notice_id: int | None) -> NoticeRule | None:
    if notice_id is None:
        return None
    row = rows[notice_id]
    return read_notice(
        kind=row.kind.value,
        base=row.base.value if row.base else None,
        count=row.count,
        weekday=row.weekday,
        at_minutes=row.at_minutes,
    )


def _wish_windows(session: Session) -> dict[int, list[tuple[date, date, datetime]]]:
    """Return, by activity, the days whose places are given by wishes not answered yet."""
    found: dict[int, list[tuple[date, date, datetime]]] = defaultdict(list)
    rows = select(WishRound.activity_id, WishRound.first_day, WishRound.last_day, WishRound.closes_at)
    for activity_id, first, last, closes in session.execute(rows.where(WishRound.published_at.is_(None))):
        found[activity_id].append((first, last, closes))
    return found


def _required_documents(session: Session) -> dict[int | None, set[str]]:
    """Return the blocking documents that booking asks for, for all activities (None) and for each."""
    needed: dict[int | None, set[str]] = defaultdict(set)
    rows = session.execute(
        select(DocumentRequirement.activity_id, DocumentType.code)
        .join(DocumentType, DocumentType.id == DocumentRequirement.document_type_id)
        .where(DocumentRequirement.act == RESERVATION_ACT, DocumentRequirement.is_blocking)
    )
    for activity_id, code in rows:
        needed[activity_id].add(code)
    return needed


def _calendars(session: Session) -> dict[int, CalendarView]:
    zone = session.scalar(select(Town.school_zone)) or "B"
    years = tuple(
        DayRange(year.starts_on, year.ends_on)
        for year in session.scalars(select(SchoolYear).order_by(SchoolYear.starts_on))
    )
    holidays = tuple(
        DayRange(row.starts_on, row.ends_on)
        for row in session.scalars(select(SchoolHoliday).where(SchoolHoliday.zone == zone))
    )
    public = frozenset(session.scalars(select(PublicHoliday.day)))
    closures = list(session.scalars(select(Closure).where(Closure.activity_id.is_(None))))
    return {
        site.id: CalendarView(
            school_weekdays=site.school_weekdays,
            school_years=years,
            holidays=holidays,
            public_holidays=public,
            closures=tuple(
                DayRange(row.starts_on, row.ends_on) for row in closures if row.site_id in (None, site.id)
            ),
        )
        for site in session.scalars(select(Site))
    }
