"""The absences that families justify, answered one by one."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.attendance.absences import Absence, decide_absence, find_absence, waiting_absences
from domain.errors import Refusal
from domain.waiting.queries import Queue, beside
from views.access import access, current_actor
from views.documents import send_document
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.decision import RefusalForm
from views.mailing import absolute, tell_family

bp = Blueprint("admin_absences", __name__, url_prefix="/admin/absences")


@bp.get("")
@access("administrator", "school_agent")
def index() -> ResponseReturnValue:
    """List the absences that wait for an answer, oldest first."""
    return render_template("admin/absences.html", absences=waiting_absences(db.session()))


def _absence_or_404(absence_id: int) -> Absence:
    absence = find_absence(db.session(), absence_id)
    if absence is None:
        abort(404)
    return absence


@bp.route("/<int:absence_id>", methods=["GET", "POST"])
@access("administrator", "school_agent")
def review(absence_id: int) -> ResponseReturnValue:
    """Show an absence and its certificate; refuse it with a reason."""
    absence = _absence_or_404(absence_id)
    form = RefusalForm()
    if form.validate_on_submit():
        return _answer(absence, accept=False, reason=form.reason.data)
    page = render_template(
        "admin/absence.html",
        form=form,
        absence=absence,
        beside=beside(db.session(), Queue.ABSENCES, absence.id),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/<int:absence_id>/accepter")
@access("administrator", "school_agent")
def accept(absence_id: int) -> ResponseReturnValue:
    """Accept an absence."""
    return _answer(_absence_or_404(absence_id), accept=True)


def _answer(absence: Absence, *, accept: bool, reason: str = "") -> ResponseReturnValue:
    """Decide, tell the family in the same transaction, and go on to the next one that waits."""
    try:
        decide_absence(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            absence_id=absence.id,
            accept=accept,
            reason=reason,
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".review", absence_id=absence.id))
    tell_family(
        "absence_accepted" if accept else "absence_refused",
        absence.family_id,
        about=[absence.child_id],
        child_name=absence.child_name,
        starts_on=absence.starts_on,
        ends_on=absence.ends_on,
        why=reason.strip(),
        url=absolute("parent.absences", child_id=absence.child_id),
    )
    db.session.commit()
    flash(_("La réponse est enregistrée ; la famille est prévenue."), "success")
    following = waiting_absences(db.session())
    if following:
        return redirect(url_for(".review", absence_id=following[0].id))
    return redirect(url_for(".index"))


@bp.get("/<int:absence_id>/justificatif")
@access("administrator", "school_agent")
def certificate(absence_id: int) -> ResponseReturnValue:
    """Give the certificate, to look at in the page."""
    absence = _absence_or_404(absence_id)
    if absence.document_id is None:
        abort(404)
    return send_document(absence.document_id, inline=True)
