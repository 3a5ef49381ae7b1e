"""A supporting document that a family gives."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import DateField
from wtforms.validators import InputRequired, Optional, ValidationError

from gateways.files import CheckedFile
from views.errors import field_error
from views.uploads import checked_uploads

MAX_FILES = 20
# What static/upload.js says, with the file's name and weight in their places.
TOO_HEAVY = _l("« {name} » pèse {weight} Mo ; la limite est de 10 Mo. Choisissez une photo plus légère.")
ACCEPTED = "image/jpeg,image/png,image/heic,image/heif,application/pdf,.heic,.pdf"


class DocumentForm(FlaskForm):
    """Its pages, and the day that it bears when its validity counts from it."""

    files = MultipleFileField(
        _l("Photo ou fichier"),
        description=_l(
            "JPEG, PNG, HEIC ou PDF, 10 Mo au plus par fichier. Plusieurs pages ? Choisissez toutes les photos à la fois, "
            "dans l’ordre : elles feront un seul document."
        ),
        render_kw={"accept": ACCEPTED, "data-max-megabytes": "10", "data-too-heavy": TOO_HEAVY},
    )
    issued_on = DateField(
        _l("Date écrite sur le document"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Optional()]
    )

    file: CheckedFile  # what may be kept of the pages, once the form is valid

    def __init__(self, *args: Any, asks_date: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_date:
            missing = _l("Indiquez la date écrite sur le document, par exemple 05/11/2026.")
            self.issued_on.validators = [InputRequired(missing)]
            self.issued_on.flags.required = True
        else:
            del self.issued_on
        self.files.flags.required = True

    def validate_files(self, field: MultipleFileField) -> None:
        """Ask for one file at least, and not for an album; say what is wrong with them together with all the rest."""
        field.data = [upload for upload in field.data or [] if upload and upload.filename]
        if not field.data:
            raise ValidationError(_l("Ajoutez une photo ou un fichier."))
        if len(field.data) > MAX_FILES:
            raise ValidationError(_l("20 fichiers au plus à la fois."))
        with field_error():
            self.file = checked_uploads(field.data)

    @property
    def day(self) -> date | None:
        """The day that the document bears, when it was asked."""
        return self.issued_on.data if "issued_on" in self else None
