"""Choosing the period of the charts: by one click, by its neighbours, or from a day to a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.statistics.rules import Period, Span, days_between, is_known, neighbour, period_of
from views.formats import month, short_day
from views.forms.days import DaysForm

USUAL = (
    (Span.MONTH, _l("Ce mois-ci")),
    (Span.SCHOOL_YEAR, _l("Année scolaire")),
    (Span.YEAR, _l("Année civile")),
    (Span.TWELVE_MONTHS, _l("12 derniers mois")),
)


class ChartDaysForm(DaysForm):
    """The days of the charts."""

    check = staticmethod(days_between)


@dataclass(frozen=True, slots=True)
class Link:
    """A period to go to."""

    words: str
    address: Mapping[str, str]
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The period chosen, None when it is not right; the form that says why; and where else to go."""

    period: Period | None
    form: ChartDaysForm
    usual: tuple[Link, ...]
    before: Link | None = None
    after: Link | None = None


def read_choice(asked: Any, today: date) -> Choice:
    """Return what an address asks for, this month when it asks nothing; 404 for what no link of ours says."""
    span = _span(asked.get("periode", Span.MONTH.value))
    if span is not Span.DAYS:
        period = period_of(span, _day(asked.get("le", ""), today))
        return choice_of(period, ChartDaysForm(data={"du": period.first, "au": period.last}), today)
    form = ChartDaysForm(asked)
    if not form.validate():
        return Choice(None, form, _usual(None, today))
    return choice_of(days_between(form.du.data, form.au.data), form, today)


def choice_of(period: Period, form: ChartDaysForm, today: date) -> Choice:
    """Return a period with its neighbours."""
    return Choice(period, form, _usual(period, today), _link(period, -1), _link(period, 1))


def _span(text: str) -> Span:
    try:
        return Span(text)
    except ValueError:
        abort(404)


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        abort(404)
    return day if is_known(day) else abort(404)


def _usual(here: Period | None, today: date) -> tuple[Link, ...]:
    return tuple(
        Link(str(words), {"periode": span.value}, is_here=here == period_of(span, today))
        for span, words in USUAL
    )


def _link(period: Period, step: int) -> Link | None:
    """Return the way to a neighbour; none at the ends of the calendar."""
    found = neighbour(period, step)
    if not (is_known(found.first) and is_known(found.last)):
        return None
    return Link(period_words(found), in_address(found))


def in_address(period: Period) -> dict[str, str]:
    """Return a period as an address names it."""
    if period.span is Span.DAYS:
        return {
            "periode": period.span.value,
            "du": period.first.isoformat(),
            "au": period.last.isoformat(),
        }
    return {"periode": period.span.value, "le": period.last.isoformat()}


def period_words(period: Period) -> str:
    """Return a period in words."""
    if period.span is Span.MONTH:
        return month(period.first)
    if period.span is Span.YEAR:
        return _("année %(year)s", year=period.first.year)
    if period.span is Span.SCHOOL_YEAR:
        return _("année scolaire %(first)s-%(last)s", first=period.first.year, last=period.last.year)
    if period.span is Span.TWELVE_MONTHS:
        return _("%(first)s à %(last)s", first=month(period.first), last=month(period.last))
    return _("du %(first)s au %(last)s", first=short_day(period.first), last=short_day(period.last))
