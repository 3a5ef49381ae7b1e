"""What ends by itself, told in time: the session, and the turn of a busy opening day (WCAG 2.2.1).

The server decides: a cookie is good for as long as its signature says. The pages say the hour, their script warns
some minutes before, and either opens one more page, which is all that makes a session last.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, current_app, g, jsonify, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_security import current_user

from domain import clock
from views.access import access
from views.formats import local_hour, moment
from views.sessions import ASKS_ONLY, lifetime

# How long before its end a session warns, and a turn: somebody may be in the middle of a sentence.
WARNED = timedelta(minutes=5)
TURN_WARNED = timedelta(minutes=2)
bp = Blueprint("time_limits", __name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """An end that comes unless one more page is opened.

    Args:
        seconds: how long it still is.
        warned: how many seconds before the end the page warns.
        until: the end in words, e.g. ``17 h 45``.
    """

    seconds: int
    warned: int
    until: str


class AskedSessions(SecureCookieSessionInterface):
    """Flask's sessions in a cookie, but to ask how long one still lasts does not make it last."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether an answer gives the browser its cookie anew."""
        return request.endpoint != ASKS_ONLY and super().should_set_cookie(app, session)


def init_app(app: Flask) -> None:
    """Serve the two addresses, and tell the templates of the limits."""
    app.session_interface = AskedSessions()
    app.register_blueprint(bp)

    @app.context_processor
    def limits() -> dict[str, object]:
        return {"session_limit": session_limit, "turn_limit": turn_limit}


@bp.get("/session")
@access("parent", "staff")
def stay() -> ResponseReturnValue:
    """Stay signed in, as with any page; this one says until when, for who has no script."""
    return render_template("account/session.html")


@bp.get("/session/reste")
@access("public")
def left() -> Response:
    """Answer a script with how long the session still lasts; 0 when it is over, here or from elsewhere."""
    seconds = seconds_left() if current_user.is_authenticated else 0
    return jsonify(seconds=seconds, until=_until(clock.now() + timedelta(seconds=seconds)))


def seconds_left() -> int:
    """Return how long the cookie that this browser just sent is still good, by the clock that signed it."""
    interface = current_app.session_interface
    serializer = interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    cookie = request.cookies.get(interface.get_cookie_name(current_app), "")
    _data, signed_at = serializer.loads(cookie, return_timestamp=True)
    age = serializer.make_signer(serializer.salt).get_timestamp() - int(signed_at.timestamp())
    return max(int(lifetime().total_seconds()) - age, 0)


def session_limit() -> Limit | None:
    """Return when the session ends if this is the last page that is opened; None without a session."""
    if not (current_user and current_user.is_authenticated):
        return None
    return _limit(lifetime(), WARNED)


def keep_turn(lasts: timedelta) -> None:
    """Note that this page is one of a busy day: whoever is in stays in for so long after it."""
    g.turn_lasts = lasts


def turn_limit() -> Limit | None:
    """Return when the turn ends of somebody whom the waiting room let in; None on any other page."""
    lasts = g.get("turn_lasts")
    return _limit(lasts, TURN_WARNED) if lasts else None


def _limit(lasts: timedelta, warned: timedelta) -> Limit:
    """Return a limit; a very short one still leaves half of itself without a warning."""
    early = min(warned, lasts / 2)
    return Limit(int(lasts.total_seconds()), int(early.total_seconds()), _until(clock.now() + lasts))


def _until(end: datetime) -> str:
    """Write the end: its hour, with the day when that is another one."""
    return local_hour(end) if clock.local_day(end) == clock.today() else moment(end)
