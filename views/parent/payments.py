"""A parent pays by card: the way to the bank, and the page that the browser comes back to."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import select

from domain import clock
from domain.errors import Refusal
from domain.family.sheet import current_address
from domain.payments.gateway import BillingAddress, PaymentRequest, ReturnAddresses
from domain.payments.operations import open_try
from domain.payments.queries import TryView, card_try
from gateways.payments.error_codes import meaning
from models.family import Guardian
from models.invoices import Invoice
from models.payments import PaymentTry
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.parent.blueprint import bp
from views.payment_gateway import current_gateway

WAYS_BACK = ("accepte", "refuse", "annule", "attente")


@bp.post("/factures/<int:invoice_id>/payer")
@access("parent")
def pay(invoice_id: int) -> ResponseReturnValue:
    """Write the payment down, then show the form that leads to the bank."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.family_id not in current_actor().family_ids:
        abort(404)
    try:
        opened = open_try(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            family_id=invoice.family_id,
            invoice_ids=[invoice.id],
        )
    except Refusal as refusal:
        flash(refusal_sentence(refusal), "info")
        return redirect(url_for(".invoice", invoice_id=invoice_id))
    db.session.commit()
    form = current_gateway().form(_request(opened))
    return render_template(
        "parent/payment.html", form=form, amount_cents=opened.amount_cents, invoice=invoice
    )


def _request(opened: PaymentTry) -> PaymentRequest:
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
    found = card_try(db.session(), reference, clock.now())
    is_ours = found is not None and found.family_id in current_actor().family_ids
    if found is None or not is_ours or how not in WAYS_BACK:
        abort(404)
    return render_template("parent/payment_return.html", payment=found, **_words(found, how))


def _words(found: TryView, how: str) -> dict[str, Any]:
    """Return what the page says: title, tone, text; how the browser came back only words the wait."""
    match found.state:
        case "paid":
            return {
                "title": _("Paiement reçu"),
                "tone": "success",
                "text": _("Votre paiement est enregistré. Un courriel vous le confirme."),
            }
        case "refused":
            return {
                "title": _("Paiement refusé"),
                "tone": "error",
                "text": _cause(found.error_code),
            }
        case "cancelled":
            return {
                "title": _("Paiement abandonné"),
                "tone": "warning",
                "text": _("Rien n’a été débité. Vous pouvez recommencer quand vous voulez."),
            }
        case "quarantined":
            return {
                "title": _("Paiement à vérifier"),
                "tone": "warning",
                "text": _(
                    "La banque a annoncé un paiement qui ne correspond pas à la facture. Le régisseur le vérifie et vous écrira."
                ),
            }
    if found.is_silent:
        return {
            "title": _("Pas encore de réponse de la banque"),
            "tone": "warning",
            "text": _("Vérifiez votre compte avant de recommencer, ou appelez le service."),
        }
    text = _(
        "La banque n’a pas encore confirmé. Actualisez cette page dans un instant : il n’y a rien à refaire."
    )
    if how in ("refuse", "annule"):
        text = _("La banque n’a pas encore répondu. Si vous avez abandonné, rien n’est débité.")
    return {"title": _("Paiement en attente"), "tone": "info", "text": text}


CAUSES = {
    "insufficient_funds": "Votre banque indique une provision ou un plafond insuffisant. Essayez une autre carte.",
    "expired_card": "Votre carte a expiré. Essayez une autre carte.",
    "wrong_card_details": "Le numéro, la date ou le code de la carte ne va pas. Recommencez en les vérifiant.",
    "card_not_accepted": "Cette carte n’est pas acceptée. Essayez une autre carte.",
    "not_authenticated": "Votre banque n’a pas pu vous reconnaître. Recommencez avec l’application de votre banque à portée de main.",
    "timed_out": "Le temps accordé par la banque est écoulé. Vous pouvez recommencer.",
    "platform": "La banque a eu un problème technique. Réessayez dans quelques minutes.",
}


def _cause(error_code: str) -> str:
    """Return the sentence of a refusal, and the next step."""
    cause = meaning(error_code)[1].value
    return CAUSES.get(
        cause,
        _(
            "Votre banque a refusé le paiement. Rien n’a été débité : essayez une autre carte, ou appelez le service."
        ),
    )
