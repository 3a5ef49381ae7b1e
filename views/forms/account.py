"""The forms of "Mon compte" and of a new address."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from gateways.files import CheckedFile
from views.errors import field_error
from views.forms.fields import email_field, phone_field, strip
from views.uploads import checked_upload


class PhonesForm(FlaskForm):
    """An adult's telephone numbers."""

    phone = phone_field(_l("Téléphone principal"), description=_l("Le numéro appelé en premier."))
    phone_alt = phone_field(_l("Autre téléphone"), description=_l("Travail, domicile…"))


class EmailForm(FlaskForm):
    """A new e-mail address, with the password again."""

    email = email_field(
        _l("Nouvelle adresse e-mail"),
        description=_l("Elle remplace l’ancienne quand vous ouvrez le lien que nous y envoyons."),
    )
    password = PasswordField(
        _l("Votre mot de passe"),
        [InputRequired(_l("Écrivez votre mot de passe."))],
        render_kw={"autocomplete": "current-password"},
    )


class InvoiceChoiceForm(FlaskForm):
    """Electronic or paper invoices."""

    choice = RadioField(
        _l("Comment voulez-vous recevoir vos factures ?"),
        [InputRequired(_l("Choisissez l’une des deux façons."))],
        choices=[
            SelectChoice(
                "electronic", _l("Par voie électronique : un e-mail vous prévient, la facture est ici")
            ),
            SelectChoice("paper", _l("Sur papier, par courrier")),
        ],
    )


class PlaceForm(FlaskForm):
    """Where a family lives."""

    line1 = StringField(
        _l("Numéro et rue"),
        [InputRequired(_l("Écrivez le numéro et la rue.")), Length(max=200)],
        filters=[strip],
        render_kw={"autocomplete": "address-line1"},
    )
    line2 = StringField(
        _l("Complément"),
        [Length(max=200)],
        filters=[strip],
        description=_l("Bâtiment, étage, chez…"),
        render_kw={"autocomplete": "address-line2"},
    )
    postcode = StringField(
        _l("Code postal"),
        [
            InputRequired(_l("Écrivez le code postal.")),
            Regexp(r"^\d{5}$", message=_l("Le code postal a 5 chiffres, par exemple 45110.")),
        ],
        filters=[strip],
        render_kw={"inputmode": "numeric", "autocomplete": "postal-code"},
    )
    city = StringField(
        _l("Commune"),
        [InputRequired(_l("Écrivez le nom de la commune.")), Length(max=120)],
        filters=[strip],
        render_kw={"autocomplete": "address-level2"},
    )


class AddressForm(PlaceForm):
    """A new address and its proof."""

    effective_on = DateField(
        _l("Vous y habitez à partir du"),
        [InputRequired(_l("Écrivez la date du déménagement, par exemple 01/12/2026."))],
        format=["%Y-%m-%d", "%d/%m/%Y"],
    )
    proof = FileField(
        _l("Justificatif de domicile"),
        [FileRequired(_l("Ajoutez un justificatif : une photo ou un PDF."))],
        description=_l(
            "Moins de trois mois : facture d’eau, d’énergie ou de téléphone, bail, taxe. "
            "PDF ou photo, 10 Mo au plus."
        ),
        render_kw={"accept": "application/pdf,image/jpeg,image/png,image/heic"},
    )
    file: CheckedFile | None = None  # what may be kept of the proof, once the form is valid

    def validate_proof(self, field: FileField) -> None:
        """Say what is wrong with the file together with all the rest."""
        with field_error():
            self.file = checked_upload(field.data)
