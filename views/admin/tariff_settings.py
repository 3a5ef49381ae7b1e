"""The generated screens of price lists; grids change on pages of their own, where they are checked whole."""

from typing import Any

from flask import url_for
from wtforms.validators import Optional

from domain.invoicing.rules import Discount, require_one_figure
from models.tariffs import PriceRule, SiblingDiscount, Tariff, TariffBand, TariffVersion
from views.admin.bases import OFFICE, ReadOnlyView, SettingsView
from views.admin.fields import EurosField, ShareField
from views.admin.filters import RowFilter

Fields = tuple[str, ...]


class TariffScreen(SettingsView):
    """The price lists."""

    empty = "Aucun tarif : créez-en un par délibération du conseil."
    form_fields: Fields = ("name", "unit_name", "units_name")
    column_list = column_details_list = form_fields
    searched = ("name",)


class TariffVersionScreen(ReadOnlyView):
    """The price lists as the council voted them; they change on their own pages, where a grid is checked whole."""

    empty = "Aucune version : un tarif s’applique à partir d’une date."
    readers = OFFICE
    linked = {"tariff_id": Tariff}
    column_list = column_details_list = (
        "tariff_id", "valid_from", "valid_to", "is_draft", "title", "deliberation",
    )  # fmt: skip
    labels = {"title": "Nom de travail", "is_draft": "Brouillon"}
    column_filters = (RowFilter(TariffVersion.tariff_id, Tariff),)

    def row_links(self, row: TariffVersion) -> list[tuple[str, str]]:
        """Offer the version's page."""
        return [(url_for("admin_tariffs.version", version_id=row.id), "Ouvrir la grille")]


class PriceRuleScreen(ReadOnlyView):
    """The prices by residence, situation and formula."""

    empty = "Aucune règle : sans règle, une activité n’a pas de prix."
    readers = OFFICE
    linked = {"version_id": TariffVersion}
    labels = {"percent_bp": "Pourcentage (centièmes de %)"}
    column_list = (
        "version_id", "residence", "situation", "method", "amount_cents", "rate_ppm", "floor_cents", "ceiling_cents",
    )  # fmt: skip
    column_details_list = (
        "version_id", "residence", "situation", "formula_key", "method", "amount_cents", "rate_ppm", "floor_cents",
        "ceiling_cents", "slice_minutes", "percent_bp",
    )  # fmt: skip
    column_filters = (RowFilter(PriceRule.version_id, TariffVersion),)

    def row_links(self, row: PriceRule) -> list[tuple[str, str]]:
        """Offer the page of its version."""
        return [(url_for("admin_tariffs.version", version_id=row.version_id), "Ouvrir la grille")]


class TariffBandScreen(ReadOnlyView):
    """The prices by quotient."""

    empty = "Aucune tranche : elles ne servent qu’aux tarifs par tranches de quotient."
    readers = OFFICE
    linked = {"rule_id": PriceRule}
    column_list = column_details_list = ("rule_id", "low_cents", "high_cents", "amount_cents")
    column_default_sort = [("rule_id", False), ("low_cents", False)]
    column_filters = (RowFilter(TariffBand.rule_id, PriceRule),)


class SiblingDiscountScreen(SettingsView):
    """The reductions for brothers and sisters."""

    empty = "Aucune réduction pour fratrie."
    form_fields: Fields = ("tariff_id", "from_rank", "percent_bp", "amount_cents", "valid_from", "valid_to")
    labels = {"percent_bp": "Réduction", "amount_cents": "Prix de l’unité"}
    rows = linked = {"tariff_id": Tariff}
    column_list = column_details_list = form_fields
    column_filters = (RowFilter(SiblingDiscount.tariff_id, Tariff),)

    def get_form(self) -> Any:
        """Return the form, where a percentage is typed as one, or else a price."""
        form = super().get_form()
        form.percent_bp = ShareField(
            "Réduction (%)",
            [Optional()],
            parts=100,
            description="Par exemple 10 ou 50. Vide si c’est un prix.",
        )
        form.amount_cents = EurosField(
            "Ou prix de l’unité",
            [Optional()],
            description="À partir de ce rang, l’unité coûte ce prix au plus ; pour un seul tarif.",
        )
        return form

    def on_model_change(self, form: Any, model: SiblingDiscount, is_created: bool) -> None:
        """Refuse a discount that is neither a percentage nor a price, or both."""
        require_one_figure(Discount(model.from_rank, model.percent_bp, model.tariff_id, model.amount_cents))
        super().on_model_change(form, model, is_created)
