"""Déclarer mon entourage: check, send, and keep the acknowledgement."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.errors import Refusal
from domain.family.declaration import (
    Declaration,
    declaration_documents,
    read_declaration,
    restart_declaration,
    submit_declaration,
    unfinished,
)
from domain.family.declared_children import health_sheet, school_year_of
from models.demarches import Demarche
from views.access import access, current_actor
from views.acknowledgements import acknowledgement_pdf
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.declaration import LEVELS
from views.mailing import absolute, send_mail
from views.parent.blueprint import bp
from views.parent.declaring import declaration_to_edit, my_declaration, tasks_of, user_id
from views.reference import current_town

PDF = "application/pdf"


@bp.route("/declaration/envoi", methods=["GET", "POST"])
@access("parent")
def declaration_send() -> ResponseReturnValue:
    """Show every answer to be checked; then send them."""
    found = declaration_to_edit()
    form = ConfirmForm()
    if form.validate_on_submit():
        _send()
        return redirect(url_for(".declaration"))
    if unfinished(tasks_of(found)):
        flash(refusal_sentence(Refusal("declaration_incomplete")), "info")
        return redirect(url_for(".declaration"))
    return _check_page(found, form), 422 if form.is_submitted() else 200


def _check_page(found: Declaration, form: ConfirmForm) -> str:
    year = school_year_of(db.session(), clock.today())
    sheets = {child.id: health_sheet(db.session(), child.id, year.id) for child in found.children if year}
    return render_template(
        "parent/declaration_check.html",
        form=form,
        declaration=found,
        me=found.me(user_id()),
        other=found.other(user_id()),
        said_of_other=found.answer("other_parent"),
        sheets=sheets,
        levels=LEVELS,
        needs=declaration_documents(db.session(), found, clock.today()),
    )


def _send() -> None:
    """Send the declaration and its acknowledgement; of two clicks, the second finds it sent."""
    session = db.session()
    try:
        demarche = submit_declaration(session, actor=current_actor(), now=clock.now())
    except Refusal as refusal:
        session.rollback()
        if refusal.code != "declaration_already_sent":
            flash(refusal_sentence(refusal), "warning")
        return
    _tell(demarche)
    session.commit()


def _tell(demarche: Demarche) -> None:
    """Send the acknowledgement to who sent the declaration."""
    today = clock.today()
    found = read_declaration(db.session(), demarche, today)
    town = current_town()
    send_mail(
        "declaration_received",
        current_user.email,
        family_id=demarche.family_id,
        person_name=current_user.display_name,
        number=demarche.number,
        submitted_at=demarche.submitted_at,
        missing=[
            (need.type_name, need.subject_name)
            for need in declaration_documents(db.session(), found, today)
            if not need.is_given
        ],
        service=town.service_name,
        url=absolute("parent.declaration"),
        pdf_url=absolute("parent.declaration_acknowledgement"),
    )


@bp.get("/declaration/accuse-de-reception")
@access("parent")
def declaration_acknowledgement() -> Response:
    """Give the acknowledgement as a PDF; there is none before the declaration is sent."""
    found = my_declaration()
    if found is None:
        abort(404)
    if found.demarche.submitted_at is None or found.sheet is None:
        abort(redirect(url_for(".declaration")))
    response = Response(acknowledgement_pdf(found, user_id()), mimetype=PDF)
    response.headers["Content-Disposition"] = f'inline; filename="accuse-{found.demarche.number}.pdf"'
    return response


@bp.post("/declaration/reprendre")
@access("parent")
def declaration_restart() -> ResponseReturnValue:
    """Begin again after a refusal, with what was said before."""
    if my_declaration() is None:
        return redirect(url_for(".declaration"))
    restart_declaration(db.session(), actor=current_actor(), now=clock.now())
    db.session.commit()
    flash(_("Votre déclaration est de nouveau ouverte : corrigez-la, puis envoyez-la."), "success")
    return redirect(url_for(".declaration"))
