"""A strike, a closed class, an outing: recorded once, told to every family concerned."""

from collections import defaultdict
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.attendance.events import Concerned, activities_on, classes_on, record_event
from domain.errors import Refusal
from models.attendance import EventKind
from models.family import Child
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.fields import strip
from views.mailing import absolute, tell_family
from views.words import plural

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
        problem = _record(form, day, chosen)
        if not problem:
            return redirect(url_for(".index", jour=day.isoformat()))
    page = render_template(
        "admin/events.html",
        form=form,
        day=day,
        activities=activities_on(db.session(), day=day),
        chosen=chosen,
        problem=problem,
    )
    return page, 422 if form.is_submitted() else 200


def _record(form: EventForm, day: date, chosen: list[int]) -> str:
    """Record the event and queue its mails; return the sentence of a refusal."""
    try:
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
    except Refusal as refusal:
        db.session.rollback()
        return refusal_sentence(refusal)
    _tell(concerned, day, form.reason.data)
    db.session.commit()
    children = len({one.child_id for one in concerned})
    if children:
        words = plural(
            "%(num)d enfant est concerné ; sa famille est prévenue.",
            "%(num)d enfants sont concernés ; leurs familles sont prévenues.",
            children,
        )
        flash(words % {"num": children}, "success")
    else:
        flash(_("C’est enregistré. Aucune réservation n’était concernée, ou elle l’était déjà."), "info")
    return ""


def _tell(concerned: list[Concerned], day: date, reason: str) -> None:
    """Tell each family once, with all that is freed for its children that day."""
    families: dict[int, list[str]] = defaultdict(list)
    names: dict[int, str] = {}
    children: dict[int, set[int]] = defaultdict(set)
    for one in concerned:
        if one.child_id not in names:
            names[one.child_id] = db.session.get_one(Child, one.child_id).given_name
        children[one.family_id].add(one.child_id)
        families[one.family_id].append(f"{names[one.child_id]} : {one.activity_name}")
    for family_id, lines in sorted(families.items()):
        tell_family(
            "event_announced",
            family_id,
            about=children[family_id],
            day=day,
            why=reason,
            lines=lines,
            url=absolute("parent.home"),
        )
