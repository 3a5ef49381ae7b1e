"""The days that a statement is about, asked by GET so that the page can be kept and sent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.statements.operations import check_period
from views.forms.days import DaysForm


class PeriodForm(DaysForm):
    """The days of a statement."""

    check = staticmethod(check_period)


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
