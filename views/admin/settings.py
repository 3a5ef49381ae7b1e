"""The settings: every table that plain forms edit."""

from collections.abc import Callable
from typing import Any

from flask import url_for
from wtforms import ColorField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from domain.direct_debits.rules import read_creditor_id, read_iban
from domain.errors import Refusal
from domain.look import PAPER, WHITE, contrast, parse_colour
from models.activities import Activity, ActivityFormula, NoticeRule
from models.calendar import Closure, PublicHoliday, SchoolHoliday, SchoolYear
from models.documents import DocumentRequirement, DocumentType
from models.schools import EnrolmentCampaign, ExemptionMotive, School, SchoolClass, Site
from models.tariffs import PriceRule, SiblingDiscount, Tariff, TariffBand, TariffVersion
from models.town import ServiceHours, Town
from views.admin.bases import SettingsView
from views.admin.document_settings import DocumentRequirementScreen
from views.admin.filters import RowFilter
from views.admin.school_settings import EnrolmentCampaignScreen, ExemptionMotiveScreen, ParisMomentField
from views.admin.words import WEEKDAYS, options
from views.errors import refusal_sentence

Fields = tuple[str, ...]


class ActivityScreen(SettingsView):
    """What the town offers, where, when, for whom and under which rules."""

    form_fields: Fields = (
        "name", "short_name", "kind", "site_id", "school_year_id", "period", "weekdays", "starts_at", "ends_at", "places",
        "min_age_months", "max_age_months", "levels", "needs_registration", "is_auto_validated", "has_waiting_list",
        "offer_hours", "booking_notice_id", "cancel_notice_id", "tariff_id", "under_six_per_staff",
        "six_and_over_per_staff", "staff_count", "regulation", "position", "is_active",
    )  # fmt: skip
    rows = {
        "site_id": Site, "school_year_id": SchoolYear, "booking_notice_id": NoticeRule,
        "cancel_notice_id": NoticeRule, "tariff_id": Tariff,
    }  # fmt: skip
    linked = rows
    column_list = (
        "name",
        "site_id",
        "kind",
        "weekdays",
        "starts_at",
        "ends_at",
        "places",
        "tariff_id",
        "is_active",
    )
    column_details_list = (*form_fields, "opens_at")
    column_sortable_list = ("name", "places", "starts_at")
    column_default_sort = ("position", False)
    column_filters = (RowFilter(Activity.site_id, Site), RowFilter(Activity.tariff_id, Tariff))
    searched = ("name",)

    def get_form(self) -> Any:
        """Return the form, where the opening of the reservations is typed as a Paris hour."""
        form = super().get_form()
        form.opens_at = ParisMomentField(
            "Réservations ouvertes le (heure de Paris)",
            [Optional()],
            description="Vide : les réservations sont ouvertes dès maintenant.",
        )
        return form

    def row_links(self, row: Activity) -> list[tuple[str, str]]:
        """Offer its days and deadlines."""
        return [(url_for("admin_activities.overview", activity_id=row.id), "Jours et délais")]


class ActivityFormulaScreen(SettingsView):
    """The ways to attend an activity: whole or half day, with or without the meal."""

    form_fields: Fields = (
        "activity_id", "name", "key", "starts_at", "ends_at", "has_meal", "is_for_unreserved",
    )  # fmt: skip
    rows = linked = {"activity_id": Activity}
    labels = {
        "key": "Code dans les règles de prix",
        "is_for_unreserved": "Facturée pour une venue non réservée",
    }
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(ActivityFormula.activity_id, Activity),)


class DocumentTypeScreen(SettingsView):
    """Which documents may be asked for."""

    form_fields: Fields = (
        "code", "name", "help_text", "subject", "validity", "validity_months", "is_health", "position", "is_active",
    )  # fmt: skip
    labels = {"subject": "Concerne"}
    column_list = ("name", "code", "subject", "validity", "validity_months", "is_health", "is_active")
    column_details_list = form_fields
    column_default_sort = ("position", False)


class TariffScreen(SettingsView):
    """The price lists."""

    form_fields: Fields = ("name", "unit_name", "units_name")
    column_list = column_details_list = form_fields
    searched = ("name",)


class TariffVersionScreen(SettingsView):
    """The price lists as the council voted them."""

    form_fields: Fields = ("tariff_id", "valid_from", "valid_to", "deliberation")
    rows = linked = {"tariff_id": Tariff}
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(TariffVersion.tariff_id, Tariff),)


class PriceRuleScreen(SettingsView):
    """The prices by residence, situation and formula."""

    form_fields: Fields = (
        "version_id", "residence", "situation", "formula_key", "method", "amount_cents", "rate_ppm", "floor_cents",
        "ceiling_cents", "slice_minutes", "percent_bp",
    )  # fmt: skip
    rows = linked = {"version_id": TariffVersion}
    labels = {"percent_bp": "Pourcentage (centièmes de %)"}
    column_list = (
        "version_id", "residence", "situation", "method", "amount_cents", "rate_ppm", "floor_cents", "ceiling_cents",
    )  # fmt: skip
    column_details_list = form_fields
    column_filters = (RowFilter(PriceRule.version_id, TariffVersion),)


class TariffBandScreen(SettingsView):
    """The prices by quotient."""

    form_fields: Fields = ("rule_id", "low_cents", "high_cents", "amount_cents")
    rows = linked = {"rule_id": PriceRule}
    column_list = column_details_list = form_fields
    column_default_sort = [("rule_id", False), ("low_cents", False)]
    column_filters = (RowFilter(TariffBand.rule_id, PriceRule),)


class SiblingDiscountScreen(SettingsView):
    """The reductions for brothers and sisters."""

    form_fields: Fields = ("tariff_id", "from_rank", "percent_bp", "valid_from", "valid_to")
    labels = {"percent_bp": "Réduction (centièmes de %)"}
    rows = linked = {"tariff_id": Tariff}
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(SiblingDiscount.tariff_id, Tariff),)


class SchoolYearScreen(SettingsView):
    """The school years."""

    form_fields: Fields = ("label", "starts_on", "ends_on")
    column_list = column_details_list = form_fields


class SchoolHolidayScreen(SettingsView):
    """The school holidays of each zone."""

    form_fields: Fields = ("zone", "name", "starts_on", "ends_on")
    column_list = column_details_list = form_fields
    column_sortable_list = ("starts_on",)


class PublicHolidayScreen(SettingsView):
    """The public holidays."""

    form_fields: Fields = ("day", "name")
    column_list = column_details_list = form_fields
    column_sortable_list = ("day",)


class ClosureScreen(SettingsView):
    """When a site or an activity is shut."""

    form_fields: Fields = ("starts_on", "ends_on", "kind", "reason", "site_id", "activity_id")
    rows = linked = {"site_id": Site, "activity_id": Activity}
    column_list = column_details_list = form_fields
    column_sortable_list = ("starts_on",)
    column_filters = (RowFilter(Closure.site_id, Site),)
    empty = "Aucune fermeture exceptionnelle n’est prévue."


class SiteScreen(SettingsView):
    """The places."""

    form_fields: Fields = ("name", "address", "school_weekdays")
    column_list = column_details_list = form_fields


class SchoolScreen(SettingsView):
    """The schools."""

    form_fields: Fields = ("name", "uai", "kind", "site_id")
    rows = linked = {"site_id": Site}
    column_list = column_details_list = form_fields


class SchoolClassScreen(SettingsView):
    """The classes."""

    form_fields: Fields = ("name", "school_id", "school_year_id", "teacher")
    rows = linked = {"school_id": School, "school_year_id": SchoolYear}
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(SchoolClass.school_id, School),)


class NoticeRuleScreen(SettingsView):
    """The deadlines to book and to cancel."""

    form_fields: Fields = ("name", "kind", "base", "count", "weekday", "at_minutes")
    column_list = column_details_list = form_fields


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

    can_create = can_delete = can_export = False
    form_fields: Fields = (
        "name", "service_name", "address", "postcode", "insee_code", "siret", "phone", "email", "opening_hours",
        "publication_director", "host", "dpo_contact", "accessibility_state", "accessibility_audited_on",
        "school_zone", "accent_color", "payment_delay_days", "collection_threshold_cents", "activation_valid_days",
        "retroactive_policy", "retroactive_reason", "justification_hours", "justification_limit_days", "waiting_days", "late_cancel_free_if_retaken", "has_pedt",
        "sepa_creditor_id", "sepa_iban", "sepa_bic", "sepa_notice_days",
    )  # fmt: skip
    labels = {
        "name": "Commune", "email": "Adresse e-mail du service", "phone": "Téléphone du service",
        "opening_hours": "Remarque sur les horaires", "publication_director": "Directeur de la publication",
        "host": "Hébergeur (nom, adresse, téléphone)", "dpo_contact": "Délégué à la protection des données",
        "accessibility_state": "Accessibilité (RGAA)", "accessibility_audited_on": "Accessibilité : date de l’audit",
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
        form.sepa_iban = StringField("Prélèvement : IBAN de la régie", [Optional(), is_iban])
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


SETTINGS = (
    (ActivityScreen, Activity, "Activités", "Réglages"),
    (ActivityFormulaScreen, ActivityFormula, "Formules", "Réglages"),
    (NoticeRuleScreen, NoticeRule, "Délais", "Réglages"),
    (DocumentTypeScreen, DocumentType, "Types de pièces", "Réglages"),
    (DocumentRequirementScreen, DocumentRequirement, "Pièces demandées", "Réglages"),
    (SiteScreen, Site, "Sites", "Réglages"),
    (SchoolScreen, School, "Écoles", "Réglages"),
    (SchoolClassScreen, SchoolClass, "Classes", "Réglages"),
    (EnrolmentCampaignScreen, EnrolmentCampaign, "Inscriptions scolaires : dates", "Réglages"),
    (ExemptionMotiveScreen, ExemptionMotive, "Motifs de dérogation", "Réglages"),
    (TownScreen, Town, "Commune", "Réglages"),
    (ServiceHoursScreen, ServiceHours, "Horaires du guichet", "Réglages"),
    (TariffScreen, Tariff, "Tarifs", "Tarifs"),
    (TariffVersionScreen, TariffVersion, "Versions", "Tarifs"),
    (PriceRuleScreen, PriceRule, "Règles de prix", "Tarifs"),
    (TariffBandScreen, TariffBand, "Tranches", "Tarifs"),
    (SiblingDiscountScreen, SiblingDiscount, "Fratrie", "Tarifs"),
    (SchoolYearScreen, SchoolYear, "Années scolaires", "Calendrier"),
    (SchoolHolidayScreen, SchoolHoliday, "Vacances", "Calendrier"),
    (PublicHolidayScreen, PublicHoliday, "Jours fériés", "Calendrier"),
    (ClosureScreen, Closure, "Fermetures", "Calendrier"),
)
