"""The commune's own screens: who it is, and its policies."""

from collections.abc import Callable
from typing import Any

from wtforms import ColorField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from domain.direct_debits.rules import read_creditor_id, read_iban
from domain.errors import Refusal
from domain.look import PAPER, WHITE, contrast, parse_colour
from views.admin.bases import SettingsView
from views.errors import refusal_sentence
from views.forms.fields import strip

Fields = tuple[str, ...]


class TownScreen(SettingsView):
    """The commune and its policies."""

    empty = "La commune n’est pas décrite : lancez l’installation du portail."
    can_create = can_delete = can_export = False
    form_fields: Fields = (
        "name", "service_name", "address", "postcode", "insee_code", "siret", "phone", "email", "opening_hours",
        "school_zone", "accent_color", "payment_delay_days", "collection_threshold_cents", "activation_valid_days",
        "retroactive_policy", "retroactive_reason", "justification_hours", "justification_limit_days", "waiting_days", "late_cancel_free_if_retaken", "has_pedt", "tax_age_limit",
        "sepa_creditor_id", "sepa_iban", "sepa_bic", "sepa_notice_days",
        "invoicing_alarm_day", "handover_after_days", "handover_min_cents", "handover_nature", "tresor_contact",
    )  # fmt: skip
    labels = {
        "name": "Commune", "email": "Adresse e-mail du service", "phone": "Téléphone du service",
        "sepa_creditor_id": "Prélèvement : identifiant créancier (ICS)", "sepa_iban": "Prélèvement : IBAN de la régie",
        "sepa_bic": "Prélèvement : BIC", "sepa_notice_days": "Prélèvement : jours de préavis",
    }  # fmt: skip
    column_list = ("name", "service_name", "phone", "email", "accent_color")
    column_details_list = form_fields

    def get_form(self) -> Any:
        """Return the form, where the colour is chosen and must be readable."""
        form = super().get_form()
        checks = [readable]
        form.accent_color = ColorField(
            "Couleur d’accent", checks, description="Sur fond blanc, contraste de 4,5 au moins."
        )
        form.sepa_creditor_id = StringField(
            "Prélèvement : identifiant créancier (ICS)",
            [Optional(), is_creditor_id],
            description="Donné par le comptable public. Vide, le prélèvement n’est pas proposé aux familles.",
        )
        form.invoicing_alarm_day = IntegerField(
            "Facturation du mois précédent : au plus tard le",
            [InputRequired("Remplissez ce champ."), NumberRange(1, 28, "De 1 à 28.")],
            description="Un jour du mois. Le lendemain, la page d’accueil des agents le signale en urgence.",
        )
        form.tresor_contact = TextAreaField(
            "Trésor public : à qui et comment payer",
            [Optional()],
            description="Ce que lit la famille d’une facture transmise : service, adresse, téléphone.",
            filters=[strip],
            render_kw={"rows": 3},
        )
        form.sepa_iban = StringField("Prélèvement : IBAN de la régie", [Optional(), is_iban])
        return form


def is_creditor_id(_form: Any, field: Any) -> None:
    """Refuse an identifier whose check digits are wrong; keep it as one word."""
    field.data = _checked(read_creditor_id, field)


def is_iban(_form: Any, field: Any) -> None:
    """Refuse an account whose check digits are wrong; keep it as one word."""
    field.data = _checked(read_iban, field)


def _checked(read: Callable[[str], str], field: Any) -> str:
    try:
        return read(field.data or "")
    except Refusal as refusal:
        raise ValidationError(refusal_sentence(refusal)) from refusal


def readable(_form: Any, field: Any) -> None:
    """Refuse an accent that cannot be read on our light backgrounds."""
    try:
        colour = parse_colour(field.data or "")
    except ValueError as error:
        raise ValidationError("Écrivez une couleur comme #0F6B5C.") from error
    ratio = min(contrast(colour, WHITE), contrast(colour, PAPER))
    if ratio < 4.5:
        shown = f"{ratio:.1f}".replace(".", ",")
        raise ValidationError(
            f"Cette couleur se lit mal : contraste de {shown}, il en faut 4,5. Choisissez plus foncé."
        )
