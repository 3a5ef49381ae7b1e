"""Mandates: the list of them all, and one family's: entered from paper, read, stopped."""

from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.direct_debits.mandates import live_mandate, offers_direct_debit, revoke_mandate, sign_mandate
from domain.direct_debits.queries import family_mandates
from domain.errors import Refusal
from models.direct_debits import MandateOrigin, SepaMandate
from models.family import Family
from views.access import access, current_actor
from views.admin.bases import CASHIERS, ReadOnlyView
from views.admin.filters import ChoiceFilter, NumberFilter
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.mandate import PaperMandateForm
from views.invoice_documents import PDF
from views.mandate_documents import keep_mandate, mandate_pdf, tell_revoked, tell_signed

bp = Blueprint("admin_mandates", __name__, url_prefix="/admin/mandats")


class MandateScreen(ReadOnlyView):
    """The mandates of all families; accounts are read on the family's own page."""

    empty = "Aucun mandat : une famille en signe un en ligne, ou sur papier depuis son dossier."
    readers = CASHIERS
    column_list = ("rum", "family_id", "holder", "origin", "signed_on", "last_used_on", "revoked_on")
    column_details_list = (*column_list, "revoked_reason")
    column_sortable_list = ("rum", "signed_on")
    column_filters = (
        ChoiceFilter(SepaMandate.origin, MandateOrigin),
        NumberFilter(SepaMandate.family_id, "N° de famille"),
    )
    searched = ("rum", "holder")
    linked = {"family_id": Family}

    def row_links(self, row: SepaMandate) -> list[tuple[str, str]]:
        """Offer the family's page."""
        return [(url_for("admin_mandates.family", family_id=row.family_id), "Prélèvement")]


class StopForm(FlaskForm):
    """Why a mandate ends."""

    reason = StringField(
        _l("Motif"),
        [InputRequired(_l("Écrivez pourquoi ce mandat est arrêté.")), Length(max=200)],
        description=_l("Par exemple : demande de la famille du 12 novembre."),
    )


@bp.route("/familles/<int:family_id>", methods=["GET", "POST"])
@access("administrator", "regisseur")
def family(family_id: int) -> ResponseReturnValue:
    """Show a family's mandates; without a live one, enter the paper that it signed."""
    found = db.session.get(Family, family_id)
    if found is None:
        abort(404)
    form = PaperMandateForm()
    if form.validate_on_submit() and _enter(form, family_id):
        return redirect(url_for(".family", family_id=family_id))
    page = render_template(
        "admin/mandates.html",
        form=form,
        family=found,
        live=live_mandate(db.session(), family_id, clock.today()),
        mandates=family_mandates(db.session(), family_id),
        is_offered=offers_direct_debit(db.session()),
    )
    return page, 422 if form.is_submitted() else 200


def _enter(form: PaperMandateForm, family_id: int) -> bool:
    """Enter the mandate and tell the family; False when the form now says what is wrong."""
    try:
        mandate = sign_mandate(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            account=form.account(),
            signed_on=form.signed_on.data,
        )
    except Refusal as refusal:
        db.session.rollback()
        form.tell(refusal)
        return False
    keep_mandate(mandate)
    tell_signed(mandate)
    rum = mandate.rum
    db.session.commit()
    flash(_("Le mandat %(rum)s est enregistré ; la famille est prévenue.", rum=rum), "success")
    return True


@bp.get("/<int:mandate_id>.pdf")
@access("administrator", "regisseur")
def paper(mandate_id: int) -> ResponseReturnValue:
    """Give a mandate as it was signed or entered."""
    mandate = _mandate(mandate_id)
    name = f"mandat-{mandate.rum}.pdf"
    data = mandate_pdf(mandate)
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)


def _mandate(mandate_id: int) -> SepaMandate:
    mandate = db.session.get(SepaMandate, mandate_id)
    if mandate is None:
        abort(404)
    return mandate


@bp.route("/<int:mandate_id>/arreter", methods=["GET", "POST"])
@access("administrator", "regisseur")
def stop(mandate_id: int) -> ResponseReturnValue:
    """Stop a mandate, with the reason."""
    mandate = _mandate(mandate_id)
    form = StopForm()
    if form.validate_on_submit():
        try:
            revoke_mandate(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                mandate_id=mandate_id,
                reason=form.reason.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            form.form_errors = [refusal_sentence(refusal)]
        else:
            tell_revoked(mandate)
            family_id = mandate.family_id
            db.session.commit()
            flash(_("Le mandat est arrêté ; la famille est prévenue."), "success")
            return redirect(url_for(".family", family_id=family_id))
    page = render_template("admin/mandate_stop.html", form=form, mandate=mandate)
    return page, 422 if form.is_submitted() else 200
