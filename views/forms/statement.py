"""The days that a statement is about, asked by GET so that the page can be kept and sent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form
from wtforms.validators import InputRequired, ValidationError

from domain.errors import Refusal
from domain.statements.operations import check_period
from views.errors import refusal_sentence

FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class PeriodForm(Form):
    """From which day to which, both included."""

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
        try:
            check_period(self.du.data, field.data)
        except Refusal as refusal:
            raise ValidationError(refusal_sentence(refusal)) from refusal


def period_form(asked: Any, first_on: date, last_on: date) -> PeriodForm:
    """Return the form with what was asked, checked; with the usual period when nothing was."""
    if "du" in asked or "au" in asked:
        form = PeriodForm(asked)
        form.validate()
        return form
    return PeriodForm(data={"du": first_on, "au": last_on})


def in_address(form: PeriodForm) -> Mapping[str, str]:
    """Return the period as an address names it."""
    return {"du": form.du.data.isoformat(), "au": form.au.data.isoformat()}
