"""What waits for an agent: documents, requests, mails; and the trail of everything."""

from typing import Any

from flask import request, url_for
from flask_admin import expose
from flask_admin.actions import action
from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from sqlalchemy import case
from wtforms import DateField
from wtforms.validators import Optional

from domain import clock
from domain.demarches.operations import settle_access_help
from domain.documents.operations import correct_document
from domain.messages.delivery import retry_mail
from models.audit import AuditEntry
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.documents import Document, DocumentState, DocumentType
from models.family import Child, Family, Guardian
from models.messages import MailState, OutboxMail
from views.access import current_actor
from views.admin.bases import DESK, OFFICE, OperationView, ReadOnlyView
from views.admin.filters import ChoiceFilter, ColumnFilter, FromDayFilter, NumberFilter, RowFilter
from views.admin.keyset import KeysetList
from views.document_answers import answer_document
from views.documents import send_document
from views.extensions import db


class DocumentDatesForm(BaseForm):
    """The two dates of a document; its pages are what the family gave."""

    issued_on = DateField(_l("Date écrite sur la pièce"), [Optional()])
    valid_until = DateField(_l("Valable jusqu’au"), [Optional()])


class DocumentScreen(OperationView):
    """The documents that families gave, accepted or refused with a reason."""

    empty = (
        "Aucune pièce : elles arrivent avec les déclarations des familles, ou s’ajoutent depuis un dossier."
    )
    readers, writers = DESK, DESK
    can_edit = True
    edit_form_class = DocumentDatesForm
    column_list = (
        "document_type_id",
        "family_id",
        "guardian_id",
        "child_id",
        "state",
        "valid_until",
        "created_at",
    )
    column_details_list = (*column_list, "issued_on", "refusal_reason", "reviewed_at", "reviewed_by")
    column_sortable_list = ("created_at", "valid_until")
    column_filters = (
        ChoiceFilter(Document.state, DocumentState),
        RowFilter(Document.document_type_id, DocumentType),
        NumberFilter(Document.family_id, "N° de famille"),
    )
    linked = {
        "document_type_id": DocumentType,
        "family_id": Family,
        "guardian_id": Guardian,
        "child_id": Child,
    }
    labels = {"created_at": "Reçue le"}
    search_hint = "Famille, responsable ou enfant"

    def update(self, form: DocumentDatesForm, model: Document) -> None:
        """Correct its dates."""
        correct_document(db.session(), document_id=model.id, **form.data, **self.signed())

    def row_links(self, row: Document) -> list[tuple[str, str]]:
        """Offer the file."""
        review = url_for("admin_documents.review", document_id=row.id)
        return [(review, "Vérifier la pièce"), (self.get_url(".file", id=row.id), "Voir le fichier")]

    @expose("/fichier/")
    def file(self) -> Any:
        """Give the file, to look at in the browser."""
        return send_document(request.args.get("id", 0, type=int), inline=True)

    def details_actions(self, row: Document) -> list[tuple[str, str, bool]]:
        """Offer to accept or to refuse what waits."""
        if row.state is not DocumentState.SUBMITTED:
            return []
        return [("accept", "Accepter la pièce", False), ("refuse", "Refuser la pièce", True)]

    @action("accept", "Accepter les pièces choisies")
    def accept_chosen(self, ids: list[str]) -> None:
        """Accept."""
        self.each(ids, lambda row_id: self._decide(row_id, True), "Pièces acceptées : %(count)s.")

    @action("refuse", "Refuser avec le motif écrit")
    def refuse_chosen(self, ids: list[str]) -> None:
        """Refuse, with the reason typed."""
        self.each(ids, lambda row_id: self._decide(row_id, False), "Pièces refusées : %(count)s.")

    def _decide(self, document_id: int, accept: bool) -> None:
        reason = request.form.get("reason", "")[:2000]
        answer_document(document_id, accept=accept, reason=reason)

    asks_reason = True


def _settle(demarche_id: int) -> None:
    settle_access_help(db.session(), actor=current_actor(), now=clock.now(), demarche_id=demarche_id)


class DemarcheScreen(OperationView):
    """What families asked for; each kind is answered on its own page."""

    empty = "Aucune démarche : elles arrivent ici dès qu’une famille en transmet une."
    readers, writers = DESK, DESK
    can_create = can_edit = False
    column_list = ("number", "kind", "family_id", "child_id", "state", "submitted_at", "decided_at")
    column_details_list = (*column_list, "reason", "decided_by")
    labels = {"decided_by": "Décidé par", "number": "Dossier n°"}
    column_sortable_list = ("number", "submitted_at")
    column_filters = (ChoiceFilter(Demarche.kind, DemarcheKind), ChoiceFilter(Demarche.state, DemarcheState))
    searched = ("number",)
    linked = {"family_id": Family, "child_id": Child}

    def row_links(self, row: Demarche) -> list[tuple[str, str]]:
        """Lead to the review of a new address or of a declaration that was sent; to the file that needs a letter."""
        if row.kind is DemarcheKind.ADDRESS_CHANGE:
            return [(url_for("admin_address.review", demarche_id=row.id), "Examiner l’adresse")]
        if row.kind is DemarcheKind.FAMILY_DECLARATION and row.state is not DemarcheState.DRAFT:
            return [(url_for("admin_declarations.review", demarche_id=row.id), "Examiner la déclaration")]
        if row.kind is DemarcheKind.DATA_RIGHTS:
            return [(url_for("admin_data_rights.review", demarche_id=row.id), "Répondre à la demande")]
        if row.kind is DemarcheKind.ACCESS_HELP and row.state is DemarcheState.SUBMITTED:
            return [(url_for("family.details_view", id=row.family_id), "Imprimer un courrier d’accès")]
        return []

    def details_actions(self, row: Demarche) -> list[tuple[str, str, bool]]:
        """Offer to close a call for help that was answered otherwise than by a letter."""
        is_call = row.kind is DemarcheKind.ACCESS_HELP and row.state is DemarcheState.SUBMITTED
        return [("settle", "Réglé de vive voix", False)] if is_call else []

    @action("settle", "Réglé de vive voix (demandes d’aide à l’accès)")
    def settle_chosen(self, ids: list[str]) -> None:
        """Take the chosen calls for help off the list."""
        self.each(ids, _settle, "Demandes réglées : %(count)s.")


class MailScreen(OperationView):
    """The mails: those that failed first."""

    empty = "Aucun courriel : chaque message écrit à une famille s’inscrit ici avec son envoi."
    readers, writers = OFFICE, OFFICE
    column_list = ("state", "recipient", "subject", "family_id", "attempts", "sent_at", "created_at")
    column_details_list = (*column_list, "next_try_at", "last_error", "text_body")
    column_sortable_list = ("created_at", "sent_at")
    column_filters = (
        ChoiceFilter(OutboxMail.state, MailState),
        FromDayFilter(OutboxMail.created_at, "Depuis le"),
    )
    searched = ("recipient", "subject")
    linked = {"family_id": Family}

    def _get_default_order(self) -> Any:
        failed_first = case((OutboxMail.state == MailState.FAILED, 0), else_=1)
        return [(failed_first, [], False), (OutboxMail.id, [], True)]

    def details_actions(self, row: OutboxMail) -> list[tuple[str, str, bool]]:
        """Offer to send a failed mail again."""
        return [("retry", "Renvoyer", False)] if row.state is MailState.FAILED else []

    @action("retry", "Renvoyer les courriels choisis")
    def retry_chosen(self, ids: list[str]) -> None:
        """Queue the mails again."""
        self.each(
            ids,
            lambda row_id: retry_mail(db.session(), mail_id=row_id, now=clock.now()),
            "Remis en file : %(count)s.",
        )


class AuditScreen(KeysetList, ReadOnlyView):
    """Who did what, and when."""

    empty = "Le journal est vide : chaque acte s’y inscrira."
    column_list = ("at", "by", "action", "family_id", "subject_kind", "subject_id", "on_behalf")
    column_details_list = (*column_list, "before", "after")
    column_filters = (
        ColumnFilter(AuditEntry.action), ColumnFilter(AuditEntry.by), FromDayFilter(AuditEntry.at, "Depuis le"),
        NumberFilter(AuditEntry.family_id, "N° de famille"),
    )  # fmt: skip
    linked = {"family_id": Family}
