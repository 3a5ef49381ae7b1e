"""The roll-call's pages: the sites of a day, the children of one activity, closing, the paper list."""

from datetime import date, datetime
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.attendance.operations import Mark, close_roll_call, note_presence, reopen_roll_call
from domain.attendance.queries import (
    RollChild,
    RollHead,
    find_children,
    may_call_at,
    roll_children,
    roll_heads,
    staff_sites,
)
from domain.errors import Refusal
from gateways.pdf import render_roll_call
from models.attendance import Presence
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import short_day
from views.forms.confirm import ConfirmForm
from views.headers import CITIZEN_POLICY
from views.letterhead import letterhead
from views.roll_call.blueprint import CALLERS, bp

PAGE_POLICY = CITIZEN_POLICY.format(form_action="'self'") + "; worker-src 'self'"


WORDS = ("present", "absent", "arrived", "left", "none")


@bp.get("")
@access(*CALLERS)
def sites() -> ResponseReturnValue:
    """List the sites that hold something on a day; with a single one, go straight to it."""
    day = _read_day(request.args.get("jour", ""))
    found = staff_sites(db.session(), user_id=current_actor().user_id, day=day)
    if len(found) == 1:
        return redirect(url_for(".site", site_id=found[0].site_id, day=day.isoformat()))
    return _page("roll_call/sites.html", sites=found, day=day)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        abort(404)


def _page(template: str, status: int = 200, **facts: object) -> tuple[str, int]:
    g.content_policy = PAGE_POLICY
    return render_template(template, **facts), status


@bp.get("/sites/<int:site_id>/<day>")
@access(*CALLERS)
def site(site_id: int, day: str) -> ResponseReturnValue:
    """List the roll-calls of a site on a day, in order of the clock."""
    on = _read_day(day)
    heads = roll_heads(db.session(), site_id=site_id, day=on)
    if not heads or not may_call_at(db.session(), user_id=current_actor().user_id, site_id=site_id):
        abort(404)
    return _page("roll_call/site.html", heads=heads, day=on)


def head_or_404(activity_day_id: int) -> RollHead:
    """Return a roll-call that this person may make."""
    heads = roll_heads(db.session(), activity_day_id=activity_day_id)
    if not heads:
        abort(404)
    if not may_call_at(db.session(), user_id=current_actor().user_id, site_id=heads[0].site_id):
        abort(404)
    return heads[0]


@bp.get("/<int:activity_day_id>")
@access(*CALLERS)
def sheet(activity_day_id: int) -> ResponseReturnValue:
    """Show the children of an activity day, to be marked one by one."""
    return _sheet(head_or_404(activity_day_id))


def _sheet(head: RollHead, status: int = 200) -> ResponseReturnValue:
    children = roll_children(db.session(), activity_day_id=head.activity_day_id, day=head.day)
    text = request.args.get("q", "").strip()
    here = {child.child_id for child in children}
    found = find_children(db.session(), text=text, day=head.day) if text else []
    return _page(
        "roll_call/sheet.html",
        status,
        head=head,
        children=children,
        unmarked=sum(child.presence is None for child in children),
        q=text,
        found=[one for one in found if one[0] not in here],
        form=ConfirmForm(),
        is_office=bool({"school_agent", "administrator"} & current_actor().roles),
    )


@bp.post("/<int:activity_day_id>/enfants/<int:child_id>")
@access(*CALLERS)
def mark(activity_day_id: int, child_id: int) -> ResponseReturnValue:
    """Note one child, without script: present, absent, arrived or left now, or take the mark back."""
    head = head_or_404(activity_day_id)
    now = clock.now()
    children = roll_children(db.session(), activity_day_id=activity_day_id, day=head.day)
    child = next((one for one in children if one.child_id == child_id), None)
    try:
        noted = _asked(request.form.get("mark", ""), head, child, child_id, now)
        note_presence(db.session(), actor=current_actor(), now=now, mark=noted)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
    else:
        db.session.commit()
    return redirect(url_for(".sheet", activity_day_id=activity_day_id) + f"#enfant-{child_id}")


def _asked(word: str, head: RollHead, child: RollChild | None, child_id: int, now: datetime) -> Mark:
    if word not in WORDS:
        abort(400)
    key, day_id = f"page:{now.timestamp()}", head.activity_day_id
    arrived_at, left_at = (child.arrived_at, child.left_at) if child else (None, None)
    match word:
        case "present":
            return Mark(day_id, child_id, Presence.PRESENT, now, key, arrived_at, left_at)
        case "arrived":
            return Mark(day_id, child_id, Presence.PRESENT, now, key, now)
        case "left":
            return Mark(day_id, child_id, Presence.PRESENT, now, key, arrived_at, now)
    presence = Presence.ABSENT if word == "absent" else None
    return Mark(day_id, child_id, presence, now, key)


@bp.post("/<int:activity_day_id>/clore")
@access(*CALLERS)
def close(activity_day_id: int) -> ResponseReturnValue:
    """Close the roll-call; on demand note those not marked as absent first."""
    head_or_404(activity_day_id)
    try:
        close_roll_call(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            activity_day_id=activity_day_id,
            mark_rest_absent=request.form.get("rest") == "absent",
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
    else:
        db.session.commit()
        flash(_("Le pointage est clos. Merci !"), "success")
    return redirect(url_for(".sheet", activity_day_id=activity_day_id))


@bp.post("/<int:activity_day_id>/rouvrir")
@access("school_agent", "administrator")
def reopen(activity_day_id: int) -> ResponseReturnValue:
    """Open a closed roll-call again."""
    head_or_404(activity_day_id)
    reopen_roll_call(db.session(), actor=current_actor(), now=clock.now(), activity_day_id=activity_day_id)
    db.session.commit()
    flash(_("Le pointage est rouvert."), "success")
    return redirect(url_for(".sheet", activity_day_id=activity_day_id))


@bp.get("/<int:activity_day_id>/liste.pdf")
@access(*CALLERS)
def paper(activity_day_id: int) -> ResponseReturnValue:
    """Give the same list on paper."""
    head = head_or_404(activity_day_id)
    children = roll_children(db.session(), activity_day_id=activity_day_id, day=head.day)
    data = render_roll_call(_render, town=letterhead(), head=head, children=children)
    name = f"pointage-{short_day(head.day).replace('/', '-')}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(data, mimetype="application/pdf", headers=headers)


def _render(template: str, facts: dict[str, Any]) -> str:
    return render_template(template, **facts)
