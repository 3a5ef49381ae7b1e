"""The account that a mandate lets the town debit: signed on line by a parent, or copied from paper by staff."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, StringField
from wtforms.validators import InputRequired, Length

from domain.direct_debits.mandates import HOLDER_LENGTH, Account
from domain.errors import Refusal
from views.errors import refusal_sentence
from views.forms.fields import strip

# Which field a refusal is about; any other stands above the form.
ABOUT = {
    "iban_wrong": "iban",
    "iban_outside_sepa": "iban",
    "bic_wrong": "bic",
    "holder_missing": "holder",
    "signed_in_future": "signed_on",
}


class AccountForm(FlaskForm):
    """An account to debit."""

    holder = StringField(
        _l("Titulaire du compte"),
        [InputRequired(_l("Écrivez le nom du titulaire du compte.")), Length(max=HOLDER_LENGTH)],
        filters=[strip],
        description=_l("Comme il est écrit sur le relevé d’identité bancaire (RIB)."),
    )
    iban = StringField(
        "IBAN",
        [InputRequired(_l("Écrivez l’IBAN du compte."))],
        filters=[strip],
        description=_l("27 signes pour un compte français, avec ou sans espaces : FR76…"),
        render_kw={"autocomplete": "off", "spellcheck": "false", "maxlength": "50"},
    )
    bic = StringField(
        "BIC",
        filters=[strip],
        description=_l("Laissez vide : nous le trouvons le plus souvent avec l’IBAN."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "maxlength": "20"},
    )

    def account(self) -> Account:
        """Return what was typed."""
        return Account(self.holder.data or "", self.iban.data or "", self.bic.data or "")

    def tell(self, refusal: Refusal) -> None:
        """Put a refusal beside the field that it is about, or above the form."""
        name, words = ABOUT.get(refusal.code, ""), refusal_sentence(refusal)
        if name in self:
            self[name].errors = [*self[name].errors, words]
        else:
            self.form_errors = [*self.form_errors, words]


class SignForm(AccountForm):
    """A parent's signature."""

    agrees = BooleanField(
        _l("J’ai lu le mandat ci-dessus et je le signe."),
        [InputRequired(_l("Cochez cette case pour signer le mandat."))],
    )


class PaperMandateForm(AccountForm):
    """A mandate that the family signed on paper."""

    signed_on = DateField(
        _l("Signé le"),
        [InputRequired(_l("Écrivez la date qui est sur le mandat."))],
        format=["%Y-%m-%d", "%d/%m/%Y"],
        description=_l("La date écrite par la famille sur le mandat papier."),
    )
