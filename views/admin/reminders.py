"""Relances: who is to be reminded today, the run that does it, and the families left alone."""

from datetime import timedelta
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.recovery.overdue import paused_families, town_levels
from domain.recovery.reminders import (
    due_today,
    pause_recovery,
    recent_runs,
    resume_recovery,
    run_reminders,
)
from models.family import Family
from models.jobs import JobKind
from models.recovery import Reminder, ReminderRun
from views.access import access, current_actor
from views.admin.recovery_forms import PauseForm
from views.errors import refusal_sentence
from views.extensions import db
from views.invoice_documents import PDF
from views.office_jobs.start import begin, follow
from views.reminder_documents import level_words, reminder_pdf

ROLES = ("administrator", "regisseur")
PAUSE = timedelta(days=30)
bp = Blueprint("admin_reminders", __name__, url_prefix="/admin/relances")


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Show what a run of today would send, what it would leave out, and the latest runs."""
    return _index(""), 200


def _index(error: str) -> str:
    now = clock.now()
    return render_template(
        "admin/reminders.html",
        due=due_today(db.session(), now=now),
        levels=town_levels(db.session()),
        paused=paused_families(db.session(), clock.local_day(now)),
        runs=recent_runs(db.session()),
        level_words=level_words,
        error=error,
    )


@bp.post("")
@access(*ROLES)
def send() -> ResponseReturnValue:
    """Write to the families that the page listed, as far as they are still due."""
    seen = request.form.getlist("family", type=int)
    subject = clock.today().isoformat()
    try:
        begun = begin(JobKind.REMINDERS, subject=subject, facts={"families": seen}, total=len(seen))
    except Refusal as refusal:
        db.session.rollback()
        return _index(refusal_sentence(refusal)), 422
    return follow(JobKind.REMINDERS, begun)


@bp.get("/lots/<int:run_id>")
@access(*ROLES)
def run(run_id: int) -> ResponseReturnValue:
    """Show the letters of a run, and what is still due of each."""
    found = db.session.get(ReminderRun, run_id)
    if found is None:
        abort(404)
    return render_template(
        "admin/reminder_run.html",
        run=found,
        letters=run_reminders(db.session(), run_id),
        level_words=level_words,
    )


@bp.get("/<int:reminder_id>.pdf")
@access("administrator", "regisseur", "school_agent")
def letter(reminder_id: int) -> ResponseReturnValue:
    """Give a reminder as the family has it."""
    found = db.session.get(Reminder, reminder_id)
    if found is None:
        abort(404)
    data, name = reminder_pdf(found), f"relance-{found.number}.pdf"
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)


@bp.route("/familles/<int:family_id>/pause", methods=["GET", "POST"])
@access(*ROLES)
def pause(family_id: int) -> ResponseReturnValue:
    """Leave a family alone for a time, with the reason."""
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    form = PauseForm()
    if not form.is_submitted():
        form.until_on.data = clock.today() + PAUSE
    if form.validate_on_submit():
        try:
            pause_recovery(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                family_id=family_id,
                reason=form.reason.data,
                until_on=form.until_on.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.until_on.errors = [refusal_sentence(refusal)]
        else:
            db.session.commit()
            flash(_("C’est noté : cette famille est laissée de côté."), "success")
            return redirect(url_for(".index"))
    page = render_template("admin/recovery_pause.html", form=form, family=family)
    return page, 422 if form.is_submitted() else 200


@bp.post("/familles/<int:family_id>/reprendre")
@access(*ROLES)
def resume(family_id: int) -> ResponseReturnValue:
    """Go on with a family that was left alone."""
    if db.session.get(Family, family_id) is None:
        abort(404)
    resume_recovery(db.session(), actor=current_actor(), now=clock.now(), family_id=family_id)
    db.session.commit()
    flash(_("Cette famille est de nouveau à relancer."), "success")
    return redirect(url_for(".index"))
