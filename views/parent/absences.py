"""Telling the service that a child was or will be away, with a certificate or on one's word."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.attendance.absences import family_absences, report_absence
from domain.errors import Refusal
from domain.reservations.facts import child_sheet
from views.access import access, current_actor, current_family_id
from views.extensions import db
from views.forms.absence import AbsenceForm
from views.parent.blueprint import bp
from views.uploads import KeptDocument, keep_child_document

CERTIFICATE = "absence_certificate"


@bp.route("/enfants/<int:child_id>/absences", methods=["GET", "POST"])
@access("parent")
def absences(child_id: int) -> ResponseReturnValue:
    """Show the absences reported for a child, and report another."""
    family_id = current_family_id()
    sheet = child_sheet(db.session(), child_id=child_id, family_id=family_id, on=clock.today())
    if sheet is None:
        abort(404)
    form = AbsenceForm()
    if form.validate_on_submit() and _report(form, child_id, family_id):
        flash(_("L’absence est signalée. Nous vous répondons par e-mail."), "success")
        return redirect(url_for(".absences", child_id=child_id))
    page = render_template(
        "parent/absences.html",
        form=form,
        child=sheet,
        reported=family_absences(db.session(), family_id=family_id, child_id=child_id),
    )
    return page, 422 if form.is_submitted() else 200


def _report(form: AbsenceForm, child_id: int, family_id: int) -> bool:
    """Keep the certificate and the absence in one transaction; on a refusal put the sentence on the form."""
    kept: KeptDocument | None = None
    try:
        if form.file:
            kept = keep_child_document(
                form.file, type_code=CERTIFICATE, child_id=child_id, family_id=family_id
            )
        report_absence(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            child_id=child_id,
            family_id=family_id,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            document_id=kept.id if kept else None,
        )
    except Refusal as refusal:
        db.session.rollback()
        if kept is not None:
            kept.forget()
        form.refuse(refusal)
        return False
    db.session.commit()
    if kept is not None:
        kept.settle()
    return True
