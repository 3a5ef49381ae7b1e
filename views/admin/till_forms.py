"""The desk's forms: open, take money, give it back, count."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from domain.invoicing.queries import InvoiceRow
from domain.money import format_euros
from domain.regie.operations import DESK_MEANS
from domain.regie.refunds import REFUND_MEANS
from domain.regie.rules import FACE_VALUES
from models.payments import PaymentMeans
from views.admin.fields import CheckboxesField, EurosField
from views.admin.words import options, word
from views.formats import euros

PIECES = tuple(sorted(FACE_VALUES, reverse=True))
MAX_PIECES = 100_000


class OpenDeskForm(FlaskForm):
    """What is in the drawer in the morning."""

    float_cents = EurosField(
        _l("Fond de caisse"),
        [InputRequired(_l("Comptez le fond de caisse ; écrivez 0 s’il n’y en a pas."))],
        description=_l("Ce que contient le tiroir avant le premier encaissement."),
    )


class MoneyForm(FlaskForm):
    """Money of a family; ``invoices`` is left empty to pay the oldest first."""

    amount_cents = EurosField(
        _l("Montant reçu"),
        [InputRequired(_l("Écrivez le montant reçu, par exemple 30,60."))],
        render_kw={"inputmode": "decimal"},
    )
    payer_name = StringField(
        _l("Payeur"), [Length(max=200)], description=_l("Si ce n’est pas la famille elle-même.")
    )
    invoices = CheckboxesField(
        _l("Factures à régler d’abord"),
        coerce=int,
        description=_l(
            "Sans choix, la plus ancienne est réglée d’abord. Le surplus reste au crédit de la famille."
        ),
    )

    def offer(self, due: Sequence[InvoiceRow]) -> None:
        """Offer the invoices to pay, and propose to pay them all."""
        self.invoices.choices = options((row.id, f"{row.number} · {euros(row.due_cents)}") for row in due)
        if not self.is_submitted():
            self.amount_cents.data = sum(row.due_cents for row in due) or None


class TakePaymentForm(MoneyForm):
    """Money that a family brings to the desk."""

    means = RadioField(
        _l("Moyen de paiement"),
        [InputRequired(_l("Choisissez le moyen de paiement."))],
        choices=options((means.value, word(means.value)) for means in DESK_MEANS),
    )
    cheque_number = StringField(_l("Numéro du chèque"), [Length(max=20)])
    bank = StringField(_l("Banque du chèque, ou numéro du ticket de carte"), [Length(max=50)])

    def validate_cheque_number(self, field: StringField) -> None:
        """Ask for the number of a cheque."""
        if self.means.data == PaymentMeans.CHEQUE and not (field.data or "").strip():
            raise ValidationError(_l("Écrivez le numéro du chèque."))

    @property
    def reference(self) -> str:
        """The cheque's number and bank, or the card's ticket, as the receipt writes it."""
        parts = [(self.cheque_number.data or "").strip(), (self.bank.data or "").strip()]
        return ", ".join(part for part in parts if part)


class RefundForm(FlaskForm):
    """A credit given back."""

    amount_cents = EurosField(_l("Montant rendu"), [InputRequired(_l("Écrivez le montant rendu."))])
    means = RadioField(
        _l("Comment il est rendu"),
        [InputRequired(_l("Choisissez comment l’argent est rendu."))],
        choices=options((means.value, word(means.value)) for means in REFUND_MEANS),
    )
    reason = StringField(
        _l("Motif"), [InputRequired(_l("Écrivez pourquoi cet argent est rendu.")), Length(max=200)]
    )


class CancelEntryForm(FlaskForm):
    """Why an entry is wrong."""

    reason = StringField(
        _l("Motif"), [InputRequired(_l("Écrivez ce qui n’allait pas dans cette saisie.")), Length(max=200)]
    )


class CountForm(FlaskForm):
    """The drawer, note by note and coin by coin: one field for each face value."""

    note = TextAreaField(
        _l("Explication de l’écart"),
        [Length(max=2000)],
        description=_l("Nécessaire si le tiroir ne contient pas ce qu’il devrait."),
        render_kw={"rows": 2},
    )

    def pieces(self) -> dict[int, int]:
        """Return how many there are of each, by face value in cents."""
        return {value: self[f"piece_{value}"].data or 0 for value in PIECES}

    def piece_fields(self) -> list[IntegerField]:
        """Return the counting fields, from the largest note to the smallest coin."""
        return [self[f"piece_{value}"] for value in PIECES]


for _value in PIECES:
    setattr(
        CountForm,
        f"piece_{_value}",
        IntegerField(
            format_euros(_value),
            [Optional(), NumberRange(0, MAX_PIECES, _l("Écrivez un nombre de pièces ou de billets."))],
            render_kw={"inputmode": "numeric", "min": "0"},
        ),
    )
