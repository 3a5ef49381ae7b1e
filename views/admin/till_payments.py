"""Le guichet, one family at the counter: money taken, given back, or an entry undone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.invoicing.queries import due_invoices, handed_over_invoices
from domain.payments.queries import balance_cents
from domain.payments.vouchers import voucher_limit
from domain.recovery.handovers import live_handover
from domain.regie.operations import take_payment
from domain.regie.queries import family_credits, family_note_credits, open_desk
from domain.regie.refunds import cancel_entry, refund_credit, refund_note, refundable_cents
from models.family import Family
from models.invoices import Invoice, InvoiceKind
from models.payments import Payment, PaymentMeans, Refund
from views.access import access, current_actor
from views.admin.till_forms import CancelEntryForm, RefundForm, TakePaymentForm
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import euros

bp = Blueprint("admin_till_payments", __name__, url_prefix="/admin/guichet")
# Which field a refusal is about; any other stands above the form.
ABOUT = {
    "means_not_accepted": "means",
    "amount_not_positive": "amount_cents",
    "refund_over_credit": "amount_cents",
    "drawer_too_short": "means",
    "means_not_for_refund": "means",
}


@bp.route("/familles/<int:family_id>", methods=["GET", "POST"])
@access("administrator", "regisseur")
def family(family_id: int) -> ResponseReturnValue:
    """Show what a family owes, and take its money against a receipt."""
    found = db.session.get(Family, family_id)
    if found is None:
        abort(404)
    due = due_invoices(db.session(), family_id=family_id)
    form = TakePaymentForm()
    form.offer(due)
    if form.validate_on_submit():
        taken = _take(form, family_id)
        if taken is not None:
            return taken
    page = render_template(
        "admin/till_family.html",
        form=form,
        family=found,
        due=due,
        at_tresor=[
            (row, live_handover(db.session(), row.id))
            for row in handed_over_invoices(db.session(), family_id=family_id)
        ],
        balance_cents=balance_cents(db.session(), family_id),
        credits=family_credits(db.session(), family_id),
        notes=family_note_credits(db.session(), family_id),
        limits={
            means.value: voucher_limit(db.session(), means, family_id)
            for means in (PaymentMeans.CESU, PaymentMeans.ANCV)
        },
        desk=open_desk(db.session(), current_actor()),
        today=clock.today(),
    )
    return page, 422 if form.is_submitted() else 200


def _take(form: TakePaymentForm, family_id: int) -> ResponseReturnValue | None:
    """Cash the money and go back to the desk, or put the refusal into the form."""
    try:
        payment = take_payment(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=family_id,
            means=PaymentMeans(form.means.data),
            amount_cents=form.amount_cents.data,
            invoice_ids=form.invoices.data or (),
            payer_name=form.payer_name.data or "",
            bank_reference=form.reference,
        )
    except Refusal as refusal:
        db.session.rollback()
        _tell(form, refusal)
        return None
    number, amount, credit, payment_id = (
        payment.number,
        payment.amount_cents,
        payment.credit_cents,
        payment.id,
    )
    db.session.commit()
    words = _("%(amount)s encaissés, quittance %(number)s.", amount=euros(amount), number=number)
    if credit:
        words += " " + _("%(credit)s restent au crédit de la famille.", credit=euros(credit))
    flash(words, "success")
    return redirect(url_for(".taken", payment_id=payment_id))


@bp.get("/encaissements/<int:payment_id>")
@access("administrator", "regisseur")
def taken(payment_id: int) -> ResponseReturnValue:
    """Show what was just taken, with its receipt to print."""
    payment, family = _payment(payment_id)
    return render_template("admin/till_taken.html", payment=payment, family=family)


def _payment(payment_id: int) -> tuple[Payment, Family]:
    payment = db.session.get(Payment, payment_id)
    if payment is None:
        abort(404)
    return payment, db.session.get_one(Family, payment.family_id)


@bp.route("/encaissements/<int:payment_id>/annuler", methods=["GET", "POST"])
@access("administrator", "regisseur")
def cancel(payment_id: int) -> ResponseReturnValue:
    """Undo a wrong entry of the open desk, with the reason."""
    payment, family = _payment(payment_id)
    form = CancelEntryForm()
    if form.validate_on_submit():
        try:
            cancel_entry(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                payment_id=payment_id,
                reason=form.reason.data,
            )
        except Refusal as refusal:
            db.session.rollback()
            _tell(form, refusal)
        else:
            db.session.commit()
            flash(_("L’encaissement est annulé ; ses factures sont de nouveau à payer."), "success")
            return redirect(url_for("admin_till.index"))
    page = render_template("admin/till_cancel.html", form=form, payment=payment, family=family)
    return page, 422 if form.is_submitted() else 200


@bp.route("/encaissements/<int:payment_id>/rembourser", methods=["GET", "POST"])
@access("administrator", "regisseur")
def refund(payment_id: int) -> ResponseReturnValue:
    """Give back what no invoice needed of a payment."""
    payment, family = _payment(payment_id)
    form = RefundForm()
    if not form.is_submitted():
        form.amount_cents.data = payment.credit_cents
    if form.validate_on_submit() and _given(
        form, lambda facts: refund_credit(payment_id=payment_id, **facts)
    ):
        return redirect(url_for(".family", family_id=family.id))
    page = render_template("admin/till_refund.html", form=form, payment=payment, family=family)
    return page, 422 if form.is_submitted() else 200


@bp.route("/avoirs/<int:note_id>/rembourser", methods=["GET", "POST"])
@access("administrator", "regisseur")
def refund_credit_note(note_id: int) -> ResponseReturnValue:
    """Give back what a credit note still gives."""
    note = db.session.get(Invoice, note_id)
    if note is None or note.kind is not InvoiceKind.CREDIT_NOTE:
        abort(404)
    family = db.session.get_one(Family, note.family_id)
    form = RefundForm()
    form.means.choices = [choice for choice in form.means.choices if choice.value != PaymentMeans.CARD_ONLINE]
    left_cents = refundable_cents(db.session(), note)
    if not form.is_submitted():
        form.amount_cents.data = left_cents
    if form.validate_on_submit() and _given(form, lambda facts: refund_note(note_id=note_id, **facts)):
        return redirect(url_for(".family", family_id=family.id))
    page = render_template(
        "admin/till_refund_note.html", form=form, note=note, family=family, left_cents=left_cents
    )
    return page, 422 if form.is_submitted() else 200


def _given(form: RefundForm, give: Callable[[dict[str, Any]], Refund]) -> bool:
    """Give money back as the form says; False when the form now says why not."""
    facts = {
        "session": db.session(),
        "actor": current_actor(),
        "now": clock.now(),
        "amount_cents": form.amount_cents.data,
        "means": PaymentMeans(form.means.data),
        "reason": form.reason.data,
    }
    try:
        given = give(facts)
    except Refusal as refusal:
        db.session.rollback()
        _tell(form, refusal)
        return False
    words = _("%(amount)s rendus, n° %(number)s.", amount=euros(given.amount_cents), number=given.number)
    db.session.commit()
    flash(words, "success")
    return True


def _tell(form: TakePaymentForm | RefundForm | CancelEntryForm, refusal: Refusal) -> None:
    """Put a refusal beside the field that it is about, or above the form."""
    name, words = ABOUT.get(refusal.code, ""), refusal_sentence(refusal)
    if name in form:
        form[name].errors = [*form[name].errors, words]
    else:
        form.form_errors = [*form.form_errors, words]
