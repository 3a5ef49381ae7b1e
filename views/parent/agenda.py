"""The parent's own calendar feed, and the reminders before deadlines: both by choice."""

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.reservations.feed import choose_reminders, feed_of, renew_calendar_key, revoke_calendar_key
from gateways.calendars import calendar_bytes
from views.access import access, current_actor
from views.extensions import db
from views.mailing import absolute
from views.parent.account import own_guardian
from views.parent.blueprint import bp
from views.reference import current_town

KEY_LENGTH = 43


@bp.get("/compte/agenda")
@access("parent", personal=True)
def agenda() -> ResponseReturnValue:
    """Show the secret address of the calendar, and whether reminders are sent."""
    guardian = own_guardian()
    address = absolute("parent.feed", key=guardian.calendar_key) if guardian.calendar_key else ""
    return render_template("parent/agenda.html", address=address, wants_reminders=guardian.wants_reminders)


@bp.post("/compte/agenda/ouvrir")
@access("parent", personal=True)
def agenda_open() -> ResponseReturnValue:
    """Make a secret address, or change it."""
    renew_calendar_key(db.session(), actor=current_actor(), now=clock.now(), guardian_id=own_guardian().id)
    return _done(_("Votre adresse d’agenda est prête."))


@bp.post("/compte/agenda/fermer")
@access("parent", personal=True)
def agenda_close() -> ResponseReturnValue:
    """Close the secret address."""
    revoke_calendar_key(db.session(), actor=current_actor(), now=clock.now(), guardian_id=own_guardian().id)
    return _done(_("L’adresse ne fonctionne plus."))


@bp.post("/compte/rappels")
@access("parent", personal=True)
def reminders() -> ResponseReturnValue:
    """Ask for reminders before deadlines, or no more."""
    choose_reminders(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        guardian_id=own_guardian().id,
        wants=request.form.get("wants") == "yes",
    )
    return _done(_("Votre choix est enregistré."))


def _done(words: str) -> ResponseReturnValue:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for(".agenda"))


@bp.get("/agenda/<key>/reservations.ics")
@access("public")
def feed(key: str) -> ResponseReturnValue:
    """Give the calendar behind a secret address; a wrong one finds nothing."""
    events = feed_of(db.session(), key=key, now=clock.now()) if len(key) == KEY_LENGTH else None
    if events is None:
        abort(404)
    host = current_app.config["PREAU"].public_url.split("://", 1)[-1].split("/", 1)[0].split(":", 1)[0]
    data = calendar_bytes(
        events, name=_("Réservations, %(town)s", town=current_town().name), host=host, now=clock.now()
    )
    answer = Response(data, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="reservations.ics"'
    return answer
