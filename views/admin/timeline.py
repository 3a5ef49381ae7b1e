"""Fil du dossier: everything done on a family's file, by whom and for whom, page after page."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from domain.family.timeline import Act, Doer, family_timeline
from models.family import Family
from views.access import access
from views.admin.words import act
from views.extensions import db
from views.formats import short_moment

bp = Blueprint("admin_timeline", __name__, url_prefix="/admin/familles")
PAGE = 50


class Line(NamedTuple):
    """An act in words."""

    when: str
    what: str
    about: str
    who: str


@bp.get("/<int:family_id>/fil")
@access("administrator", "school_agent", "regisseur")
def timeline(family_id: int) -> ResponseReturnValue:
    """Show fifty acts, and lead to the older ones."""
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    before_id = request.args.get("avant", type=int)
    acts = family_timeline(db.session(), family_id=family_id, limit=PAGE + 1, before_id=before_id)
    return render_template(
        "admin/timeline.html",
        family=family,
        lines=in_words(acts[:PAGE]),
        older=acts[PAGE - 1].id if len(acts) > PAGE else None,
        is_newest=before_id is None,
    )


def in_words(acts: Iterable[Act]) -> list[Line]:
    """Return acts as the thread shows them."""
    return [
        Line(
            short_moment(one.at), act(one.action), ", ".join(filter(None, (one.about, _days(one)))), _who(one)
        )
        for one in acts
    ]


def _days(one: Act) -> str:
    booked = ngettext("%(num)d journée réservée", "%(num)d journées réservées", one.booked)
    cancelled = ngettext("%(num)d annulée", "%(num)d annulées", one.cancelled)
    return ", ".join(words for count, words in ((one.booked, booked), (one.cancelled, cancelled)) if count)


def _who(one: Act) -> str:
    match one.doer:
        case Doer.PROGRAM:
            return _("par le portail lui-même")
        case Doer.VISITOR:
            return _("par une personne non connectée")
        case Doer.PARENT:
            return _("par %(name)s", name=one.name or _("un parent dont le compte n’existe plus"))
        case Doer.STAFF:
            name = one.name or _("compte effacé")
            if one.is_for_family:
                return _("par %(name)s, agent, à la place de la famille", name=name)
            return _("par %(name)s, agent", name=name)
