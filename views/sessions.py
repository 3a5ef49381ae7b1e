"""Signed-in browsers: the cookie is only good while the database knows its key."""

from datetime import timedelta
from typing import Any

from flask import Flask, after_this_request, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out
from flask_security.signals import password_changed, password_reset
from flask_security.utils import set_request_attr
from sqlalchemy import update

from domain import clock
from domain.accounts import sessions
from models.accounts import User, UserSession
from views.access import current_actor
from views.extensions import db
from views.help_access import commit_after_request

KEY = "browser_key"
ASKS_ONLY = "time_limits.left"  # a script that asks how long the session lasts is no visit


def init_app(app: Flask) -> None:
    """Read signed-in people through their browser's key; Flask-Security must be bound before."""
    app.login_manager.user_loader(_load_user)  # type: ignore[attr-defined]
    user_logged_out.connect(_on_sign_out, app)
    password_changed.connect(_on_new_password, app)
    password_reset.connect(_on_new_password, app)


def lifetime() -> timedelta:
    """Return how long a browser stays signed in without a visit."""
    return timedelta(minutes=current_app.config["PREAU"].session_minutes)


def begin(user: User) -> None:
    """Give this browser a key of its own; the one that it held is over."""
    now = clock.now()
    if KEY in session:
        sessions.end_this_session(db.session(), now=now, key=session[KEY])
    session[KEY] = sessions.begin_session(
        db.session(),
        now=now,
        user_id=user.id,
        ip=request.remote_addr or "",
        browser=request.user_agent.string,
    )


def _load_user(uniquifier: str) -> User | None:
    key = session.get(KEY)
    if not uniquifier or not key:
        return None
    found = sessions.find_signed_in(db.session(), uniquifier=str(uniquifier), key=key)
    if found is None:
        return None
    user, browser_id, seen_at = found
    g.user_session_id = browser_id
    # What Flask-Security asks of a loader: where the proof came from, and when the password was given.
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if request.endpoint != ASKS_ONLY and sessions.is_due(seen_at, clock.now()):
        _note_visit(browser_id)
    return user


def _note_visit(session_id: int) -> None:
    """Note the visit once the page is made, apart from what the page itself wrote."""

    @after_this_request
    def _note(response: Any) -> ResponseReturnValue:
        with db.engine.begin() as connection:
            seen = update(UserSession).where(UserSession.id == session_id).values(seen_at=clock.now())
            connection.execute(seen)
        return response  # type: ignore[no-any-return]


def _on_sign_out(_app: Flask, **_facts: Any) -> None:
    key = session.pop(KEY, None)
    if key is not None:
        sessions.end_this_session(db.session(), now=clock.now(), key=key)
        commit_after_request()


def _on_new_password(_app: Flask, user: User, **_facts: Any) -> None:
    """Whoever knew the old password is signed out; the browser that changed it stays."""
    sessions.end_all_sessions(
        db.session(), actor=current_actor(), now=clock.now(), user_id=user.id, but=session.get(KEY)
    )
