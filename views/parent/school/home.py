"""What the parent's home says of school: enrolments to ask for, and those that wait."""

from flask import url_for
from flask_babel import gettext as _

from domain import clock
from domain.schools.candidates import Candidate
from views.formats import day_of_month
from views.parent.school.common import kind_name, seen_candidates


def school_items(family_id: int) -> list[dict[str, str]]:
    """Return one thing to do for each child that may be enrolled now."""
    return [
        {
            "text": _(
                "Inscription scolaire de %(child)s en %(kind)s",
                child=one.given_name,
                kind=kind_name(one.kind),
            ),
            "note": _note(one),
            "href": url_for("parent.school_wish", starts_in=one.year.starts_on.year, child_id=one.child_id),
            "action": _("Inscription scolaire"),
            "tone": "info",
            "drawing": "file-text",
        }
        for one in seen_candidates(family_id)
        if one.may_ask
    ]


def _note(one: Candidate) -> str:
    if one.campaign is None:
        return ""
    last_day = clock.local_day(one.campaign.closes_at)
    return _(
        "%(level)s, année %(year)s. À faire avant le %(day)s.",
        level=one.level.value,
        year=one.year.label,
        day=day_of_month(last_day),
    )
