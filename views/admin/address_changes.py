"""Deciding on a new address: old and new side by side, with the proof."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.demarches.operations import decide_address_change
from domain.demarches.queries import AddressReview, address_review
from domain.waiting.queries import Queue, beside
from models.family import Residence
from views.access import access, current_actor
from views.documents import send_document
from views.extensions import db
from views.forms.decision import RefusalForm
from views.headers import CITIZEN_POLICY
from views.mailing import absolute, tell_family

bp = Blueprint("admin_address", __name__, url_prefix="/admin/adresses")


def _review_or_404(demarche_id: int) -> AddressReview:
    review = address_review(db.session(), demarche_id)
    if review is None:
        abort(404)
    return review


@bp.get("/<int:demarche_id>")
@access("administrator", "school_agent")
def review(demarche_id: int) -> ResponseReturnValue:
    """Show an address change beside the present address and the proof."""
    return _page(_review_or_404(demarche_id), RefusalForm())


def _page(case: AddressReview, form: RefusalForm) -> str:
    g.content_policy = CITIZEN_POLICY.format(form_action="'self'") + "; frame-src 'self'"
    return render_template(
        "admin/address_change.html",
        form=form,
        case=case,
        beside=beside(db.session(), Queue.ADDRESSES, case.demarche_id),
    )


@bp.post("/<int:demarche_id>/accepter")
@access("administrator", "school_agent")
def accept(demarche_id: int) -> ResponseReturnValue:
    """Accept the new address; a refusal by the rules is said by the error page."""
    answer_address_change(_review_or_404(demarche_id), accept=True)
    db.session.commit()
    flash(_("L’adresse est acceptée ; la famille est prévenue."), "success")
    return redirect(url_for(".review", demarche_id=demarche_id))


@bp.post("/<int:demarche_id>/refuser")
@access("administrator", "school_agent")
def refuse(demarche_id: int) -> ResponseReturnValue:
    """Refuse the new address, with the reason that the family reads."""
    case = _review_or_404(demarche_id)
    form = RefusalForm()
    if not form.validate_on_submit():
        return _page(case, form), 422
    answer_address_change(case, accept=False, reason=form.reason.data)
    db.session.commit()
    flash(_("L’adresse est refusée ; la famille est prévenue."), "success")
    return redirect(url_for(".review", demarche_id=demarche_id))


def answer_address_change(case: AddressReview, *, accept: bool, reason: str = "") -> None:
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
