"""A family leaves the town, or comes back: written at the desk, told to the family."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.family.departure import depart_family, departure_of, reinstate_family
from models.family import Family
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.privacy import DepartureForm
from views.mailing import absolute, tell_family

bp = Blueprint("admin_departures", __name__, url_prefix="/admin/familles")
ROLES = ("administrator", "school_agent")


def _family_or_404(family_id: int) -> Family:
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    return family


@bp.route("/<int:family_id>/depart", methods=["GET", "POST"])
@access(*ROLES)
def depart(family_id: int) -> ResponseReturnValue:
    """Show what leaving comes to, then write it."""
    family = _family_or_404(family_id)
    form = DepartureForm(left_on=clock.today())
    if form.validate_on_submit() and _written(form, family_id):
        flash(_("Le départ est enregistré, la famille est prévenue."), "success")
        return redirect(url_for("family.details_view", id=family_id))
    day = form.left_on.data or clock.today()
    return render_template(
        "admin/departure.html", form=form, family=family, departure=_facts(family_id, day)
    ), (422 if form.is_submitted() else 200)


def _facts(family_id: int, left_on: date) -> object:
    return departure_of(db.session(), family_id=family_id, left_on=left_on, today=clock.today())


def _written(form: DepartureForm, family_id: int) -> bool:
    try:
        family = depart_family(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            left_on=form.left_on.data,
            reason=form.reason.data or "",
        )
    except Refusal as refusal:
        db.session.rollback()
        form.left_on.errors = [refusal_sentence(refusal)]
        return False
    tell_family(
        "family_departed",
        family_id,
        once_key=f"departed:{family_id}:{family.left_on}",
        left_on=family.left_on,
        url=absolute("parent.invoices"),
    )
    db.session.commit()
    return True


@bp.route("/<int:family_id>/retour", methods=["GET", "POST"])
@access(*ROLES)
def come_back(family_id: int) -> ResponseReturnValue:
    """Ask whether to take the departure back, then do it."""
    family = _family_or_404(family_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("admin/departure_back.html", form=form, family=family)
    reinstate_family(db.session(), actor=current_actor(), now=clock.now(), family_id=family_id)
    db.session.commit()
    flash(_("Le dossier est rouvert. Les réservations annulées sont à refaire."), "success")
    return redirect(url_for("family.details_view", id=family_id))
