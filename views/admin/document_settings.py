"""Settings of documents: which ones each act asks for, and whether it waits for them."""

from typing import Any

from wtforms import SelectField
from wtforms.validators import InputRequired

from models.activities import Activity
from models.documents import DocumentRequirement, DocumentType
from views.admin.bases import SettingsView
from views.admin.filters import RowFilter
from views.admin.words import options, word

# The acts that look for documents (domain/documents/needs.py), in the order in which a family meets them.
ACTS = (
    "family_declaration",
    "declared_separation",
    "declared_pai",
    "address_change",
    "school_enrolment",
    "sector_exemption",
    "registration",
    "reservation",
    "quotient",
)


class DocumentRequirementScreen(SettingsView):
    """The documents that an act asks for, everywhere or for one activity."""

    form_fields = ("document_type_id", "act", "activity_id", "is_blocking")
    rows = linked = {"document_type_id": DocumentType, "activity_id": Activity}
    labels = {
        "act": "Demandée pour",
        "activity_id": "Activité (vide : toutes)",
        "is_blocking": "Indispensable",
    }
    column_list = column_details_list = form_fields
    column_filters = (
        RowFilter(DocumentRequirement.document_type_id, DocumentType),
        RowFilter(DocumentRequirement.activity_id, Activity),
    )
    empty = "Aucune démarche ne demande de pièce."

    def get_form(self) -> Any:
        """Return the form, where the act is one of those that look for documents."""
        form = super().get_form()
        acts = [("", "–"), *((code, word(code)) for code in ACTS)]
        form.act = SelectField(
            self.labels["act"], [InputRequired("Choisissez une démarche.")], choices=options(acts)
        )
        return form
