"""A parent pays by card: the way to the bank, and the page that the browser comes back to."""

from collections.abc import Sequence

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from domain import clock
from domain.errors import Refusal
from domain.family.sheet import current_address
from domain.payments.gateway import BillingAddress, Cause, PaymentRequest, ReturnAddresses
from domain.payments.operations import open_try
from domain.payments.queries import TryView, card_try, try_invoices
from gateways.payments.error_codes import meaning
from models.family import Guardian
from models.invoices import Invoice
from models.payments import PaymentTry
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.parent.blueprint import bp
from views.parent.payment_words import return_words
from views.payment_gateway import current_gateway

WAYS_BACK = ("accepte", "refuse", "annule", "attente")


@bp.post("/factures/<int:invoice_id>/payer")
@access("parent", personal=True, after_departure=True)
def pay(invoice_id: int) -> ResponseReturnValue:
    """Pay one invoice: write the payment down, then show the form that leads to the bank."""
    return _leave_for_bank([invoice_id])


@bp.post("/factures/payer")
@access("parent", personal=True, after_departure=True)
def pay_several() -> ResponseReturnValue:
    """Pay several invoices, those that the page listed, in one payment."""
    return _leave_for_bank(request.form.getlist("invoice_id", type=int))


@bp.post("/paiement/<reference>/recommencer")
@access("parent", personal=True, after_departure=True)
def pay_again(reference: str) -> ResponseReturnValue:
    """Try the same invoices again; on the bank's second host when its first one failed."""
    found = _own_try(reference)
    is_platform = meaning(found.error_code)[1] is Cause.PLATFORM if found.error_code else False
    return _leave_for_bank(try_invoices(db.session(), reference), use_backup=is_platform)


def _leave_for_bank(invoice_ids: Sequence[int], *, use_backup: bool = False) -> ResponseReturnValue:
    """Write a try down, commit it, and only then show the form that leads to the bank.

    The second host is offered beside the first, for the bank's page may not open at all.
    """
    invoices = _own_invoices(invoice_ids)
    try:
        opened = open_try(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=invoices[0].family_id,
            invoice_ids=[invoice.id for invoice in invoices],
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "info")
        return redirect(url_for(".invoices"))
    db.session.commit()
    asked = _request(opened, len(invoices))
    first, second = current_gateway().form(asked), current_gateway().form(asked, use_backup=True)
    return render_template(
        "parent/payment.html",
        form=second if use_backup else first,
        backup=second if second.action_url != first.action_url and not use_backup else None,
        amount_cents=opened.amount_cents,
        invoices=invoices,
    )


def _own_invoices(invoice_ids: Sequence[int]) -> list[Invoice]:
    """Return invoices of one of the parent's families; 404 for none, for any other, and for two families'."""
    found = db.session.scalars(
        select(Invoice)
        .where(Invoice.id.in_(invoice_ids), Invoice.family_id.in_(current_actor().family_ids))
        .order_by(Invoice.id)
    ).all()
    is_one_family = len({invoice.family_id for invoice in found}) == 1
    if len(found) != len(set(invoice_ids)) or not is_one_family:
        abort(404)
    return list(found)


def _request(opened: PaymentTry, quantity: int) -> PaymentRequest:
    def back(how: str) -> str:
        return url_for(".payment_return", reference=opened.reference, how=how, _external=True)

    return PaymentRequest(
        reference=opened.reference,
        amount_cents=opened.amount_cents,
        opened_at=opened.opened_at,
        payer_email=current_user.email,
        billing=_billing(opened.family_id),
        addresses=ReturnAddresses(
            paid=back("accepte"),
            refused=back("refuse"),
            cancelled=back("annule"),
            pending=back("attente"),
            notification=url_for("paybox.notification", _external=True),
        ),
        quantity=quantity,
    )


def _billing(family_id: int) -> BillingAddress:
    guardian = db.session.scalars(
        select(Guardian)
        .where(Guardian.family_id == family_id)
        .order_by((Guardian.user_id == current_user.id).desc(), Guardian.rank)
    ).first()
    home = current_address(db.session(), family_id, clock.today())
    return BillingAddress(
        first_name=guardian.given_name if guardian else "",
        last_name=guardian.family_name if guardian else current_user.display_name,
        street=home.line1 if home else "",
        postcode=home.postcode if home else "",
        city=home.city if home else "",
        mobile=guardian.phone if guardian else "",
    )


@bp.get("/paiement/<reference>/<how>")
@access("parent")
def payment_return(reference: str, how: str) -> ResponseReturnValue:
    """Show how the payment stands. Coming back settles nothing: only the bank's own call does."""
    if how not in WAYS_BACK:
        abort(404)
    found = _own_try(reference)
    return render_template("parent/payment_return.html", payment=found, **return_words(found, how))


@bp.get("/paiement/<reference>/etat")
@access("parent")
def payment_state(reference: str) -> ResponseReturnValue:
    """Say whether the bank has answered, to the script that waits for it on the page of return."""
    return jsonify(answered=not _own_try(reference).is_waiting)


def _own_try(reference: str) -> TryView:
    """Return a card payment of one of the parent's families; 404 for any other."""
    found = card_try(db.session(), reference, clock.now())
    if found is None or found.family_id not in current_actor().family_ids:
        abort(404)
    return found
