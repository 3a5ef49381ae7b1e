"""The answer of staff to a request that they do not accept."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length


class RefusalForm(FlaskForm):
    """Why; the family reads it."""

    reason = TextAreaField(
        _l("Motif du refus"),
        [InputRequired(_l("Écrivez pourquoi : la famille lira ce motif.")), Length(max=2000)],
        description=_l("La famille le lit dans l’e-mail de réponse."),
        render_kw={"rows": 3},
    )
