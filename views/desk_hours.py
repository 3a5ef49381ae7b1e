"""The desk's hours in words: the sentence of letters and pages, and whether it is open now."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.clock import PARIS
from domain.desk_hours.rules import LOOK_AHEAD_DAYS, OpenRange, alike_days, desk_state
from models.calendar import PublicHoliday
from models.town import ServiceHours
from views.formats import day_of_month, hour, weekday_name
from views.languages import page_language
from views.words import in_french

A_MONDAY = date(2026, 1, 5)
DAYS_A_WEEK = 7
# Every page shows the hours: each process writes them once for each language.
SENTENCES_KEPT = 16


def read_hours(session: Session) -> tuple[OpenRange, ...]:
    """Return the hours that staff have written, by weekday and hour."""
    rows = session.scalars(select(ServiceHours).order_by(ServiceHours.weekday, ServiceHours.opens_at))
    return tuple(OpenRange(row.weekday, row.opens_at, row.closes_at) for row in rows)


def hours_of_day(ranges: Sequence[OpenRange]) -> str:
    """Write the hours of one day: ``de 8 h 30 à 12 h et de 13 h 30 à 17 h``."""
    return _listed(
        [
            _("de %(opens)s à %(closes)s", opens=hour(one.opens_at), closes=hour(one.closes_at))
            for one in ranges
        ]
    )


def hours_sentence(ranges: tuple[OpenRange, ...], remark: str = "") -> str:
    """Write a week's hours in sentences, and then the town's own remark."""
    return _hours_sentence(ranges, remark, page_language())


@lru_cache(maxsize=SENTENCES_KEPT)
def _hours_sentence(ranges: tuple[OpenRange, ...], remark: str, _language: str) -> str:
    sentences = [f"{_days(days)}, {hours_of_day(hours)}." for days, hours in alike_days(ranges)]
    towns = in_french(remark.strip())
    between = Markup(" ") if isinstance(towns, Markup) else " "
    return between.join([*sentences, towns]).strip()


def hours_table(ranges: Sequence[OpenRange]) -> list[tuple[str, str]]:
    """Return each weekday with its hours, or with the word for a closed day."""
    rows = []
    for weekday in range(DAYS_A_WEEK):
        own = [one for one in ranges if one.weekday == weekday]
        rows.append((_name(weekday).capitalize(), hours_of_day(own) if own else _("fermé")))
    return rows


def desk_words(session: Session, ranges: Sequence[OpenRange], now: datetime) -> tuple[bool, str]:
    """Return whether the desk is open, and the sentence that says until or from when."""
    local = now.astimezone(PARIS)
    last = local.date() + timedelta(days=LOOK_AHEAD_DAYS)
    off = select(PublicHoliday.day).where(PublicHoliday.day.between(local.date(), last))
    state = desk_state(ranges, frozenset(session.scalars(off)), local)
    if state.until:
        return True, _("Le guichet est ouvert en ce moment, jusqu’à %(hour)s.", hour=hour(state.until))
    if state.opens_on is None or state.opens_at is None:
        return False, _("Le guichet est fermé en ce moment.")
    opening = hour(state.opens_at)
    if state.opens_on == local.date():
        return False, _("Le guichet est fermé en ce moment. Il ouvre aujourd’hui à %(hour)s.", hour=opening)
    day = day_of_month(state.opens_on)
    return False, _("Le guichet est fermé en ce moment. Il ouvre %(day)s à %(hour)s.", day=day, hour=opening)


def _days(days: Sequence[int]) -> str:
    """Write weekdays: ``Du lundi au vendredi``, ``Le lundi et le mercredi``."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("Du %(first)s au %(last)s", first=_name(days[0]), last=_name(days[-1]))
    text = _listed([_("le %(day)s", day=_name(day)) for day in days])
    return text[0].upper() + text[1:]


def _listed(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return _("%(several)s et %(last)s", several=", ".join(parts[:-1]), last=parts[-1])


def _name(weekday: int) -> str:
    return weekday_name(A_MONDAY + timedelta(days=weekday))
