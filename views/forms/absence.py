"""An absence that a family justifies."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, DateField
from wtforms.validators import InputRequired

from domain import clock
from domain.attendance.absences import check_days
from domain.errors import Refusal
from gateways.files import CheckedFile
from views.errors import refusal_sentence
from views.uploads import checked_upload

FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
FIELD_OF = {
    "absence_ends_before": "ends_on",
    "absence_too_long": "ends_on",
    "absence_too_old": "starts_on",
    "absence_already_reported": "starts_on",
}


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
    file: CheckedFile | None = None  # what may be kept of the certificate, once the form is valid

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Say all that is wrong at once: a parent does not learn of the days after having found the certificate."""
        is_valid = super().validate(*args, **kwargs)
        problems = [*self._about_days(), *self._about_proof()]
        for field, sentence in problems:
            field.errors = [*field.errors, sentence]
        return is_valid and not problems

    def refuse(self, refusal: Refusal) -> None:
        """Put a refusal beside the field that it is about."""
        self[FIELD_OF.get(refusal.code, "certificate")].errors = [refusal_sentence(refusal)]

    def _about_days(self) -> Iterator[tuple[Any, str]]:
        first, last = self.starts_on.data, self.ends_on.data
        if first is None or last is None:
            return
        try:
            check_days(first, last, today=clock.today())
        except Refusal as refusal:
            yield self[FIELD_OF[refusal.code]], refusal_sentence(refusal)

    def _about_proof(self) -> Iterator[tuple[Any, str]]:
        if not self.certificate.data:
            if not self.is_sworn.data:
                yield self.certificate, _("Ajoutez un justificatif, ou cochez la case plus bas.")
            return
        try:
            self.file = checked_upload(self.certificate.data)
        except Refusal as refusal:
            yield self.certificate, refusal_sentence(refusal)
