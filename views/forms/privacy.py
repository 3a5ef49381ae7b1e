"""Forms of privacy: periods, departures, requests about one's data and their answers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Form, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain.privacy.requests import Right
from domain.privacy.rules import Kind, check_months
from views.errors import field_error
from views.forms.fields import strip
from views.privacy_words import KINDS


def _in_range(form: Form, field: Any) -> None:
    """Check a period against what the law leaves to the town."""
    with field_error():
        check_months(Kind(field.short_name), field.data)


class _Periods(FlaskForm):
    by_itself = BooleanField(
        _l("Purger chaque nuit sans attendre"),
        description=_l("Décoché, le portail rappelle seulement qu’une purge est à faire."),
    )


def periods_form(**values: Any) -> FlaskForm:
    """Return the form of the periods: one number of months for each kind."""
    fields = {
        kind.value: IntegerField(
            name, [InputRequired(_l("Écrivez un nombre de mois.")), _in_range], description=why,
            render_kw={"inputmode": "numeric", "class": "short"},
        )
        for kind, (name, why) in KINDS.items()
    }  # fmt: skip
    made = type("PeriodsForm", (_Periods,), fields)
    form: FlaskForm = made(**values)
    return form


class DepartureForm(FlaskForm):
    """When a family leaves, and why."""

    left_on = DateField(
        _l("Premier jour après le départ"),
        [InputRequired(_l("Choisissez un jour."))],
        description=_l("À partir de ce jour, plus rien n’est réservé ni facturé."),
    )
    reason = StringField(_l("Motif"), [Length(max=200)], filters=[strip])


class DeskRequestForm(FlaskForm):
    """How the person at the desk proved who they are."""

    proof = StringField(
        _l("Preuve d’identité"),
        [
            InputRequired(
                _l(
                    "Écrivez comment la personne a prouvé son identité : une archive ne se remet pas à une autre."
                )
            ),
            Length(max=200),
        ],
        filters=[strip],
        description=_l("Par exemple : carte d’identité vue au guichet. Gardée avec la demande."),
    )


class RightsForm(FlaskForm):
    """What a person asks about their data."""

    right = RadioField(
        _l("Ce que vous demandez"),
        [InputRequired(_l("Choisissez ce que vous demandez."))],
        choices=[
            SelectChoice(Right.ERASURE.value, _l("Effacer des données")),
            SelectChoice(Right.RECTIFICATION.value, _l("Corriger des données")),
        ],
    )
    message = TextAreaField(
        _l("Votre demande"),
        [InputRequired(_l("Écrivez ce que vous demandez : quelle donnée, et pourquoi.")), Length(max=2000)],
        filters=[strip],
        description=_l("Quelle donnée, et pourquoi. Le service répond sous un mois."),
        render_kw={"rows": 5},
    )


class RightsAnswerForm(FlaskForm):
    """The answer of the service; the person reads it."""

    reason = TextAreaField(
        _l("Votre réponse"),
        [InputRequired(_l("Écrivez votre réponse : la personne la lira.")), Length(max=2000)],
        description=_l(
            "Ce qui a été fait, ou pourquoi cela ne peut pas l’être (obligation comptable, par exemple)."
        ),
        render_kw={"rows": 4},
    )
