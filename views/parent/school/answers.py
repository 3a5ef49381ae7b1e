"""A request that was sent: its acknowledgement, what comes next, its answer; and taking it back."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.schools.queries import RequestSheet, request_sheet
from domain.schools.requests import withdraw_request
from views.access import access, current_actor, may_see_child
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.mailing import absolute, tell_family
from views.parent.blueprint import bp
from views.parent.school.common import refused_page
from views.school_words import unlocated_words

REQUEST = "/inscription-scolaire/demandes/<int:demarche_id>"


def _own_or_404(demarche_id: int) -> RequestSheet:
    sheet = request_sheet(db.session(), demarche_id)
    if (
        sheet is None
        or sheet.family_id not in current_actor().family_ids
        or not may_see_child(sheet.child_id)
    ):
        abort(404)
    return sheet


@bp.get(REQUEST)
@access("parent")
def school_request(demarche_id: int) -> ResponseReturnValue:
    """Show a request of one's own family: number, state, what happens next."""
    sheet = _own_or_404(demarche_id)
    why = unlocated_words(sheet.unlocated) if sheet.unlocated and sheet.needs_sector else ""
    return render_template("parent/school/request.html", sheet=sheet, why_unknown=why)


@bp.route(f"{REQUEST}/retirer", methods=["GET", "POST"])
@access("parent")
def school_withdraw(demarche_id: int) -> ResponseReturnValue:
    """Ask, then take the request back while it waits."""
    sheet = _own_or_404(demarche_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/school/withdraw.html", sheet=sheet)
    try:
        withdraw_request(db.session(), actor=current_actor(), now=clock.now(), demarche_id=sheet.demarche_id)
    except Refusal as refusal:
        db.session.rollback()
        return refused_page(refusal)
    tell_family("school_withdrawn", sheet.family_id, sheet=sheet, url=absolute("parent.school"))
    db.session.commit()
    flash(_("Votre demande est retirée. Vous pouvez en faire une autre."), "success")
    return redirect(url_for(".school"))
