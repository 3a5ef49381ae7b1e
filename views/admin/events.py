"""A strike, a closed class, an outing: recorded once, told to every family concerned."""

import secrets
from collections import defaultdict
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.attendance.events import Concerned, activities_on, classes_on, record_event
from domain.errors import Refusal
from models.attendance import EventKind
from models.family import Child
from models.jobs import JobKind
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.fields import strip
from views.office_jobs.start import begin, follow

bp = Blueprint("admin_events", __name__, url_prefix="/admin/evenements")
WHOLE = 0


class EventForm(FlaskForm):
    """What happened; the activities are boxes read apart."""

    kind = RadioField(
        _l("Ce qui se passe"),
        [InputRequired(_l("Choisissez ce qui se passe."))],
        choices=[
            SelectChoice(EventKind.STRIKE.value, _l("Grève ou fermeture imprévue : l’activité est fermée")),
            SelectChoice(EventKind.CLASS_CLOSED.value, _l("Classe fermée")),
            SelectChoice(EventKind.OUTING.value, _l("Sortie ou voyage scolaire")),
            SelectChoice(EventKind.OTHER.value, _l("Autre fermeture : l’activité est fermée")),
        ],
    )
    school_class_id = SelectField(_l("Classe concernée"), coerce=int)
    reason = StringField(
        _l("Ce que les familles liront"),
        [InputRequired(_l("Écrivez la raison, par exemple : grève du personnel.")), Length(max=200)],
        filters=[strip],
    )


def _day() -> date:
    try:
        return date.fromisoformat(request.args.get("jour", ""))
    except ValueError:
        return clock.today()


@bp.route("", methods=["GET", "POST"])
@access("administrator", "school_agent")
def index() -> ResponseReturnValue:
    """Choose the day, then what is concerned; record it and tell the families."""
    day = _day()
    form = EventForm()
    form.school_class_id.choices = [
        SelectChoice(WHOLE, _("Toutes les classes")),
        *(SelectChoice(class_id, name) for class_id, name in classes_on(db.session(), day=day)),
    ]
    chosen = [int(text) for text in request.form.getlist("activities") if text.isdecimal()]
    problem = ""
    if form.validate_on_submit():
        try:
            return _record(form, day, chosen)
        except Refusal as refusal:
            db.session.rollback()
            problem = refusal_sentence(refusal)
    page = render_template(
        "admin/events.html",
        form=form,
        day=day,
        activities=activities_on(db.session(), day=day),
        chosen=chosen,
        problem=problem,
    )
    return page, 422 if form.is_submitted() else 200


def _record(form: EventForm, day: date, chosen: list[int]) -> ResponseReturnValue:
    """Record the event, and have its families told: at once when they are few."""
    concerned = record_event(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        day=day,
        activity_ids=chosen,
        kind=EventKind(form.kind.data),
        reason=form.reason.data,
        school_class_id=form.school_class_id.data or None,
    )
    if not concerned:
        db.session.commit()
        flash(_("C’est enregistré. Aucune réservation n’était concernée, ou elle l’était déjà."), "info")
        return redirect(url_for(".index", jour=day.isoformat()))
    families = _told_families(concerned)
    facts = {
        "day": day.isoformat(),
        "reason": form.reason.data,
        "children": len({one.child_id for one in concerned}),
        "families": families,
    }
    subject = secrets.token_hex(8)
    begun = begin(JobKind.EVENT_MAILS, subject=subject, facts=facts, total=len(families))
    return follow(JobKind.EVENT_MAILS, begun)


def _told_families(concerned: list[Concerned]) -> list[tuple[int, list[int], list[str]]]:
    """Return each family with its children and all that is freed for them that day."""
    child_ids = {one.child_id for one in concerned}
    given = dict(db.session.execute(select(Child.id, Child.given_name).where(Child.id.in_(child_ids))).all())
    lines: dict[int, list[str]] = defaultdict(list)
    children: dict[int, set[int]] = defaultdict(set)
    for one in concerned:
        children[one.family_id].add(one.child_id)
        lines[one.family_id].append(f"{given[one.child_id]} : {one.activity_name}")
    return [(family_id, sorted(children[family_id]), lines[family_id]) for family_id in sorted(lines)]
