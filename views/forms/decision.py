"""The answer of staff to a request."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length


class DecisionForm(FlaskForm):
    """A reason, compulsory only to refuse; the button says which answer."""

    reason = TextAreaField(
        _l("Motif du refus"),
        [Length(max=2000)],
        description=_l("La famille le lit dans l’e-mail de réponse."),
        render_kw={"rows": 3},
    )
