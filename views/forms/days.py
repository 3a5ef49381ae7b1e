"""From a day to a day, asked by GET so that the page can be kept and sent."""

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form
from wtforms.validators import InputRequired

from views.errors import field_error

FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class DaysForm(Form):
    """From which day to which, both included.

    Attributes:
        check: the rule of the two days together; refuses what is wrong.
    """

    check: ClassVar[Callable[[date, date], object]]
    du = DateField(
        _l("Du"), [InputRequired(_l("Indiquez le premier jour, par exemple 01/09/2026."))], format=FORMATS
    )
    au = DateField(
        _l("Au"), [InputRequired(_l("Indiquez le dernier jour, par exemple 31/12/2026."))], format=FORMATS
    )

    def validate_au(self, field: DateField) -> None:
        """Check the two days together."""
        if self.du.data is None or field.data is None:
            return
        with field_error():
            self.check(self.du.data, field.data)
