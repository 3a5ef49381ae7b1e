"""A town with one family of two children, ready to be billed: the people of the worked invoice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.settings import Setting, build_settings
from domain.actor import system
from domain.dates import at
from domain.family.operations import add_child, add_guardian, create_family
from domain.family.quotients import record_quotient
from domain.reservations.opening import open_days, register_child
from domain.reservations.operations import Choice, reserve_days
from models.activities import Activity, ActivityDay, ActivityKind
from models.attendance import Attendance, Presence
from models.base import stamp_session
from models.calendar import SchoolYear
from models.family import Child, Family
from models.quotients import QuotientSource
from models.reservations import Reservation
from models.schools import Level, School, SchoolEnrolment, Site
from tests.support.kept import Kept

ACTOR = system("test")
AUGUST = at(date(2026, 8, 24), time(9))
SCHOOL = "Élémentaire Jules Ferry"


@dataclass
class Household:
    """One family and its children, in a town whose year is open."""

    session: Session
    setting: Setting
    family: Family
    elder: Child
    younger: Child

    def activity(self, kind: ActivityKind) -> Activity:
        """The school's activity of a kind (or the leisure centre)."""
        site = self.setting.sites[SCHOOL].id
        return next(
            found
            for found in self.setting.activities
            if found.kind == kind and (found.site_id == site or kind == ActivityKind.WEDNESDAY_LEISURE)
        )

    def days(self, kind: ActivityKind, month: date, count: int) -> list[ActivityDay]:
        """The first open days of an activity in a month."""
        end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        found = self.session.scalars(
            select(ActivityDay)
            .where(
                ActivityDay.activity_id == self.activity(kind).id,
                ActivityDay.day >= month,
                ActivityDay.day < end,
            )
            .order_by(ActivityDay.day)
            .limit(count)
        )
        return list(found)

    def book(
        self, child: Child, kind: ActivityKind, month: date, count: int, formula_id: int | None = None
    ) -> list[Reservation]:
        """Register and book a child on the first days of a month, as of August."""
        register_child(
            self.session,
            actor=ACTOR,
            now=AUGUST,
            child_id=child.id,
            family_id=self.family.id,
            activity_id=self.activity(kind).id,
        )
        days = self.days(kind, month, count)
        outcome = reserve_days(
            self.session,
            actor=ACTOR,
            now=AUGUST,
            child_id=child.id,
            family_id=self.family.id,
            choices=[Choice(day.id, formula_id) for day in days],
        )
        assert len(outcome.booked) == count, outcome.refused
        ids = [day.id for day in days]
        found = select(Reservation).where(
            Reservation.child_id == child.id, Reservation.activity_day_id.in_(ids)
        )
        return list(self.session.scalars(found.order_by(Reservation.day)))

    def call(self, child: Child, day: ActivityDay, presence: Presence) -> Attendance:
        """Note at the roll-call that a child came, or not."""
        row = Attendance(
            child_id=child.id,
            family_id=self.family.id,
            activity_day_id=day.id,
            activity_id=day.activity_id,
            day=day.day,
            presence=presence,
        )
        self.session.add(row)
        self.session.flush()
        return row


def make_household(
    session: Session,
    *,
    quotient_cents: int | None = 85_000,
    lived: Callable[[Household], object] | None = None,
) -> Household:
    """Build the town and its one family: Alice Martin, Léo (CE1) and Jade (CP).

    Args:
        lived: what happened to them since, the same for many tests; a function of a module.
    """
    stamp_session(session, ACTOR.label, AUGUST)
    _kept_household(quotient_cents, lived).write(session)
    return _find_household(session)


@cache
def _kept_household(quotient_cents: int | None, lived: Callable[[Household], object] | None) -> Kept:
    if lived is None:
        return Kept(lambda session: _write_household(session, quotient_cents))
    begun = _kept_household(quotient_cents, None)

    def arrange(session: Session) -> None:
        stamp_session(session, ACTOR.label, AUGUST)
        begun.write(session)
        lived(_find_household(session))

    return Kept(arrange)


def _find_household(session: Session) -> Household:
    family, elder, younger = session.get_one(Family, 1), session.get_one(Child, 1), session.get_one(Child, 2)
    return Household(session, find_setting(session), family, elder, younger)


def _write_household(session: Session, quotient_cents: int | None) -> None:
    """Let the operations open the town's year and write the family."""
    setting = _write_settings(session)
    for activity in setting.activities:
        if activity.site_id == setting.sites[SCHOOL].id or activity.kind == ActivityKind.WEDNESDAY_LEISURE:
            open_days(session, actor=ACTOR, now=AUGUST, activity_id=activity.id)
    family = make_family(session, "Martin")
    if quotient_cents is not None:
        record_quotient(
            session,
            actor=ACTOR,
            now=AUGUST,
            family_id=family.id,
            value_cents=quotient_cents,
            source=QuotientSource.CAF,
            valid_from=date(2026, 9, 1),
        )
    make_pupil(session, setting, family, "Léo", date(2019, 3, 14), Level.CE1)
    make_pupil(session, setting, family, "Jade", date(2020, 6, 2), Level.CP)


def make_setting(session: Session) -> Setting:
    """Build the town and its settings, without a family and no activity open yet."""
    stamp_session(session, ACTOR.label, AUGUST)
    _kept_settings().write(session)
    return find_setting(session)


@cache
def _kept_settings() -> Kept:
    return Kept(_write_settings)


def _write_settings(session: Session) -> Setting:
    stamp_session(session, ACTOR.label, AUGUST)
    return build_settings(session, actor=ACTOR, now=AUGUST)


def find_setting(session: Session) -> Setting:
    """Return the settings of the town that is there."""
    return Setting(
        year=session.scalars(select(SchoolYear)).one(),
        sites={site.name: site for site in session.scalars(select(Site).order_by(Site.id))},
        schools={school.name: school for school in session.scalars(select(School).order_by(School.id))},
        activities=list(session.scalars(select(Activity).order_by(Activity.id))),
    )


def make_family(session: Session, name: str, *, email: str = "", wants_e_invoice: bool = False) -> Family:
    """A validated family of the town with one adult."""
    family = create_family(
        session,
        actor=ACTOR,
        now=AUGUST,
        name=name,
        line1="14 Rue des Écoles",
        postcode="45110",
        city="Saint-Préau",
        wants_e_invoice=wants_e_invoice,
    )
    add_guardian(
        session,
        actor=ACTOR,
        now=AUGUST,
        family_id=family.id,
        family_name=name,
        given_name="Alice",
        email=email,
    )
    return family


def make_pupil(
    session: Session, setting: Setting, family: Family, name: str, born_on: date, level: Level
) -> Child:
    """A child of the family, enrolled in its school."""
    child = add_child(
        session,
        actor=ACTOR,
        now=AUGUST,
        family_id=family.id,
        family_name=family.name,
        given_name=name,
        born_on=born_on,
    )
    session.add(
        SchoolEnrolment(
            child_id=child.id,
            school_id=setting.schools[SCHOOL].id,
            school_year_id=setting.year.id,
            level=level,
        )
    )
    session.flush()
    return child


def instant(day: date, hour: int = 9) -> datetime:
    """An hour of a day in Paris."""
    return at(day, time(hour))
