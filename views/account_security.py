"""Security of one's own account: the second factor, and the browsers that are signed in."""

from flask import Blueprint, flash, g, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from ua_parser import parse

from domain import clock
from domain.accounts.sessions import end_all_sessions, end_session, list_sessions
from domain.errors import Refusal
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.sessions import KEY, lifetime

bp = Blueprint("account_security", __name__, url_prefix="/compte/securite")


@bp.get("")
@access("parent", "staff")
def index() -> ResponseReturnValue:
    """Show how one signs in, and from where one is signed in."""
    rows = list_sessions(db.session(), user_id=current_user.id, now=clock.now(), lifetime=lifetime())
    return render_template(
        "account/security.html",
        sessions=[(row, _browser_name(row.browser), row.id == g.get("user_session_id")) for row in rows],
        has_second_factor=current_user.has_second_factor,
        must_keep=current_user.check_tf_required_setup(),
        codes_left=len(current_user.mf_recovery_codes or ()),
    )


@bp.post("/sessions/<int:session_id>/fermer")
@access("parent", "staff", after_departure=True)
def end(session_id: int) -> ResponseReturnValue:
    """Sign one browser out."""
    try:
        end_session(db.session(), actor=current_actor(), now=clock.now(), session_id=session_id)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
    else:
        db.session.commit()
        flash(_("Ce navigateur est déconnecté."), "success")
    return redirect(url_for(".index"))


@bp.post("/sessions/fermer")
@access("parent", "staff", after_departure=True)
def end_others() -> ResponseReturnValue:
    """Sign every other browser out."""
    end_all_sessions(
        db.session(), actor=current_actor(), now=clock.now(), user_id=current_user.id, but=session.get(KEY)
    )
    db.session.commit()
    flash(_("Vos autres navigateurs sont déconnectés."), "success")
    return redirect(url_for(".index"))


def _browser_name(user_agent: str) -> str:
    """Return a browser as its owner knows it, e.g. "Firefox, Windows"."""
    found = parse(user_agent)
    parts = (found.user_agent and found.user_agent.family, found.os and found.os.family)
    return ", ".join(part for part in parts if part) or _("Navigateur inconnu")
