"""Paiements en ligne à vérifier: money that the bank announced and not as it should have."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain import clock
from domain.errors import Refusal
from domain.payments.bank import handle_alert
from domain.payments.queries import alerts
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.alert import AlertForm

bp = Blueprint("admin_alerts", __name__, url_prefix="/admin/paiements-a-verifier")
# Of each kind: what happened, and what to do.
WORDS = {
    "other_amount": (
        _l("La banque annonce un autre montant, ou un paiement sans autorisation."),
        _l("Rien n’est encaissé ici. Vérifiez sur le relevé de la banque, puis remboursez ou encaissez ce qui est vraiment arrivé."),
    ),
    "second_payment": (
        _l("La banque annonce un second paiement sous la même référence."),
        _l("Le premier est enregistré, celui-ci ne l’est pas. Vérifiez sur le relevé, puis faites rembourser le double par la banque."),
    ),
    "unknown_reference": (
        _l("La banque annonce un paiement dont la référence nous est inconnue."),
        _l("Rien n’est encaissé ici. Cherchez le payeur sur le relevé de la banque."),
    ),
    "handed_over": (
        _l("La facture avait été transmise au Trésor public pendant que la famille payait en ligne."),
        _l("Le paiement est enregistré : il règle d’autres factures de la famille ou reste à son crédit. Reprenez la facture au Trésor public, et ce crédit la règle aussitôt. Ou demandez à la famille si elle préfère un remboursement."),
    ),
    "already_settled": (
        _l("La facture avait été réglée entre-temps, au guichet par exemple."),
        _l("Le paiement est enregistré : il règle d’autres factures de la famille ou reste à son crédit. Demandez-lui si elle préfère un remboursement."),
    ),
}  # fmt: skip


@bp.get("")
@access("administrator", "regisseur")
def index() -> ResponseReturnValue:
    """List what waits, the oldest first, each with what to do."""
    return _page(AlertForm(formdata=None), 0), 200


@bp.post("/<int:notification_id>")
@access("administrator", "regisseur")
def handle(notification_id: int) -> ResponseReturnValue:
    """Keep what was done about one, and take it off the list."""
    form = AlertForm()
    if not form.validate_on_submit():
        return _page(form, notification_id), 422
    try:
        handle_alert(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            notification_id=notification_id,
            note=form.note.data,
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".index"))
    db.session.commit()
    flash(_("C’est noté : ce paiement quitte la liste."), "success")
    return redirect(url_for(".index"))


def _page(form: AlertForm, about: int) -> str:
    """Show the list; ``about`` is the alert whose form came back with an error."""
    # The error summary leads to the one field that is wrong.
    form.note.id = f"note-{about}"
    return render_template(
        "admin/payment_alerts.html", alerts=alerts(db.session()), words=WORDS, form=form, about=about
    )
