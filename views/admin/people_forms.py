"""The forms of families, adults and children."""

from typing import Any

from flask_admin.form import BaseForm
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.validators import Regexp as Pattern

from domain.family.rules import normalise_phone
from models.family import Child, Civility, Diet, Family, Sex
from views.admin.fields import SearchField, SearchLoader
from views.admin.words import choices_of, options
from views.forms.fields import is_email, is_phone, strip

FAMILIES = SearchLoader("family", Family)
CHILDREN = SearchLoader("child", Child)


def required(words: Any) -> list[Any]:
    """Return the check of a field that must be filled."""
    return [InputRequired(words)]


def text(label: Any, checks: list[Any], length: int = 120) -> StringField:
    """Return a line of text without spaces at its ends."""
    return StringField(label, [*checks, Length(max=length)], filters=[strip], default="")


def family_field(endpoint: str) -> SearchField:
    """Return the search for a family, answered by a screen."""
    checks = [DataRequired(_l("Choisissez une famille."))]
    return SearchField(
        _l("Famille"),
        checks,
        loader=FAMILIES,
        endpoint=endpoint,
        description=_l("Nom, code, e-mail ou enfant."),
    )


class FamilyForm(BaseForm):
    """What may be changed of a family's file."""

    name = text(_l("Nom du dossier"), required(_l("Écrivez le nom du dossier.")), 160)
    wants_e_invoice = BooleanField(_l("Facture électronique"))
    notes = TextAreaField(_l("Notes internes"), filters=[strip], render_kw={"rows": 3}, default="")


class NewFamilyForm(FamilyForm):
    """A new file, with its first address."""

    line1 = text(_l("Numéro et rue"), required(_l("Écrivez l’adresse.")), 200)
    line2 = text(_l("Complément d’adresse"), [Optional()], 200)
    postcode = text(
        _l("Code postal"),
        [InputRequired(_l("Écrivez le code postal.")), Pattern(r"^\d{5}$", message=_l("Cinq chiffres."))],
        10,
    )
    city = text(_l("Ville"), required(_l("Écrivez la ville.")))
    former_code = text(_l("Code dans l’ancien logiciel"), [Optional()], 40)


class GuardianForm(BaseForm):
    """An adult's identity and contacts."""

    civility = SelectField(
        _l("Civilité"), choices=options(choices_of(Civility)), coerce=Civility, default=Civility.NONE
    )
    given_name = text(_l("Prénom"), [Optional()])
    family_name = text(_l("Nom"), required(_l("Écrivez le nom.")))
    email = StringField(
        _l("Adresse e-mail"),
        [Optional(), is_email],
        filters=[strip],
        default="",
        render_kw={"autocomplete": "off"},
    )
    phone = TelField(_l("Téléphone"), [is_phone], filters=[strip], default="")
    phone_alt = TelField(_l("Autre téléphone"), [is_phone], filters=[strip], default="")

    @property
    def facts(self) -> dict[str, Any]:
        """What the operation takes, telephones in one form."""
        values = {name: self._fields[name].data or "" for name in ("given_name", "family_name", "email")}
        phones = {
            name: normalise_phone(self._fields[name].data or "") or "" for name in ("phone", "phone_alt")
        }
        return values | phones | {"civility": self.civility.data}


class NewGuardianForm(GuardianForm):
    """A new adult of a family."""

    family_id = family_field("guardian")


class ChildForm(BaseForm):
    """A child's identity, meals and authorisations."""

    given_name = text(_l("Prénom"), required(_l("Écrivez le prénom.")))
    family_name = text(_l("Nom"), required(_l("Écrivez le nom.")))
    born_on = DateField(_l("Date de naissance"), required(_l("Écrivez la date de naissance.")))
    sex = SelectField(_l("Sexe"), choices=options(choices_of(Sex)), coerce=Sex, default=Sex.UNKNOWN)
    diet = SelectField(_l("Repas"), choices=options(choices_of(Diet)), coerce=Diet, default=Diet.STANDARD)
    allows_photos = BooleanField(_l("Photos autorisées"))
    may_leave_alone = BooleanField(_l("Peut partir seul"))

    @property
    def facts(self) -> dict[str, Any]:
        """What the operation takes."""
        names = ("given_name", "family_name", "born_on", "sex", "diet", "allows_photos", "may_leave_alone")
        return {name: self._fields[name].data for name in names}


class NewChildForm(ChildForm):
    """A new child of a family."""

    family_id = family_field("child")
