"""Virements: noted from the town's account statement, listed, and undone when noted wrongly."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from domain import clock
from domain.errors import Refusal
from domain.invoicing.queries import due_invoices
from domain.payments.queries import balance_cents
from domain.payments.transfers import recent_transfers, record_transfer, undo_transfer
from domain.regie.queries import find_families
from models.family import Family
from models.payments import Payment, PaymentMeans
from views.access import access, current_actor
from views.admin.recovery_forms import DAY, ReasonForm
from views.admin.till_forms import MoneyForm
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import euros

ROLES = ("administrator", "regisseur")
bp = Blueprint("admin_transfers", __name__, url_prefix="/admin/virements")
# Which field a refusal is about; any other stands above the form.
ABOUT = {
    "amount_not_positive": "amount_cents",
    "transfer_in_future": "received_on",
    "transfer_reference_missing": "reference",
    "transfer_already_noted": "reference",
}


class TransferForm(MoneyForm):
    """A line of the account statement."""

    received_on = DateField(
        _l("Arrivé sur le compte le"),
        [InputRequired(_l("Écrivez le jour où l’argent est arrivé sur le compte."))],
        format=DAY,
        description=_l("C’est ce jour qui compte pour l’attestation fiscale."),
    )
    reference = StringField(
        _l("Référence du virement"),
        [InputRequired(_l("Recopiez la référence, telle que le relevé de compte l’écrit.")), Length(max=80)],
    )


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """Find the family that paid, and show the transfers noted last."""
    searched = request.args.get("q", "").strip()[:80]
    return render_template(
        "admin/transfers.html",
        searched=searched,
        found=find_families(db.session(), searched) if searched else [],
        transfers=recent_transfers(db.session()),
    )


@bp.route("/familles/<int:family_id>", methods=["GET", "POST"])
@access(*ROLES)
def family(family_id: int) -> ResponseReturnValue:
    """Note a family's transfer."""
    found = db.session.get(Family, family_id)
    if found is None:
        abort(404)
    due = due_invoices(db.session(), family_id=family_id)
    form = TransferForm()
    form.offer(due)
    if not form.is_submitted():
        form.received_on.data = clock.today()
    if form.validate_on_submit() and _done(form, lambda: _note(form, family_id)):
        flash(_("Le virement de %(amount)s est noté.", amount=euros(form.amount_cents.data)), "success")
        return redirect(url_for(".index"), 303)
    page = render_template(
        "admin/transfer.html",
        form=form,
        family=db.session.get_one(Family, family_id),
        due=due,
        balance_cents=balance_cents(db.session(), family_id),
    )
    return page, 422 if form.is_submitted() else 200


def _note(form: TransferForm, family_id: int) -> None:
    record_transfer(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        amount_cents=form.amount_cents.data,
        received_on=form.received_on.data,
        bank_reference=form.reference.data or "",
        payer_name=form.payer_name.data or "",
        invoice_ids=form.invoices.data or (),
    )


@bp.route("/<int:payment_id>/annuler", methods=["GET", "POST"])
@access(*ROLES)
def undo(payment_id: int) -> ResponseReturnValue:
    """Undo a transfer that was noted wrongly."""
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        abort(404)
    if payment.means is not PaymentMeans.TRANSFER:
        raise Refusal("transfer_undone")
    form = ReasonForm()
    if form.validate_on_submit() and _done(form, lambda: _undo(form, payment_id)):
        flash(_("Le virement est annulé : ses factures sont de nouveau à payer."), "success")
        return redirect(url_for(".index"), 303)
    payment = db.session.get_one(Payment, payment_id)
    family = db.session.get_one(Family, payment.family_id)
    page = render_template("admin/transfer_undo.html", form=form, payment=payment, family=family)
    return page, 422 if form.is_submitted() else 200


def _undo(form: ReasonForm, payment_id: int) -> None:
    undo_transfer(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        payment_id=payment_id,
        reason=form.reason.data or "",
    )


def _done(form: FlaskForm, act: Callable[[], None]) -> bool:
    """Do an act and commit it; False when the form now says why not."""
    try:
        act()
    except Refusal as refusal:
        db.session.rollback()
        field = getattr(form, ABOUT.get(refusal.code, ""), None)
        if field is not None:
            field.errors = [refusal_sentence(refusal)]
        else:
            form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True
