"""The forms of "Déclarer mon entourage", one a task."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from domain import clock
from domain.family.declaring import Situation
from domain.schools.rules import Level
from models.family import Diet
from views.forms.account import PlaceForm
from views.forms.fields import (
    family_name_field,
    given_name_field,
    is_email,
    is_phone,
    phone_field,
    strip,
)

CIVILITIES = [
    SelectChoice("", _l("Sans civilité")),
    SelectChoice("mme", _l("Madame")),
    SelectChoice("m", _l("Monsieur")),
]
LEVELS = {
    "none": _l("Pas encore à l’école"),
    **{level.value: level.value for level in Level},
    "other": _l("Collège, ou autre école"),
}
OLDEST = 20


class SelfForm(PlaceForm):
    """The declaring parent, and the home."""

    civility = SelectField(_l("Civilité"), choices=CIVILITIES, default="")
    given_name = given_name_field(render_kw={"autocomplete": "given-name"})
    family_name = family_name_field(render_kw={"autocomplete": "family-name"})
    phone = phone_field(_l("Téléphone principal"), description=_l("Le numéro appelé en premier."))
    phone_alt = phone_field(_l("Autre téléphone"), description=_l("Travail, domicile…"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phone.validators = [InputRequired(_l("Écrivez un numéro où vous joindre.")), is_phone]
        self.phone.flags.required = True


def needed_unless_alone(form: FlaskForm, field: Field) -> None:
    """Ask for the name of the other parent when there is one."""
    if form.situation.data in (Situation.SAME_HOME, Situation.ELSEWHERE):
        if not field.data:
            raise ValidationError(_("Écrivez le nom de l’autre parent."))
    else:
        raise StopValidation


class OtherParentForm(FlaskForm):
    """Where the other parent is, and who."""

    situation = RadioField(
        _l("L’autre parent"),
        [InputRequired(_l("Choisissez une réponse."))],
        choices=[
            SelectChoice(Situation.SAME_HOME.value, _l("Nous habitons ensemble")),
            SelectChoice(Situation.ELSEWHERE.value, _l("Nous vivons séparément")),
            SelectChoice(Situation.NONE.value, _l("Il n’y a pas d’autre parent à déclarer")),
        ],
    )
    civility = SelectField(_l("Civilité"), choices=CIVILITIES, default="")
    given_name = given_name_field()
    family_name = StringField(_l("Nom de famille"), [needed_unless_alone, Length(max=120)], filters=[strip])
    email = EmailField(
        _l("Son adresse e-mail"),
        [Optional(), is_email],
        filters=[strip, lambda value: value.lower() if value else value],
        description=_l("Chaque adulte peut avoir son propre accès, avec sa propre adresse."),
    )
    phone = phone_field(_l("Son téléphone"))
    invites = BooleanField(_l("L’inviter par e-mail à ouvrir son propre accès à ce dossier"))

    def validate_invites(self, field: Field) -> None:
        """An invitation goes to an address, and into a home that is shared."""
        if not field.data:
            return
        if self.situation.data == Situation.ELSEWHERE:
            raise ValidationError(_("L’invitation vaut pour un parent qui habite avec vous."))
        if self.situation.data == Situation.SAME_HOME and not self.email.data:
            raise ValidationError(_("Écrivez son adresse e-mail pour l’inviter."))


def is_birth(_form: FlaskForm, field: Field) -> None:
    """Check that the day has come, and is a child's."""
    today = clock.today()
    if field.data is None:
        return  # the field has said that this is no date
    if field.data > today:
        raise ValidationError(_("Cette date n’est pas encore passée."))
    if field.data < date(today.year - OLDEST, 1, 1):
        raise ValidationError(_("Vérifiez l’année de naissance."))


class BirthField(DateField):
    """A day of birth, read as browsers send it or as people write it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day; say in our words what is no day, such as 29 February 2021."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Cette date n’existe pas. Écrivez-la par exemple 29/02/2020.")) from error


class ChildForm(FlaskForm):
    """Who a child is."""

    given_name = given_name_field()
    family_name = family_name_field()
    born_on = BirthField(
        _l("Date de naissance"),
        [InputRequired(_l("Écrivez une date, par exemple 29/02/2020.")), is_birth],
        format=["%Y-%m-%d", "%d/%m/%Y"],
    )
    sex = SelectField(
        _l("Sexe à l’état civil"),
        choices=[
            SelectChoice("", _l("Choisir…")),
            SelectChoice("F", _l("Féminin")),
            SelectChoice("M", _l("Masculin")),
        ],
        description=_l("L’Éducation nationale le demande à l’inscription."),
        validators=[InputRequired(_l("Choisissez une réponse."))],
    )


class CareForm(FlaskForm):
    """What those who look after a child must know."""

    level = SelectField(
        _l("Classe cette année scolaire"),
        [InputRequired(_l("Choisissez une classe."))],
        choices=[SelectChoice(*one) for one in LEVELS.items()],
    )
    diet = RadioField(
        _l("Menu à la cantine"),
        [InputRequired(_l("Choisissez un menu."))],
        choices=[
            SelectChoice(Diet.STANDARD.value, _l("Standard")),
            SelectChoice(Diet.NO_PORK.value, _l("Sans porc")),
            SelectChoice(Diet.NO_MEAT.value, _l("Sans viande")),
        ],
        default=Diet.STANDARD.value,
    )
    allergies = TextAreaField(
        _l("Allergies"),
        [Length(max=2000)],
        filters=[strip],
        description=_l("Alimentaires ou autres. Laissez vide s’il n’y en a pas."),
        render_kw={"rows": 2},
    )
    has_pai = BooleanField(_l("Mon enfant a un PAI (projet d’accueil individualisé)"))
    care_notes = TextAreaField(
        _l("Ce que les agents doivent savoir"),
        [Length(max=2000)],
        filters=[strip],
        description=_l(
            "Asthme, lunettes, traitement en cours… Seuls ceux qui s’occupent de votre enfant le lisent."
        ),
        render_kw={"rows": 3},
    )
    doctor = StringField(
        _l("Médecin traitant"), [Length(max=200)], filters=[strip], description=_l("Nom et téléphone.")
    )
    vaccines_up_to_date = BooleanField(_l("Ses vaccins obligatoires sont à jour"))
    allows_photos = BooleanField(
        _l("J’autorise les photos de mon enfant pour les publications de la commune")
    )
    may_leave_alone = BooleanField(_l("J’autorise mon enfant à rentrer seul"))


class TrustedForm(FlaskForm):
    """Somebody whom the family trusts."""

    full_name = StringField(
        _l("Prénom et nom"), [InputRequired(_l("Écrivez le nom.")), Length(max=200)], filters=[strip]
    )
    relation = StringField(
        _l("Lien avec l’enfant"),
        [Length(max=80)],
        filters=[strip],
        description=_l("Grand-mère, voisin, nourrice…"),
    )
    phone = phone_field(_l("Téléphone"))
    may_pick_up = BooleanField(_l("Peut venir chercher l’enfant"), default=True)
    is_emergency_contact = BooleanField(_l("À prévenir en cas d’urgence si je ne réponds pas"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phone.validators = [InputRequired(_l("Écrivez un numéro où joindre cette personne.")), is_phone]
        self.phone.flags.required = True
        self.phone.render_kw = {"autocomplete": "off"}
