"""Agir pour la famille: an agent at the desk opens a family's own pages, and stops."""

from flask import Blueprint, abort, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.family.acting import end_acting, start_acting
from models.family import Family
from views.access import ACTING, access, current_actor
from views.errors import refusal_sentence
from views.extensions import db

bp = Blueprint("admin_acting", __name__, url_prefix="/admin")


@bp.post("/familles/<int:family_id>/agir")
@access("administrator", "school_agent")
def start(family_id: int) -> ResponseReturnValue:
    """Put the family into the session; every page of a parent is then this family's."""
    if db.session.get(Family, family_id) is None:
        abort(404)
    _stop()
    try:
        start_acting(db.session(), actor=current_actor(), now=clock.now(), family_id=family_id)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for("family.details_view", id=family_id))
    db.session.commit()
    session[ACTING] = family_id
    return redirect(url_for("parent.home"))


@bp.post("/agir/terminer")
@access("administrator", "school_agent")
def stop() -> ResponseReturnValue:
    """Take the family out of the session, and go back to its file."""
    family_id = _stop()
    db.session.commit()
    if family_id is None:
        return redirect(url_for("family.index_view"))
    flash(_("Vous n’agissez plus pour la famille."), "info")
    return redirect(url_for("family.details_view", id=family_id))


def _stop() -> int | None:
    family_id: int | None = session.pop(ACTING, None)
    if family_id is not None:
        end_acting(db.session(), actor=current_actor(), now=clock.now(), family_id=family_id)
    return family_id
