"""What a parent reads of a card payment: how it stands, why it was refused, what to do next."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.payments.queries import TryView
from gateways.payments.error_codes import meaning

CAUSES = {
    "insufficient_funds": _l(
        "Votre banque indique une provision ou un plafond insuffisant. Essayez une autre carte."
    ),
    "expired_card": _l("Votre carte a expiré. Essayez une autre carte."),
    "wrong_card_details": _l(
        "Le numéro, la date ou le code de la carte ne va pas. Recommencez en les vérifiant."
    ),
    "card_not_accepted": _l("Cette carte n’est pas acceptée. Essayez une autre carte."),
    "not_authenticated": _l(
        "Votre banque n’a pas pu vous reconnaître. Recommencez avec l’application de votre banque à portée de main."
    ),
    "timed_out": _l("Le temps accordé par la banque est écoulé. Vous pouvez recommencer."),
    "platform": _l("La banque a eu un problème technique. Réessayez dans quelques minutes."),
}


def return_words(found: TryView, how: str) -> dict[str, Any]:
    """Return what the page says: title, tone, text; how the browser came back only words the wait."""
    match found.state:
        case "paid":
            return {
                "title": _("Paiement reçu"),
                "tone": "success",
                "text": _("Votre paiement est enregistré. Un e-mail vous le confirme."),
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
            "text": _(
                "La banque n’a rien confirmé depuis une demi-heure. Regardez si votre compte est débité : sinon, vous pouvez recommencer."
            ),
        }
    text = _(
        "La banque n’a pas encore confirmé. Cette page se met à jour toute seule : il n’y a rien à refaire."
    )
    if how in ("refuse", "annule"):
        text = _("La banque n’a pas encore répondu. Si vous avez abandonné, rien n’est débité.")
    return {"title": _("Paiement en attente"), "tone": "info", "text": text}


def _cause(error_code: str) -> str:
    """Return the sentence of a refusal, and the next step."""
    cause = meaning(error_code)[1].value
    usual = _(
        "Votre banque a refusé le paiement. Rien n’a été débité : essayez une autre carte, ou appelez le service."
    )
    return str(CAUSES.get(cause, usual))
