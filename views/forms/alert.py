"""What the régisseur did about a payment to be verified."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length


class AlertForm(FlaskForm):
    """One sentence for the file."""

    note = TextAreaField(
        _l("Suite donnée"),
        validators=[InputRequired(_l("Écrivez en une phrase ce que vous avez fait.")), Length(max=2000)],
    )
