"""An absence that a family justifies."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField
from wtforms.validators import InputRequired

FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class AbsenceForm(FlaskForm):
    """From when to when, and what proves it: a certificate, or the parent's word."""

    starts_on = DateField(
        _l("Premier jour d’absence"),
        [InputRequired(_l("Indiquez le premier jour, par exemple 23/11/2026."))],
        format=FORMATS,
    )
    ends_on = DateField(
        _l("Dernier jour d’absence"),
        [InputRequired(_l("Indiquez le dernier jour ; pour un seul jour, le même."))],
        format=FORMATS,
    )
    certificate = FileField(
        _l("Justificatif"),
        description=_l(
            "Photo ou PDF, 10 Mo au plus. N’envoyez pas de détail médical : un certificat suffit."
        ),
        render_kw={"accept": "application/pdf,image/jpeg,image/png,image/heic"},
    )
    is_sworn = BooleanField(
        _l("Je n’ai pas de justificatif : j’atteste sur l’honneur que mon enfant ne pouvait pas venir")
    )
