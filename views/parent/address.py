"""A new address: reported with its proof, shown while it waits, withdrawn."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.demarches.operations import NewAddress, report_address_change, withdraw_address_change
from domain.demarches.queries import AddressReview, waiting_address_change
from domain.errors import Refusal
from domain.family.sheet import family_sheet
from views.access import access, current_actor, current_family_id
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.account import AddressForm
from views.forms.confirm import ConfirmForm
from views.mailing import absolute, tell_family
from views.parent.blueprint import bp
from views.uploads import keep_family_document

PROOF = "proof_of_address"


@bp.route("/famille/adresse", methods=["GET", "POST"])
@access("parent")
def address() -> ResponseReturnValue:
    """Report a new address; while one waits, show it instead."""
    family_id = current_family_id()
    if waiting_address_change(db.session(), family_id) is not None:
        return redirect(url_for(".family"))
    form = AddressForm()
    if form.validate_on_submit() and _report(form, family_id):
        flash(_("Votre nouvelle adresse est transmise. Nous vous répondons par e-mail."), "success")
        return redirect(url_for(".family"))
    sheet = family_sheet(db.session(), family_id, clock.today())
    page = render_template("parent/address.html", form=form, current=sheet.address)
    return page, 422 if form.is_submitted() else 200


def _report(form: AddressForm, family_id: int) -> bool:
    """Keep the proof and the request in one transaction; on a refusal put the sentence on the form."""
    session = db.session()
    typed = NewAddress(form.line1.data, form.line2.data or "", form.postcode.data, form.city.data)
    proof = keep_family_document(form.file, type_code=PROOF, family_id=family_id)
    try:
        change = report_address_change(
            session,
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            address=typed,
            effective_on=form.effective_on.data,
            proof_id=proof.id,
        )
    except Refusal as refusal:
        session.rollback()
        proof.forget()
        form.effective_on.errors = [refusal_sentence(refusal)]
        return False
    tell_family(
        "address_reported",
        family_id,
        lines=[part for part in (typed.line1, typed.line2, f"{typed.postcode} {typed.city}") if part],
        effective_on=change.effective_on,
        family_url=absolute("parent.family"),
    )
    session.commit()
    proof.settle()
    return True


def _waiting_or_404() -> AddressReview:
    review = waiting_address_change(db.session(), current_family_id())
    if review is None:
        abort(404)
    return review


@bp.route("/famille/adresse/retirer", methods=["GET", "POST"])
@access("parent")
def address_withdraw() -> ResponseReturnValue:
    """Ask, then take the waiting address back."""
    review = _waiting_or_404()
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/address_withdraw.html", form=form, review=review)
    withdraw_address_change(
        db.session(), actor=current_actor(), now=clock.now(), demarche_id=review.demarche_id
    )
    db.session.commit()
    flash(_("Votre demande est retirée ; votre adresse ne change pas."), "success")
    return redirect(url_for(".family"))
