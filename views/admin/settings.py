"""The settings: every table that plain forms edit."""

from typing import Any

from flask import url_for
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from domain import clock
from domain.pricing.versions import require_prices
from models.activities import Activity, ActivityFormula, NoticeRule
from models.calendar import Closure, PublicHoliday, SchoolHoliday, SchoolYear
from models.documents import DocumentRequirement, DocumentType
from models.recovery import ReminderLevel
from models.schools import EnrolmentCampaign, ExemptionMotive, School, SchoolClass, Site
from models.tariffs import PriceRule, SiblingDiscount, Tariff, TariffBand, TariffVersion
from models.town import ServiceHours, Town
from views.admin.bases import SettingsView
from views.admin.document_settings import DocumentRequirementScreen
from views.admin.fields import EurosField
from views.admin.filters import RowFilter
from views.admin.recovery_settings import ReminderLevelScreen
from views.admin.school_settings import EnrolmentCampaignScreen, ExemptionMotiveScreen, ParisMomentField
from views.admin.tariff_settings import (
    PriceRuleScreen,
    SiblingDiscountScreen,
    TariffBandScreen,
    TariffScreen,
    TariffVersionScreen,
)
from views.admin.town_settings import ServiceHoursScreen, TownScreen
from views.admin.words import LABELS
from views.extensions import db

Fields = tuple[str, ...]


class ActivityScreen(SettingsView):
    """What the town offers, where, when, for whom and under which rules."""

    empty = "Aucune activité : créez la cantine, les garderies et les accueils de loisirs."
    sections = {
        "L’activité": ("name", "short_name", "kind", "site_id", "school_year_id", "position", "is_active"),
        "Jours et horaires": ("period", "weekdays", "starts_at", "ends_at"),
        "Enfants et places": (
            "places", "min_age_months", "max_age_months", "levels", "has_waiting_list", "offer_hours",
        ),
        "Inscription et réservation": (
            "needs_registration", "is_auto_validated", "opens_at", "booking_notice_id", "cancel_notice_id", "regulation",
        ),
        "Prix et retards": ("tariff_id", "late_after_minutes", "is_late_by_family", "counts_for_tax"),
        "Encadrement": ("staff_count", "under_six_per_staff", "six_and_over_per_staff"),
    }  # fmt: skip
    form_fields: Fields = tuple(name for names in sections.values() for name in names if name != "opens_at")
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
        form.late_after_minutes = IntegerField(
            LABELS["late_after_minutes"],
            [Optional(), NumberRange(min=0, message="Écrivez un nombre de minutes, ou laissez vide.")],
            description="Fin à 18 h 45 et 5 minutes : facturé à partir de 18 h 50, au prix « supplément de retard » de la "
            "grille. Vide : les retards ne sont pas facturés.",
        )
        form.is_late_by_family = BooleanField(
            LABELS["is_late_by_family"],
            default=True,
            description="Frères et sœurs en retard le même soir, au même tarif : facturé une fois, pour l’aîné.",
        )
        form.counts_for_tax = BooleanField(
            LABELS["counts_for_tax"],
            default=True,
            description="Garderie, accueil de loisirs : oui. Cantine : non. Étude : à vérifier avec votre comptable.",
        )
        return form

    def on_model_change(self, form: Any, model: Activity, is_created: bool) -> None:
        """Refuse a price list that has no price for the activity's formulas."""
        super().on_model_change(form, model, is_created)
        require_prices(db.session(), tariff_id=model.tariff_id, today=clock.today())

    def row_links(self, row: Activity) -> list[tuple[str, str]]:
        """Offer its days and deadlines."""
        return [(url_for("admin_activities.overview", activity_id=row.id), "Jours et délais")]


class ActivityFormulaScreen(SettingsView):
    """The ways to attend an activity: whole or half day, with or without the meal."""

    empty = "Aucune formule : elles distinguent journée et demi-journée, avec ou sans repas."
    form_fields: Fields = (
        "activity_id", "name", "key", "starts_at", "ends_at", "has_meal", "meal_share_cents", "is_for_unreserved",
    )  # fmt: skip
    rows = linked = {"activity_id": Activity}
    labels = {
        "key": "Code dans les règles de prix",
        "is_for_unreserved": "Facturée pour une venue non réservée",
    }
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(ActivityFormula.activity_id, Activity),)

    def get_form(self) -> Any:
        """Return the form, where the meal's part says what it is for."""
        form = super().get_form()
        form.meal_share_cents = EurosField(
            LABELS["meal_share_cents"],
            [InputRequired("Écrivez un montant, ou 0.")],
            default=0,
            description="Retirée de l’attestation fiscale pour chaque jour, dans la limite du prix du jour (à vérifier).",
        )
        return form

    def on_model_change(self, form: Any, model: ActivityFormula, is_created: bool) -> None:
        """Refuse a formula that the activity's price list has no price for."""
        super().on_model_change(form, model, is_created)
        activity = db.session.get_one(Activity, model.activity_id)
        require_prices(db.session(), tariff_id=activity.tariff_id, today=clock.today())

    def on_model_delete(self, model: ActivityFormula) -> None:
        """Refuse to take away the last formula where the price list only has prices by formula."""
        super().on_model_delete(model)
        activity = db.session.get_one(Activity, model.activity_id)
        require_prices(
            db.session(), tariff_id=activity.tariff_id, today=clock.today(), without_formula=model.id
        )


class DocumentTypeScreen(SettingsView):
    """Which documents may be asked for."""

    empty = "Aucun type de pièce : rien ne peut encore être demandé aux familles."
    form_fields: Fields = (
        "code", "name", "help_text", "subject", "validity", "validity_months", "is_health", "position", "is_active",
    )  # fmt: skip
    labels = {"subject": "Concerne"}
    column_list = ("name", "code", "subject", "validity", "validity_months", "is_health", "is_active")
    column_details_list = form_fields
    column_default_sort = ("position", False)


class SchoolYearScreen(SettingsView):
    """The school years."""

    empty = "Aucune année scolaire : créez celle qui vient pour ouvrir des jours."
    form_fields: Fields = ("label", "starts_on", "ends_on")
    column_list = column_details_list = form_fields


class SchoolHolidayScreen(SettingsView):
    """The school holidays of each zone."""

    empty = "Aucunes vacances : elles sont posées avec l’année scolaire."
    form_fields: Fields = ("zone", "name", "starts_on", "ends_on")
    column_list = column_details_list = form_fields
    column_sortable_list = ("starts_on",)


class PublicHolidayScreen(SettingsView):
    """The public holidays."""

    empty = "Aucun jour férié : ils sont posés avec l’année scolaire."
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

    empty = "Aucun site : créez les lieux où les enfants sont accueillis."
    form_fields: Fields = ("name", "address", "school_weekdays")
    column_list = column_details_list = form_fields


class SchoolScreen(SettingsView):
    """The schools."""

    empty = "Aucune école : créez celles de la commune, avec leur site."
    form_fields: Fields = ("name", "uai", "kind", "site_id")
    rows = linked = {"site_id": Site}
    column_list = column_details_list = form_fields


class SchoolClassScreen(SettingsView):
    """The classes."""

    empty = "Aucune classe : elles servent aux listes d’appel et aux sorties."
    form_fields: Fields = ("name", "school_id", "school_year_id", "teacher")
    rows = linked = {"school_id": School, "school_year_id": SchoolYear}
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(SchoolClass.school_id, School),)


class NoticeRuleScreen(SettingsView):
    """The deadlines to book and to cancel."""

    empty = "Aucun délai : sans délai, une activité se réserve jusqu’à son heure."
    form_fields: Fields = ("name", "kind", "base", "count", "weekday", "at_minutes")
    column_list = column_details_list = form_fields


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
    (ReminderLevelScreen, ReminderLevel, "Niveaux de rappel", "Facturation"),
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
