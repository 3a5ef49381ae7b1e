"""Aides: what CAF or CCAS grant to a family, and what invoices have taken of it."""

from typing import Any

from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import InputRequired, Optional

from domain.invoicing.vouchers import change_voucher, grant_voucher
from models.family import Family
from models.tariffs import Voucher
from views.admin.bases import OFFICE, OperationView
from views.admin.fields import EurosField
from views.admin.people_forms import FAMILIES, family_field, required, text
from views.extensions import db


class VoucherForm(BaseForm):
    """An aid."""

    name = text(_l("Nom de l’aide"), required(_l("Écrivez le nom, par exemple : aide CAF aux loisirs.")))
    amount_cents = EurosField(
        _l("Montant accordé"),
        [InputRequired(_l("Écrivez le montant, par exemple 60,00."))],
        description=_l("Retiré des factures, jamais au-dessous de 0, jusqu’à épuisement."),
    )
    valid_from = DateField(_l("Depuis le"), [InputRequired(_l("Écrivez une date."))])
    valid_to = DateField(
        _l("Jusqu’au (exclu)"), [Optional()], description=_l("Vide : sans limite. Un mois commencé compte.")
    )


class NewVoucherForm(VoucherForm):
    """A new aid, and whose it is."""

    family_id = family_field("voucher")


class VoucherScreen(OperationView):
    """The aids of families, with what is left of each."""

    readers = writers = OFFICE
    can_create = can_edit = True
    linked = {"family_id": Family}
    labels = {"amount_cents": "Accordé", "used_cents": "Utilisé", "name": "Aide"}
    column_list = ("family_id", "name", "amount_cents", "used_cents", "valid_from", "valid_to")
    column_details_list = (*column_list, "created_at", "created_by")
    search_hint = "Nom ou code de la famille"
    empty = "Aucune aide n’est accordée."
    create_form_class, edit_form_class = NewVoucherForm, VoucherForm
    form_ajax_refs = {"family": FAMILIES}

    def create(self, form: NewVoucherForm) -> Voucher:
        """Grant an aid."""
        return grant_voucher(
            db.session(), family_id=form.family_id.data, **self._facts(form), **self.signed()
        )

    def update(self, form: VoucherForm, model: Voucher) -> None:
        """Correct an aid."""
        change_voucher(db.session(), voucher_id=model.id, **self._facts(form), **self.signed())

    @staticmethod
    def _facts(form: VoucherForm) -> dict[str, Any]:
        return {
            "name": form.name.data,
            "amount_cents": form.amount_cents.data,
            "valid_from": form.valid_from.data,
            "valid_to": form.valid_to.data,
        }
