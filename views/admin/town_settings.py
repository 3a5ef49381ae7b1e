"""The commune's own screens: who it is, and its policies."""

from collections.abc import Callable
from typing import Any

from wtforms import ColorField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from domain.direct_debits.rules import read_creditor_id, read_iban
from domain.look import PAPER, WHITE, contrast, parse_colour
from views.admin.bases import SettingsView
from views.admin.words import WEEKDAYS, options
from views.errors import field_error
from views.forms.fields import strip

Fields = tuple[str, ...]


class ServiceHoursScreen(SettingsView):
    """When the town's own desk is open."""

    form_fields: Fields = ("weekday", "opens_at", "closes_at")
    labels = {"weekday": "Jour", "opens_at": "Ouvre à", "closes_at": "Ferme à"}
    column_list = column_details_list = form_fields
    column_default_sort = [("weekday", False), ("opens_at", False)]
    empty = "Aucun horaire : les pages montrent seulement la remarque écrite dans Commune."

    def get_form(self) -> Any:
        """Return the form, where a day must be chosen and the desk shuts after it opens."""
        form = super().get_form()
        days = options((bit, day) for bit, day in enumerate(WEEKDAYS))
        form.weekday = SelectField("Jour", [InputRequired()], choices=days, coerce=int)
        form.closes_at = TimeField("Ferme à", [InputRequired("Remplissez ce champ."), is_after_opening])
        return form


class TownScreen(SettingsView):
    """The commune and its policies."""

    empty = "La commune n’est pas décrite : lancez l’installation du portail."
    can_create = can_delete = can_export = False
    sections = {
        "La commune": ("name", "insee_code", "postcode", "siret", "school_zone", "accent_color"),
        "Le service et ses horaires": (
            "service_name", "address", "phone", "email", "opening_hours", "activation_valid_days",
        ),
        "Mentions légales et accessibilité": (
            "publication_director", "host", "dpo_contact", "accessibility_state", "accessibility_audited_on",
        ),
        "Absences, annulations, encadrement": (
            "justification_hours", "justification_limit_days", "waiting_days", "late_cancel_free_if_retaken", "has_pedt",
        ),
        "Facturation": (
            "payment_delay_days", "collection_threshold_cents", "invoicing_alarm_day", "retroactive_policy",
            "retroactive_reason", "tax_age_limit",
        ),
        "Prélèvement automatique": ("sepa_creditor_id", "sepa_iban", "sepa_bic", "sepa_notice_days"),
        "Trésor public": ("handover_after_days", "handover_min_cents", "handover_nature", "tresor_contact"),
    }  # fmt: skip
    form_fields: Fields = tuple(name for names in sections.values() for name in names)
    labels = {
        "name": "Commune", "email": "Adresse e-mail du service", "phone": "Téléphone du service",
        "opening_hours": "Remarque sur les horaires", "publication_director": "Directeur de la publication",
        "host": "Hébergeur (nom, adresse, téléphone)", "dpo_contact": "Délégué à la protection des données",
        "accessibility_state": "Accessibilité (RGAA)", "accessibility_audited_on": "Accessibilité : date de l’audit",
        "sepa_creditor_id": "Identifiant créancier (ICS)", "sepa_iban": "IBAN de la régie",
        "sepa_bic": "BIC de la régie", "sepa_notice_days": "Préavis d’un prélèvement (jours)",
    }  # fmt: skip
    column_list = ("name", "service_name", "phone", "email", "accent_color")
    column_details_list = form_fields

    def get_form(self) -> Any:
        """Return the form, where the colour is chosen and must be readable."""
        form = super().get_form()
        checks = [InputRequired("Choisissez une couleur."), readable]
        form.accent_color = ColorField(
            "Couleur d’accent", checks, description="Sur fond blanc, contraste de 4,5 au moins."
        )
        form.sepa_creditor_id = StringField(
            "Identifiant créancier (ICS)",
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
        form.sepa_iban = StringField("IBAN de la régie", [Optional(), is_iban])
        return form


def is_after_opening(form: Any, field: Any) -> None:
    """Refuse a desk that shuts before it opens."""
    if form.opens_at.data and field.data and field.data <= form.opens_at.data:
        raise ValidationError("Le guichet ferme après son ouverture : écrivez une heure plus tardive.")


def is_creditor_id(_form: Any, field: Any) -> None:
    """Refuse an identifier whose check digits are wrong; keep it as one word."""
    field.data = _checked(read_creditor_id, field)


def is_iban(_form: Any, field: Any) -> None:
    """Refuse an account whose check digits are wrong; keep it as one word."""
    field.data = _checked(read_iban, field)


def _checked(read: Callable[[str], str], field: Any) -> str:
    with field_error():
        return read(field.data or "")


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
