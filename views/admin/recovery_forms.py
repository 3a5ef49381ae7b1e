"""The forms of recovery: leave a family alone, take a hand-over back, note the Trésor's money."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from views.admin.fields import EurosField

DAY = ["%Y-%m-%d", "%d/%m/%Y"]


class PauseForm(FlaskForm):
    """Why a family is left alone, and until when."""

    reason = StringField(
        _l("Motif"),
        [InputRequired(_l("Écrivez pourquoi cette famille est laissée de côté.")), Length(max=200)],
        description=_l("Échéancier accordé, situation à éclaircir… La famille ne le lit pas."),
    )
    until_on = DateField(
        _l("Dernier jour"),
        [InputRequired(_l("Choisissez jusqu’à quand."))],
        format=DAY,
        description=_l("Le lendemain, elle est de nouveau à relancer."),
    )


class ReasonForm(FlaskForm):
    """Why something is undone."""

    reason = StringField(
        _l("Motif"), [InputRequired(_l("Écrivez pourquoi vous revenez en arrière.")), Length(max=200)]
    )


class TresorPaymentForm(FlaskForm):
    """What the Trésor public has collected of an invoice."""

    amount_cents = EurosField(
        _l("Montant encaissé par le Trésor public"),
        [InputRequired(_l("Écrivez le montant, par exemple 30,60."))],
        render_kw={"inputmode": "decimal"},
    )
    reference = StringField(
        _l("Référence"),
        [Length(max=80)],
        description=_l("Le numéro du titre, ou la ligne du relevé du comptable."),
    )
