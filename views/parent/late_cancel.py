"""A parent gives up a day after its deadline: asked first, since it is billed as an absence."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.reservations.facts import child_sheet
from domain.reservations.late import find_late_day
from domain.reservations.operations import cancel_days
from views.access import access, current_actor, current_family_id
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.parent.blueprint import bp
from views.parent.tell import tell_reservations


@bp.route("/enfants/<int:child_id>/reservations/<int:activity_day_id>/annuler", methods=["GET", "POST"])
@access("parent")
def late_cancel(child_id: int, activity_day_id: int) -> ResponseReturnValue:
    """Say what it costs, then give the day up; any other day of the child's leads back to its month."""
    session, family_id, now = db.session(), current_family_id(), clock.now()
    child = child_sheet(session, child_id=child_id, family_id=family_id, on=clock.today())
    if child is None:
        abort(404)
    day = find_late_day(
        session, child_id=child_id, family_id=family_id, activity_day_id=activity_day_id, now=now
    )
    if day is None:
        flash(
            _("Cette journée ne s’annule pas ici : elle est annulée, passée, ou encore dans les délais."),
            "info",
        )
        return redirect(url_for(".month", child_id=child_id))
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/late_cancel.html", child=child, day=day)
    outcome = cancel_days(
        session,
        actor=current_actor(),
        now=now,
        child_id=child_id,
        family_id=family_id,
        day_ids=[activity_day_id],
    )
    if outcome.has_changed:
        tell_reservations(outcome, child_id=child_id, family_id=family_id, now=now)
    db.session.commit()
    flash(_("La journée est annulée hors délai."), "success")
    return redirect(url_for(".month", child_id=child_id, m=day.day.strftime("%Y-%m")))
