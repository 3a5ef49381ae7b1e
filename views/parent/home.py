"""The parent's home: what is to be done, and each child's week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.dates import days_from, iso_week, monday_of
from domain.demarches.queries import waiting_address_change
from domain.direct_debits.queries import coming_debits
from domain.invoicing.queries import InvoiceRow, due_invoices, handed_over_invoices
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
from views.access import access, current_actor, current_family_id, visible_children
from views.extensions import db
from views.formats import day_of_month, euros, moment, of_month, short_weekday
from views.parent.blueprint import bp
from views.parent.offers import offers_to_answer
from views.parent.quotient import quotient_items
from views.parent.registering import registration_items
from views.parent.school.home import school_items
from views.parent.wishes import wish_items
from views.words import marked


@dataclass(frozen=True, slots=True)
class ChildCard:
    """A child on the home page."""

    id: int
    name: str
    about: str
    rows: Sequence[Mapping[str, Any]]
    nothing: str
    next_deadline: str


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
    monday = monday_of(today) if today.weekday() < 5 else monday_of(today) + timedelta(weeks=1)
    week = list(days_from(monday, monday + timedelta(days=5)))
    children = visible_children(family_children(session, family_id=family_id, today=today))
    booked = booked_days(session, family_id=family_id, first=week[0], end=week[-1] + timedelta(days=1))
    registered = registered_activities(session, family_id=family_id)
    settings = catalogue(session)
    return render_template(
        "parent/home.html",
        greeting=_given_name() or current_user.display_name,
        family=session.get_one(Family, family_id),
        week=iso_week(today),
        todo=_todo(family_id, children, registered, today),
        days=[{"name": short_weekday(day), "number": day.day, "is_today": day == today} for day in week],
        children=[
            _card(child, week, settings, booked.get(child.id, []), registered.get(child.id, []), now)
            for child in children
        ],
    )


def _given_name() -> str:
    guardians = current_actor().guardian_ids
    guardian = db.session.get(Guardian, min(guardians)) if guardians else None
    return guardian.given_name if guardian else ""


def _todo(
    family_id: int, children: Sequence[HomeChild], registered: Mapping[int, list[int]], today: date
) -> list[dict[str, str]]:
    items = offers_to_answer(family_id)
    debited = {one.invoice_id for one in coming_debits(db.session(), family_id)}
    for invoice in due_invoices(db.session(), family_id=family_id):
        if invoice.id in debited:
            continue
        is_late = invoice.due_on is not None and invoice.due_on < today
        items.append({
            "text": _invoice_title(invoice),
            "note": _invoice_note(invoice, is_late=is_late),
            "href": url_for(".invoice", invoice_id=invoice.id),
            "action": _("Payer"),
            "tone": "error" if is_late else "warning",
            "drawing": "euro",
        })  # fmt: skip
    items += [
        {
            "text": _invoice_title(invoice),
            "note": _("Transmise au Trésor public, qui la recouvre"),
            "href": url_for(".invoice", invoice_id=invoice.id),
            "action": _("Voir"),
            "tone": "warning",
            "drawing": "file-text",
        }
        for invoice in handed_over_invoices(db.session(), family_id=family_id)
    ]
    items += quotient_items(family_id)
    items += school_items(family_id)
    items += registration_items(family_id, children, registered)
    items += wish_items(family_id, children)
    if waiting_address_change(db.session(), family_id) is not None:
        items.append({
            "text": _("Votre changement d’adresse est en cours d’examen"),
            "note": _("Vous recevrez la réponse par courriel."),
            "href": url_for(".requests"),
            "action": _("Voir"),
            "tone": "neutral",
            "drawing": "map-pin",
        })  # fmt: skip
    return items


def _invoice_title(invoice: InvoiceRow) -> str:
    title = _("Facture %(month)s", month=of_month(invoice.month)) if invoice.month else invoice.number
    return _("%(what)s : %(words)s", what=title, words=euros(invoice.due_cents))


def _invoice_note(invoice: InvoiceRow, *, is_late: bool) -> str:
    until = day_of_month(invoice.due_on) if invoice.due_on else ""
    note = _("À payer depuis le %(day)s", day=until) if is_late else _("À payer avant le %(day)s", day=until)
    if invoice.reminded_on is None:
        return note
    return f"{note} · " + _("relancée le %(day)s", day=day_of_month(invoice.reminded_on))


def _card(
    child: HomeChild,
    week: Sequence[date],
    settings: Catalogue,
    booked: Sequence[BookedDay],
    registered: Sequence[int],
    now: datetime,
) -> ChildCard:
    mine = set(registered) | {one.activity_id for one in booked}
    activities = [activity for activity in settings.activities.values() if activity.id in mine]
    held = {(one.activity_id, one.day) for one in booked}
    rows = [
        {"name": activity.short_name, "states": [_state(activity, day, held) for day in week]}
        for activity in activities
    ]
    coming = next_deadline(activities, now)
    return ChildCard(
        id=child.id,
        name=child.given_name,
        about=", ".join(part for part in (child.level, child.school) if part),
        rows=rows,
        nothing=_("Aucune activité pour cette année."),
        next_deadline=_deadline_words(*coming) if coming else "",
    )


def _deadline_words(activity: ActivityView, day: date, until: datetime) -> str:
    words = _(
        "Prochaine limite : %(moment)s (%(activity)s du %(day)s).",
        moment=moment(until),
        activity=activity.short_name,
        day=day_of_month(day),
    )
    return marked(words, [activity.short_name])


def _state(activity: ActivityView, day: date, held: set[tuple[int, date]]) -> str:
    if (activity.id, day) in held:
        return "booked"
    return "free" if day in activity.opening_days else "closed"
