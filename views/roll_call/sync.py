"""What the tablets send when they are back on the air, and what they need to work without a connection."""

import re
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from domain import clock
from domain.attendance.operations import Mark, note_presence
from domain.errors import Refusal
from models.attendance import Presence
from views.access import access, current_actor
from views.context import asset
from views.errors import refusal_sentence
from views.extensions import db
from views.roll_call.blueprint import CALLERS, bp

MARKS_AT_ONCE = 500
KEY = re.compile(r"[A-Za-z0-9-]{8,36}")
# What the page needs without a connection; the worker keeps these beside the pages that were opened.
OFFLINE_FILES = ("portal.css", "roll-call.css", "roll-call.js", "forms.js", "limits.js", "icon.svg")


@bp.post("/synchroniser")
@access(*CALLERS)
def synchronise() -> ResponseReturnValue:
    """Note the marks of a tablet, each for itself; sent twice, they change nothing.

    Takes ``{"marks": [{"key", "day", "child", "presence", "notedAt", "arrivedAt", "leftAt"}]}``; answers for each
    key ``done`` or the sentence of its refusal, so that the tablet forgets what is settled.
    """
    body = request.get_json(silent=True)
    marks = body.get("marks") if isinstance(body, dict) else None
    if not isinstance(marks, list) or len(marks) > MARKS_AT_ONCE:
        return jsonify(error="marks"), 400
    return jsonify(answers=[_answer(mark) for mark in marks])


def _answer(raw: Any) -> dict[str, str]:
    try:
        mark = _read(raw)
    except (KeyError, TypeError, ValueError):
        key = raw.get("key") if isinstance(raw, dict) else ""
        return {"key": str(key)[:64], "state": "refused", "why": refusal_sentence(Refusal("mark_unreadable"))}
    try:
        note_presence(db.session(), actor=current_actor(), now=clock.now(), mark=mark)
    except Refusal as refusal:
        db.session.rollback()
        return {"key": mark.client_key, "state": "refused", "why": refusal_sentence(refusal)}
    db.session.commit()
    return {"key": mark.client_key, "state": "done", "why": ""}


def _read(raw: dict[str, Any]) -> Mark:
    if not KEY.fullmatch(raw["key"]):
        raise ValueError
    presence = Presence(raw["presence"]) if raw["presence"] else None
    day, child = raw["day"], raw["child"]
    if not all(isinstance(number, int) and 0 < number < 2**53 for number in (day, child)):
        raise ValueError
    noted_at = _instant(raw["notedAt"])
    if noted_at is None:
        raise ValueError
    arrived_at, left_at = _instant(raw.get("arrivedAt")), _instant(raw.get("leftAt"))
    return Mark(day, child, presence, noted_at, raw["key"], arrived_at, left_at)


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


@bp.get("/service-worker.js")
@access("public")
def service_worker() -> ResponseReturnValue:
    """Give the script that keeps the roll-call's pages; served from here, it may serve these pages only."""
    with current_app.open_resource("static/roll-call-worker.js", "r") as script:
        source = script.read()
    files = [asset(name) for name in OFFLINE_FILES]
    listed = ",".join(f'"{name}"' for name in files)
    answer = Response(f"const FILES = [{listed}];\n{source}", mimetype="text/javascript")
    # The first page, /pointage, stands outside the script's own folder.
    answer.headers["Service-Worker-Allowed"] = "/pointage"
    return answer
