"""The service's answer to a declaration."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length


class ValidationForm(FlaskForm):
    """The file is validated; of people who are in another file too, the agent says that they were looked at."""

    despite_duplicates = BooleanField(
        _l("J’ai vérifié les ressemblances signalées : ce dossier est à garder.")
    )


class ComplementForm(FlaskForm):
    """What is to be completed; the family reads it."""

    reason = TextAreaField(
        _l("Ce qui est à compléter"),
        [InputRequired(_l("Écrivez ce que la famille doit compléter.")), Length(max=2000)],
        description=_l("La famille le lit dans l’e-mail, avec la liste des pièces manquantes ou refusées."),
        render_kw={"rows": 3},
    )
