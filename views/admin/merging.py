"""Bringing together what was entered twice: look for it, see what would move, then do it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.family.rules import written_family_code
from domain.merging.candidates import Candidate, candidates, describe, suspicions
from domain.merging.operations import Merged, merge, preview_merge
from models.family import Guardian
from views.access import access, current_actor
from views.admin.merge_words import TABLES
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import day

bp = Blueprint("admin_merging", __name__, url_prefix="/admin/reunir")
ONE = "<any(family, guardian, child):kind>/<int:kept_id>"


@bp.get("")
@access("administrator", "school_agent")
def index() -> ResponseReturnValue:
    """List what looks entered twice."""
    return render_template("admin/merging.html", suspicions=suspicions(db.session()))


@bp.get(f"/{ONE}")
@access("administrator", "school_agent")
def choose(kind: str, kept_id: int) -> ResponseReturnValue:
    """Look for what a file or a person may be merged with."""
    text = request.args.get("q", "")[:100]
    return render_template(
        "admin/merging_choose.html",
        kind=Merged(kind),
        kept=_row_or_404(kind, kept_id),
        text=text,
        found=candidates(db.session(), Merged(kind), kept_id, text),
        back=_page_of(Merged(kind), kept_id),
    )


@bp.get(f"/{ONE}/<int:lost_id>")
@access("administrator", "school_agent")
def preview(kind: str, kept_id: int, lost_id: int) -> ResponseReturnValue:
    """Show what would move, what would become one, or why it cannot be."""
    kept, lost = _row_or_404(kind, kept_id), _row_or_404(kind, lost_id)
    outcome, refusal = None, ""
    try:
        outcome = preview_merge(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            kind=Merged(kind),
            kept_id=kept_id,
            lost_id=lost_id,
        )
    except Refusal as said:
        refusal = refusal_sentence(said)
    return render_template(
        "admin/merging_preview.html",
        kind=Merged(kind),
        kept=kept,
        lost=lost,
        outcome=outcome,
        refusal=refusal,
        tables=TABLES,
    )


@bp.post(f"/{ONE}/<int:lost_id>")
@access("administrator", "school_agent")
def confirm(kind: str, kept_id: int, lost_id: int) -> ResponseReturnValue:
    """Do it, and go to what is kept."""
    lost = _row_or_404(kind, lost_id)
    try:
        merge(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            kind=Merged(kind),
            kept_id=kept_id,
            lost_id=lost_id,
            note=_note(lost),
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".preview", kind=kind, kept_id=kept_id, lost_id=lost_id))
    db.session.commit()
    flash(_("« %(name)s » est réuni : rien n’est perdu.", name=lost.name), "success")
    return redirect(_page_of(Merged(kind), kept_id))


def _row_or_404(kind: str, row_id: int) -> Candidate:
    row = describe(db.session(), Merged(kind), row_id)
    if row is None:
        abort(404)
    return row


def _note(lost: Candidate) -> str:
    """Return the line that the kept file's notes say of the other."""
    code = lost.families[0][1] if lost.families else None
    name = f"{lost.name} ({written_family_code(code)})" if code else lost.name
    return _("Dossier %(name)s réuni à celui-ci le %(day)s.", name=name, day=day(clock.today()))


def _page_of(kind: Merged, row_id: int) -> str:
    match kind:
        case Merged.FAMILY:
            return url_for("family.details_view", id=row_id)
        case Merged.CHILD:
            return url_for("child.details_view", id=row_id)
        case Merged.GUARDIAN:
            guardian = db.session.get(Guardian, row_id) or abort(404)
            return url_for("family.details_view", id=guardian.family_id)
