"""Prélèvement automatique: a parent signs the family's mandate, reads it, and stops it."""

from io import BytesIO

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.direct_debits.mandates import live_mandate, offers_direct_debit, revoke_mandate, sign_mandate
from domain.direct_debits.queries import coming_debits
from domain.errors import Refusal
from models.direct_debits import SepaMandate
from models.town import Town
from views.access import access, current_actor, current_family_id
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.mandate import SignForm
from views.invoice_documents import PDF
from views.mandate_documents import keep_mandate, mandate_pdf, mandate_text, tell_revoked, tell_signed
from views.parent.account import own_guardian
from views.parent.blueprint import bp


def own_mandate() -> SepaMandate | None:
    """Return the mandate of the family looked at."""
    return live_mandate(db.session(), current_family_id(), clock.today())


@bp.route("/compte/prelevement", methods=["GET", "POST"])
@access("parent", fresh=True, personal=True)
def direct_debit() -> ResponseReturnValue:
    """Show the family's mandate and its coming debits; without one, let the parent sign."""
    mandate = own_mandate()
    if mandate is not None:
        debits = coming_debits(db.session(), current_family_id())
        return render_template("parent/direct_debit.html", mandate=mandate, debits=debits)
    if not offers_direct_debit(db.session()):
        abort(404)
    form = SignForm(holder=own_guardian().full_name)
    if form.validate_on_submit() and _sign(form):
        return redirect(url_for(".direct_debit"))
    town = db.session.get_one(Town, 1)
    page = render_template(
        "parent/direct_debit_sign.html", form=form, creditor=town, terms=mandate_text(town.name)
    )
    return page, 422 if form.is_submitted() else 200


def _sign(form: SignForm) -> bool:
    """Sign, keep the paper and tell the family's adults; False when the form now says what is wrong."""
    family_id = current_family_id()
    try:
        mandate = sign_mandate(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            account=form.account(),
        )
    except Refusal as refusal:
        db.session.rollback()
        form.tell(refusal)
        return False
    keep_mandate(mandate)
    tell_signed(mandate)
    db.session.commit()
    flash(_("Votre mandat est signé : vos prochaines factures pourront être prélevées."), "success")
    return True


@bp.get("/compte/prelevement/mandat.pdf")
@access("parent", fresh=True, personal=True)
def mandate_file() -> ResponseReturnValue:
    """Give the mandate as it was signed."""
    mandate = own_mandate()
    if mandate is None:
        abort(404)
    name = f"mandat-{mandate.rum}.pdf"
    data = mandate_pdf(mandate)
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)


@bp.route("/compte/prelevement/arreter", methods=["GET", "POST"])
@access("parent", fresh=True, personal=True, after_departure=True)
def direct_debit_stop() -> ResponseReturnValue:
    """Ask whether to stop direct debit, then stop it."""
    mandate = own_mandate()
    if mandate is None:
        return redirect(url_for(".direct_debit"))
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/direct_debit_stop.html", form=form, mandate=mandate)
    revoke_mandate(db.session(), actor=current_actor(), now=clock.now(), mandate_id=mandate.id)
    tell_revoked(mandate)
    db.session.commit()
    flash(_("Le prélèvement automatique est arrêté."), "success")
    return redirect(url_for(".account"))
