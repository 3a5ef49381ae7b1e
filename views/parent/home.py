"""The parent's home: what is to be done, each child's week, and what is new."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.custody.queries import arrangements_of
from domain.custody.rules import Arrangement, is_family_day
from domain.dates import days_from, iso_week, monday_of
from domain.reservations.catalogue import ActivityView, Catalogue, catalogue
from domain.reservations.queries import (
    BookedDay,
    HomeChild,
    booked_days,
    family_children,
    next_deadline,
    registered_activities,
)
from models.family import Family, Guardian
from views.access import access, current_actor, current_family_id, may_reserve_for, visible_children
from views.extensions import db
from views.formats import day_of_month, moment, short_weekday
from views.parent.blueprint import bp
from views.parent.news import told_news
from views.parent.todo import WAITS, todo_items
from views.words import marked

WEEKEND = 5


@dataclass(frozen=True, slots=True)
class ChildCard:
    """A child on the home page.

    Args:
        rows: what opens this week, each with a state a day.
        nothing: why there are no rows.
        next_deadline: until when something may still be changed, "" when nothing may.
        may_register: there is nothing to book yet, but activities to register for.
        may_reserve: there is something to book, and this adult may.
    """

    id: int
    name: str
    about: str
    rows: Sequence[Mapping[str, Any]]
    nothing: str
    next_deadline: str
    may_register: bool
    may_reserve: bool


@dataclass(frozen=True, slots=True)
class Week:
    """The week that the home shows, from Monday to Friday, as a family sees it; at week-ends the next one."""

    days: Sequence[date]
    family_id: int
    now: datetime
    settings: Catalogue

    @property
    def is_next(self) -> bool:
        """Whether it begins after today."""
        return self.days[0] > clock.local_day(self.now)

    def live(self, activity_ids: Iterable[int]) -> list[ActivityView]:
        """Return those of these activities that are not over, in the town's order."""
        wanted, first = set(activity_ids), self.days[0]
        found = [one for one in self.settings.activities.values() if one.id in wanted]
        return [one for one in found if not one.opening_days or max(one.opening_days) >= first]

    def state(self, activity: ActivityView, day: date, held: set[tuple[int, date]], *, is_own: bool) -> str:
        """Return what the table says of an activity on a day."""
        if (activity.id, day) in held:
            return "booked"
        if not is_own:
            return "elsewhere"
        return "free" if day in activity.opening_days else "closed"


@bp.get("/accueil")
@access("parent")
def home() -> ResponseReturnValue:
    """Greet the parent; show what is due, what is to be done, and what is booked this week.

    Whose family is not validated yet declares it first.
    """
    if not current_actor().family_ids:
        return redirect(url_for(".declaration"))
    session, now = db.session(), clock.now()
    today = clock.local_day(now)
    family_id = current_family_id()
    everybody = family_children(session, family_id=family_id, today=today)
    children = visible_children(everybody)
    week = _week(family_id, now)
    booked = booked_days(
        session, family_id=family_id, first=week.days[0], end=week.days[-1] + timedelta(days=1)
    )
    held = registered_activities(session, family_id=family_id)
    registered = {child_id: [one.id for one in week.live(ids)] for child_id, ids in held.items()}
    custody = arrangements_of(session, [child.id for child in children])
    items = todo_items(family_id, children, registered, today)
    since, news = told_news(family_id, children, now, sees_all=len(children) == len(everybody))
    return render_template(
        "parent/home.html",
        greeting=_given_name() or current_user.display_name,
        family=session.get_one(Family, family_id),
        week=week,
        anchor=f"semaine-{iso_week(week.days[0])}",
        month=week.days[0].strftime("%Y-%m"),
        todo=[item for item in items if item["tone"] != WAITS],
        waiting=[item for item in items if item["tone"] == WAITS],
        days=[{"name": short_weekday(day), "number": day.day, "is_today": day == today} for day in week.days],
        children=[
            _card(
                child, week, booked.get(child.id, []), registered.get(child.id, []), custody.get(child.id, [])
            )
            for child in children
        ],
        news=news,
        since=since,
    )


def _given_name() -> str:
    guardians = current_actor().guardian_ids
    guardian = db.session.get(Guardian, min(guardians)) if guardians else None
    return guardian.given_name if guardian else ""


def _week(family_id: int, now: datetime) -> Week:
    today = clock.local_day(now)
    monday = monday_of(today) + timedelta(weeks=today.weekday() >= WEEKEND)
    days = list(days_from(monday, monday + timedelta(days=WEEKEND)))
    return Week(days, family_id, now, catalogue(db.session()))


def _card(
    child: HomeChild,
    week: Week,
    booked: Sequence[BookedDay],
    registered: Sequence[int],
    custody: Sequence[Arrangement],
) -> ChildCard:
    activities = week.live({*registered, *(one.activity_id for one in booked)})
    held = {(one.activity_id, one.day) for one in booked}
    own = {day for day in week.days if is_family_day(custody, week.family_id, day)}
    rows = [
        {
            "name": activity.short_name,
            "states": [week.state(activity, day, held, is_own=day in own) for day in week.days],
        }
        for activity in activities
        if activity.opening_days.intersection(week.days)
    ]
    nothing = _nothing(child, week, activities, is_away=not own and not held)
    return ChildCard(
        id=child.id,
        name=child.given_name,
        about=", ".join(part for part in (child.level, child.school) if part),
        rows=[] if nothing else rows,
        nothing=nothing or ("" if rows else _("Aucune activité n’ouvre cette semaine.")),
        next_deadline=_deadline(activities, week.now) if own else "",
        may_register=not activities and bool(child.school),
        may_reserve=bool(activities) and may_reserve_for(child.id),
    )


def _nothing(child: HomeChild, week: Week, activities: Sequence[ActivityView], *, is_away: bool) -> str:
    """Return why a child's week has no table, "" when it has one."""
    if not activities:
        return (
            _("Aucune activité pour cette année.")
            if child.school
            else _("Pas d’école dans la commune cette année : il n’y a rien à réserver.")
        )
    if not is_away:
        return ""
    if week.is_next:
        return _("La semaine prochaine, %(child)s est dans son autre foyer.", child=child.given_name)
    return _("Cette semaine, %(child)s est dans son autre foyer.", child=child.given_name)


def _deadline(activities: Sequence[ActivityView], now: datetime) -> str:
    coming = next_deadline(list(activities), now)
    if coming is None:
        return ""
    activity, day, until = coming
    words = _(
        "Prochaine limite : %(moment)s (%(activity)s du %(day)s).",
        moment=moment(until),
        activity=activity.short_name,
        day=day_of_month(day),
    )
    return marked(words, [activity.short_name])
