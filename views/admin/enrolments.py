"""Inscriptions scolaires: what waits, and the answer to each: the sector, the derogation, the school."""

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.schools.decisions import Decision, decide_request, set_sector_school
from domain.schools.papers import Papers, enrolment_papers
from domain.schools.queries import (
    RequestSheet,
    decided_requests,
    request_sheet,
    schools_teaching,
    waiting_requests,
)
from domain.waiting.queries import Queue, beside
from views.access import access, current_actor
from views.documents import send_document
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.decision import RefusalForm
from views.forms.school import SectorSchoolForm
from views.headers import CITIZEN_POLICY
from views.mailing import absolute, tell_family
from views.school_words import segment_words, unlocated_words

ROLES = ("administrator", "school_agent")
DECIDED_SHOWN = 30
MAILS = {
    Decision.ACCEPT: "school_accepted",
    Decision.GRANT: "school_accepted",
    Decision.DENY: "school_exemption_denied",
    Decision.REFUSE: "school_refused",
}
bp = Blueprint("admin_enrolments", __name__, url_prefix="/admin/inscriptions-scolaires")


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List what waits, the oldest first: addresses to place, derogations, plain enrolments; then the last answers."""
    waiting = waiting_requests(db.session())
    placed = [one for one in waiting if not one.needs_sector]
    return render_template(
        "admin/enrolments.html",
        unplaced=[one for one in waiting if one.needs_sector],
        exemptions=[one for one in placed if one.is_exemption],
        enrolments=[one for one in placed if not one.is_exemption],
        decided=decided_requests(db.session(), DECIDED_SHOWN),
        today=clock.today(),
        local_day=clock.local_day,
        unlocated_words=unlocated_words,
    )


def _sheet_or_404(demarche_id: int) -> RequestSheet:
    sheet = request_sheet(db.session(), demarche_id)
    if sheet is None:
        abort(404)
    return sheet


def _papers(sheet: RequestSheet) -> Papers:
    return enrolment_papers(
        db.session(),
        family_id=sheet.family_id,
        child_id=sheet.child_id,
        is_exemption=sheet.is_exemption,
        today=clock.today(),
    )


@bp.get("/<int:demarche_id>")
@access(*ROLES)
def review(demarche_id: int) -> ResponseReturnValue:
    """Show a request with its address, its sector and why, the school wanted, and the documents."""
    return _page(_sheet_or_404(demarche_id), RefusalForm())


def _page(sheet: RequestSheet, form: RefusalForm, status: int = 200) -> tuple[str, int]:
    sector_form = SectorSchoolForm(
        school_id=sheet.sector_school_id, seen=sheet.sector_school_id or "", formdata=None
    )
    sector_form.school_id.choices = _schools(sheet)
    g.content_policy = CITIZEN_POLICY.format(form_action="'self'") + "; frame-src 'self'"
    page = render_template(
        "admin/enrolment.html",
        sheet=sheet,
        form=form,
        sector_form=sector_form,
        beside=beside(
            db.session(), Queue.EXEMPTIONS if sheet.is_exemption else Queue.ENROLMENTS, sheet.demarche_id
        ),
        papers=_papers(sheet),
        why=segment_words(sheet.segment) if sheet.segment else "",
        why_unknown=unlocated_words(sheet.unlocated) if sheet.unlocated else "",
    )
    return page, status


def _schools(sheet: RequestSheet) -> list[tuple[int, str]]:
    return [(school.id, school.name) for school in schools_teaching(db.session(), sheet.level)]


@bp.post("/<int:demarche_id>/secteur")
@access(*ROLES)
def sector(demarche_id: int) -> ResponseReturnValue:
    """Say which school is the sector's, by hand."""
    sheet = _sheet_or_404(demarche_id)
    form = SectorSchoolForm()
    form.school_id.choices = _schools(sheet)
    if not form.validate_on_submit():
        flash(_("Choisissez une école."), "error")
        return redirect(url_for(".review", demarche_id=demarche_id))
    try:
        set_sector_school(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            demarche_id=demarche_id,
            school_id=form.school_id.data,
            seen=int(form.seen.data) if (form.seen.data or "").isdecimal() else None,
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
    else:
        db.session.commit()
        flash(_("L’école de secteur est choisie. Il reste à répondre à la demande."), "success")
    return redirect(url_for(".review", demarche_id=demarche_id))


@bp.post("/<int:demarche_id>/accepter")
@access(*ROLES)
def accept(demarche_id: int) -> ResponseReturnValue:
    """Enrol the child in the sector's school."""
    return _answer(_sheet_or_404(demarche_id), Decision.ACCEPT)


@bp.post("/<int:demarche_id>/derogation-accordee")
@access(*ROLES)
def grant(demarche_id: int) -> ResponseReturnValue:
    """Enrol the child in the school that the family wants."""
    return _answer(_sheet_or_404(demarche_id), Decision.GRANT)


@bp.post("/<int:demarche_id>/derogation-refusee")
@access(*ROLES)
def deny(demarche_id: int) -> ResponseReturnValue:
    """Refuse the derogation with a reason; the sector's school stands."""
    return _answer_with_reason(demarche_id, Decision.DENY)


@bp.post("/<int:demarche_id>/refuser")
@access(*ROLES)
def refuse(demarche_id: int) -> ResponseReturnValue:
    """Refuse the enrolment with a reason."""
    return _answer_with_reason(demarche_id, Decision.REFUSE)


def _answer_with_reason(demarche_id: int, decision: Decision) -> ResponseReturnValue:
    sheet = _sheet_or_404(demarche_id)
    form = RefusalForm()
    if not form.validate_on_submit():
        return _page(sheet, form, 422)
    return _answer(sheet, decision, form.reason.data)


def _answer(sheet: RequestSheet, decision: Decision, reason: str = "") -> ResponseReturnValue:
    """Decide, tell the family in the same transaction, and go on to the next one that waits."""
    try:
        decide_request(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            demarche_id=sheet.demarche_id,
            decision=decision,
            reason=reason,
        )
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        return redirect(url_for(".review", demarche_id=sheet.demarche_id))
    tell_family(
        MAILS[decision],
        sheet.family_id,
        sheet=request_sheet(db.session(), sheet.demarche_id),
        url=absolute("parent.school_request", demarche_id=sheet.demarche_id),
    )
    db.session.commit()
    flash(_("La réponse est enregistrée ; la famille est prévenue."), "success")
    return redirect(url_for(".index"))


@bp.get("/<int:demarche_id>/pieces/<int:document_id>")
@access(*ROLES)
def paper(demarche_id: int, document_id: int) -> Response:
    """Give one of the documents of this request, to look at in the page; any other is not found here."""
    papers = _papers(_sheet_or_404(demarche_id))
    if document_id not in {one.held.id for one in papers.all if one.held is not None}:
        abort(404)
    return send_document(document_id, inline=True)
