"""Deciding on a new address: old and new side by side, with the proof."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.demarches.operations import decide_address_change
from domain.demarches.queries import AddressReview, address_review
from domain.errors import Refusal
from models.family import Residence
from views.access import access, current_actor
from views.documents import send_document
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.decision import DecisionForm
from views.headers import CITIZEN_POLICY
from views.mailing import absolute, tell_family

bp = Blueprint("admin_address", __name__, url_prefix="/admin/adresses")


def _review_or_404(demarche_id: int) -> AddressReview:
    review = address_review(db.session(), demarche_id)
    if review is None:
        abort(404)
    return review


@bp.route("/<int:demarche_id>", methods=["GET", "POST"])
@access("administrator", "school_agent")
def review(demarche_id: int) -> ResponseReturnValue:
    """Show an address change; accept it, or refuse it with a reason."""
    case = _review_or_404(demarche_id)
    g.content_policy = CITIZEN_POLICY.format(form_action="'self'") + "; frame-src 'self'"
    form = DecisionForm()
    if form.validate_on_submit():
        accept = request.form.get("answer") == "accept"
        try:
            answer_address_change(case, accept=accept, reason=form.reason.data or "")
        except Refusal as refusal:
            db.session.rollback()
            form.reason.errors = [refusal_sentence(refusal)]
        else:
            db.session.commit()
            flash(_("Adresse acceptée.") if accept else _("Adresse refusée."), "success")
            return redirect(url_for(".review", demarche_id=demarche_id))
    page = render_template("admin/address_change.html", form=form, case=case)
    return page, 422 if form.is_submitted() else 200


def answer_address_change(case: AddressReview, *, accept: bool, reason: str) -> None:
    """Decide, and tell the family, in one transaction that the caller commits."""
    decide_address_change(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        demarche_id=case.demarche_id,
        accept=accept,
        reason=reason,
    )
    facts = {"lines": case.new.lines, "family_url": absolute("parent.family")}
    if accept:
        is_resident = case.new.residence is Residence.RESIDENT
        facts |= {"effective_on": case.effective_on, "is_resident": is_resident}
        tell_family("address_accepted", case.family_id, **facts)
    else:
        tell_family("address_refused", case.family_id, why=reason.strip(), **facts)


@bp.get("/<int:demarche_id>/justificatif")
@access("administrator", "school_agent")
def proof(demarche_id: int) -> ResponseReturnValue:
    """Give the proof of address, to look at in the page."""
    case = _review_or_404(demarche_id)
    if case.proof_id is None:
        abort(404)
    return send_document(case.proof_id, inline=True)
