"""Settings of school enrolment: when families may ask, and the motives of a derogation."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _
from wtforms import DateTimeLocalField
from wtforms.validators import InputRequired, ValidationError

from domain.clock import PARIS
from domain.dates import at
from models.calendar import SchoolYear
from models.schools import EnrolmentCampaign
from views.admin.bases import SettingsView
from views.admin.filters import RowFilter


class ParisMomentField(DateTimeLocalField):
    """An instant typed as a clock in Paris shows it, and kept in UTC."""

    def process_data(self, value: datetime | None) -> None:
        """Show the instant as Paris time."""
        self.data = None if value is None else value.astimezone(PARIS).replace(tzinfo=None)

    def populate_obj(self, obj: Any, name: str) -> None:
        """Keep the instant, or that there is none."""
        moment = at(self.data.date(), self.data.time()).astimezone(UTC) if self.data else None
        setattr(obj, name, moment)


def follows_opening(form: Any, field: Any) -> None:
    """Refuse a campaign that closes before it opens."""
    if form.opens_at.data and field.data and field.data <= form.opens_at.data:
        raise ValidationError(_("La fermeture doit venir après l’ouverture."))


class EnrolmentCampaignScreen(SettingsView):
    """When families may ask for a school on line."""

    form_fields = ("school_year_id", "kind", "text")
    rows = linked = {"school_year_id": SchoolYear}
    labels = {
        "kind": "Écoles (primaire : maternelle et élémentaire)",
        "opens_at": "Ouverture (heure de Paris)",
        "closes_at": "Fermeture (heure de Paris)",
        "text": "Ce que la famille lit",
    }
    column_list = column_details_list = ("school_year_id", "kind", "opens_at", "closes_at", "text")
    column_filters = (RowFilter(EnrolmentCampaign.school_year_id, SchoolYear),)
    empty = "Aucune campagne : les familles ne voient pas l’inscription scolaire."

    def get_form(self) -> Any:
        """Return the form, where both ends are typed as Paris hours."""
        form = super().get_form()
        needed = InputRequired("Indiquez le jour et l’heure.")
        form.opens_at = ParisMomentField(self.labels["opens_at"], [needed])
        form.closes_at = ParisMomentField(self.labels["closes_at"], [needed, follows_opening])
        return form


class ExemptionMotiveScreen(SettingsView):
    """The motives that a family may give for another school."""

    form_fields = ("name", "position", "is_active")
    column_list = column_details_list = form_fields
    column_default_sort = ("position", False)
    empty = "Aucun motif : les familles ne peuvent pas demander de dérogation."
