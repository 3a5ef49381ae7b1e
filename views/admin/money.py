"""Invoices, payments, card payments under way, the bank's notices, the ledger, the cash desk."""

from io import BytesIO
from typing import Any

from flask import abort, request, send_file, url_for
from flask_admin import expose
from flask_babel import gettext as _
from jinja2 import pass_context
from markupsafe import Markup
from sqlalchemy import and_, not_

from domain import clock
from domain.payments.queries import silent_tries
from domain.payments.rules import TryState as PureState
from domain.payments.rules import is_silent
from domain.recovery.handovers import live_handover
from domain.recovery.reminders import invoice_reminders
from models.family import Family
from models.invoices import Delivery, Invoice, InvoiceKind, InvoiceRun, InvoiceState, RunState
from models.payments import (
    Alert,
    BankNotification,
    LedgerEntry,
    LedgerKind,
    NotificationVerdict,
    Payment,
    PaymentMeans,
    PaymentTry,
    TryState,
)
from views.access import current_actor
from views.admin.bases import CASHIERS, OFFICE, ReadOnlyView
from views.admin.filters import ChoiceFilter, FromDayFilter, NumberFilter, ToDayFilter, YesNoFilter
from views.admin.keyset import KeysetList
from views.extensions import db
from views.formats import short_day, short_moment
from views.invoice_documents import PDF, invoice_pdf


class InvoiceScreen(ReadOnlyView):
    """The invoices issued; they are corrected by a credit note, never by hand."""

    empty = "Aucune facture : elles naissent de la facturation du mois."
    readers = OFFICE
    column_list = ("number", "family_id", "month", "total_cents", "paid_cents", "state", "due_on", "delivery")
    column_details_list = (
        *column_list,
        "kind",
        "payer_name",
        "payer_address",
        "issued_at",
        "printed_at",
        "reminded_at",
    )
    labels = {"payer_address": "Adresse du payeur", "printed_at": "Imprimée le", "reminded_at": "Relancée le"}
    column_sortable_list = ("number", "month", "total_cents", "due_on")
    column_filters = (
        ChoiceFilter(Invoice.state, InvoiceState), ChoiceFilter(Invoice.kind, InvoiceKind),
        ChoiceFilter(Invoice.delivery, Delivery), FromDayFilter(Invoice.due_on, "Échéance du"),
        ToDayFilter(Invoice.due_on, "Échéance au"), NumberFilter(Invoice.family_id, "N° de famille"),
    )  # fmt: skip
    searched = ("number",)
    search_hint = "Numéro ou famille"
    linked = {"family_id": Family}

    def row_links(self, row: Invoice) -> list[tuple[str, str]]:
        """Offer the PDF, drawn now if the worker has not come to it yet, and the credit note that corrects."""
        links = [(self.get_url(".pdf", id=row.id), "PDF")]
        may_correct = row.kind is InvoiceKind.INVOICE and row.state is not InvoiceState.CANCELLED
        if may_correct and current_actor().roles & CASHIERS:
            links.append((url_for("admin_corrections.credit", invoice_id=row.id), "Faire un avoir"))
        return links

    def details_links(self, row: Invoice) -> list[tuple[str, str]]:
        """Lead to the reminders that the family was sent, and to the batch that went to the Trésor."""
        links = [
            (url_for("admin_reminders.letter", reminder_id=one.id), f"Relance du {short_day(one.sent_on)}")
            for one in reversed(invoice_reminders(db.session(), row.id))
        ]
        handed = live_handover(db.session(), row.id)
        if handed is not None and current_actor().roles & CASHIERS:
            batch = handed[1]
            links.append((url_for("admin_handovers.batch", batch_id=batch.id), f"Trésor, lot {batch.number}"))
        return links

    @expose("/pdf/")
    def pdf(self) -> Any:
        """Give the invoice as the family has it."""
        invoice = db.session.get(Invoice, request.args.get("id", 0, type=int))
        if invoice is None:
            abort(404)
        data = invoice_pdf(invoice)
        db.session.commit()
        name = f"facture-{invoice.number}.pdf"
        return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)


class InvoiceRunScreen(ReadOnlyView):
    """The months billed."""

    empty = "Aucun mois n’a encore été facturé : commencez par « Facturation du mois »."
    readers = CASHIERS
    column_list = (
        "month",
        "state",
        "family_count",
        "invoice_count",
        "control_total_cents",
        "issued_total_cents",
        "finished_at",
    )
    column_details_list = (*column_list, "started_at", "due_on", "failure")
    column_sortable_list = ("month",)
    column_filters = (ChoiceFilter(InvoiceRun.state, RunState),)


class PaymentScreen(ReadOnlyView):
    """The payments received."""

    empty = "Aucun paiement : ils viennent du guichet, de la carte en ligne et de la banque."
    readers = CASHIERS
    column_list = (
        "number",
        "received_at",
        "family_id",
        "means",
        "amount_cents",
        "allocated_cents",
        "payer_name",
    )
    column_details_list = (*column_list, "bank_reference", "created_by")
    column_sortable_list = ("number", "received_at", "amount_cents")
    column_filters = (
        ChoiceFilter(Payment.means, PaymentMeans), NumberFilter(Payment.family_id, "N° de famille"),
    )  # fmt: skip
    searched = ("number", "payer_name", "bank_reference")
    linked = {"family_id": Family}


class SilentFilter(YesNoFilter):
    """The tries that the bank has left without an answer for too long."""

    def __init__(self) -> None:
        super().__init__(PaymentTry.state, "Sans réponse")
        self.key = "silent"

    def apply(self, query: Any, value: Any, _alias: Any = None) -> Any:
        """Keep those, or the others."""
        silent = and_(*silent_tries(clock.now()))
        return query.filter(silent if value else not_(silent))


class PaymentTryScreen(ReadOnlyView):
    """The card payments that parents began; one that the bank leaves without an answer shows as unknown."""

    empty = "Aucun paiement par carte n’a été commencé en ligne."
    readers = CASHIERS
    column_list = ("reference", "opened_at", "family_id", "amount_cents", "state", "error_code", "closed_at")
    column_details_list = (*column_list, "authorisation", "transaction")
    labels = {"opened_at": "Commencée le", "closed_at": "Terminée le"}
    column_sortable_list = ("opened_at", "amount_cents")
    column_filters = (ChoiceFilter(PaymentTry.state, TryState), SilentFilter())
    searched = ("reference",)
    linked = {"family_id": Family}

    @pass_context
    def get_list_value(self, context: Any, model: Any, name: str) -> Markup:
        """Return a cell of the list."""
        return (
            _unknown(model)
            if name == "state" and _is_silent(model)
            else super().get_list_value(context, model, name)
        )

    @pass_context
    def get_detail_value(self, context: Any, model: Any, name: str) -> Markup:
        """Return a value of the details page."""
        return (
            _unknown(model)
            if name == "state" and _is_silent(model)
            else super().get_detail_value(context, model, name)
        )


def _is_silent(row: PaymentTry) -> bool:
    return is_silent(PureState(row.state.value), row.opened_at, clock.now())


def _unknown(row: PaymentTry) -> Markup:
    words = _("Inconnue : pas de réponse depuis %(moment)s", moment=short_moment(row.opened_at))
    return Markup('<span class="state tone-error">{}</span>').format(words)


class NotificationScreen(KeysetList, ReadOnlyView):
    """What the bank said, word for word."""

    empty = "Aucun avis : la banque en envoie un à chaque paiement par carte."
    readers = CASHIERS
    column_list = (
        "received_at",
        "verdict",
        "try_id",
        "amount_cents",
        "transaction",
        "detail",
        "alert",
        "handled_at",
    )
    column_details_list = (*column_list, "handled_by", "handled_note", "source_ip", "raw")
    labels = {
        "raw": "Message reçu", "alert": "À vérifier", "handled_at": "Traité le", "handled_by": "Traité par",
        "handled_note": "Suite donnée",
    }  # fmt: skip
    column_filters = (
        ChoiceFilter(BankNotification.verdict, NotificationVerdict),
        ChoiceFilter(BankNotification.alert, Alert, "À vérifier"),
    )
    linked = {"try_id": PaymentTry}


class LedgerScreen(KeysetList, ReadOnlyView):
    """Every movement of every family's account; the balance is their sum."""

    empty = "Le grand livre est vide : chaque facture et chaque paiement s’y inscriront."
    readers = CASHIERS
    column_list = ("at", "family_id", "kind", "source_id", "amount_cents", "by")
    column_details_list = column_list
    column_filters = (
        ChoiceFilter(LedgerEntry.kind, LedgerKind), NumberFilter(LedgerEntry.family_id, "N° de famille"),
    )  # fmt: skip
    linked = {"family_id": Family}


class CashSessionScreen(ReadOnlyView):
    """The cash desk, day by day."""

    empty = "La caisse n’a pas encore été ouverte : cela se fait au guichet."
    readers = CASHIERS
    column_list = ("opened_at", "opened_by", "float_cents", "closed_at", "counted_cents", "difference_note")
    column_details_list = column_list
    column_sortable_list = ("opened_at",)
