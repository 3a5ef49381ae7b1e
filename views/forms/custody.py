"""Staff's forms about a child in two homes: the second file, the calendar, an adult's rights."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from models.custody import CustodyPattern
from views.forms.fields import is_family_code, strip

FROM_WHEN = _l("À partir du")


class AttachForm(FlaskForm):
    """The second family, by its code."""

    code = StringField(
        _l("Code famille du second dossier"),
        [InputRequired(_l("Écrivez le code famille.")), is_family_code],
        filters=[strip],
        description=_l("Huit chiffres. Créez d’abord le dossier de l’autre parent s’il n’en a pas."),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    valid_from = DateField(FROM_WHEN, [InputRequired(_l("Indiquez le premier jour."))])


class CalendarForm(FlaskForm):
    """Whose week it is; the family's list is filled by the view."""

    family_id = RadioField(_l("L’enfant est chez"), [InputRequired(_l("Choisissez la famille."))], coerce=int)
    pattern = RadioField(
        _l("Quelles semaines"),
        [InputRequired(_l("Choisissez les semaines."))],
        choices=[
            SelectChoice(CustodyPattern.EVEN_WEEKS.value, _l("les semaines paires")),
            SelectChoice(CustodyPattern.ODD_WEEKS.value, _l("les semaines impaires")),
            SelectChoice(
                CustodyPattern.ALTERNATE_FROM_START.value,
                _l("une semaine sur deux, à compter du premier jour, quel que soit le numéro"),
            ),
        ],
    )
    valid_from = DateField(FROM_WHEN, [InputRequired(_l("Indiquez le premier jour."))])
    share_percent = IntegerField(
        _l("Part de cette famille dans chaque facture, en pour cent"),
        [Optional(), NumberRange(0, 100, _l("Un nombre entier entre 0 et 100."))],
        description=_l("Laissez vide pour que chaque famille paie ses jours, avec son propre quotient."),
    )


class UntilForm(FlaskForm):
    """From which day something stops."""

    valid_to = DateField(FROM_WHEN, [InputRequired(_l("Indiquez le jour."))])


class RightsForm(FlaskForm):
    """What an adult may do for a child."""

    has_parental_authority = BooleanField(
        _l("Exerce l’autorité parentale"),
        description=_l("Sans elle, l’adulte ne voit plus l’enfant du tout sur le portail."),
    )
    may_reserve = BooleanField(_l("Peut réserver, annuler et inscrire"))
    may_see_health = BooleanField(_l("Voit la santé de l’enfant : allergies, PAI, pièces de santé"))
    may_pick_up = BooleanField(
        _l("Peut venir chercher l’enfant"), description=_l("Figure sur la liste de pointage des animateurs.")
    )
    valid_from = DateField(FROM_WHEN, [InputRequired(_l("Indiquez le premier jour."))])
    valid_to = DateField(
        _l("Jusqu’au (exclu)"),
        [Optional()],
        description=_l("Ce jour-là, l’adulte retrouve tous ses droits. Vide : jusqu’à nouvel ordre."),
    )
