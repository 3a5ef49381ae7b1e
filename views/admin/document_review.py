"""Looking at what families gave: a queue, then each document beside what is known of the family."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.documents.queue import (
    ReviewedDocument,
    find_reviewed,
    neighbour,
    next_waiting,
    waiting_count,
    waiting_documents,
)
from domain.errors import Refusal
from domain.family.quotients import proof_kinds
from domain.family.sheet import FamilySheet, family_sheet
from views.access import access
from views.document_answers import answer_document, proposed_last_day
from views.documents import send_document, send_page
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.document_review import AcceptanceForm, DocumentRefusalForm

bp = Blueprint("admin_documents", __name__, url_prefix="/admin/pieces-a-verifier")


@dataclass(frozen=True, slots=True)
class Desk:
    """A document with all that a decision needs."""

    document: ReviewedDocument
    sheet: FamilySheet | None
    last_day: date | None
    previous_id: int | None
    following_id: int | None


@bp.get("")
@access("administrator", "school_agent")
def index() -> ResponseReturnValue:
    """List the documents that wait, the oldest first, with their age."""
    session = db.session()
    return render_template(
        "admin/documents.html",
        documents=waiting_documents(session),
        count=waiting_count(session),
        now=clock.now(),
    )


@bp.get("/<int:document_id>")
@access("administrator", "school_agent")
def review(document_id: int) -> ResponseReturnValue:
    """Show a document beside the family's file."""
    desk = _desk_or_404(document_id)
    return _page(desk, AcceptanceForm(valid_until=desk.last_day), DocumentRefusalForm())


@bp.post("/<int:document_id>/accepter")
@access("administrator", "school_agent")
def accept(document_id: int) -> ResponseReturnValue:
    """Accept until the day that the form says, and go on to the next."""
    desk = _desk_or_404(document_id)
    form = AcceptanceForm()
    if not form.validate_on_submit():
        return _page(desk, form, DocumentRefusalForm(formdata=None)), 422
    return _answer(desk, accept=True, valid_until=form.valid_until.data)


@bp.post("/<int:document_id>/refuser")
@access("administrator", "school_agent")
def refuse(document_id: int) -> ResponseReturnValue:
    """Refuse with a reason, and go on to the next."""
    desk = _desk_or_404(document_id)
    form = DocumentRefusalForm()
    if not form.validate_on_submit():
        return _page(desk, AcceptanceForm(formdata=None, valid_until=desk.last_day), form), 422
    return _answer(desk, accept=False, reason=form.reason)


@bp.get("/<int:document_id>/fichier")
@access("administrator", "school_agent")
def file(document_id: int) -> ResponseReturnValue:
    """Give the file itself, to look at or, with ``telecharger``, to keep."""
    return send_document(document_id, inline="telecharger" not in request.args)


@bp.get("/<int:document_id>/pages/<int:number>")
@access("administrator", "school_agent")
def page(document_id: int, number: int) -> ResponseReturnValue:
    """Give a page as a picture."""
    return send_page(document_id, number)


def _desk_or_404(document_id: int) -> Desk:
    session = db.session()
    document = find_reviewed(session, document_id)
    if document is None:
        abort(404)
    return Desk(
        document=document,
        sheet=family_sheet(session, document.family_id, clock.today()) if document.family_id else None,
        last_day=proposed_last_day(document_id),
        previous_id=neighbour(session, document, forward=False),
        following_id=neighbour(session, document, forward=True),
    )


def _page(desk: Desk, acceptance: AcceptanceForm, refusal: DocumentRefusalForm) -> str:
    return render_template(
        "admin/document_review.html",
        desk=desk,
        acceptance=acceptance,
        refusal=refusal,
        proves_quotient=desk.document.kind_id in proof_kinds(db.session()),
        today=clock.today(),
    )


def _answer(
    desk: Desk, *, accept: bool, reason: str = "", valid_until: date | None = None
) -> ResponseReturnValue:
    """Decide, tell the family in the same transaction when it is its last, and open the next document."""
    following = next_waiting(db.session(), desk.document)
    try:
        answer_document(desk.document.id, accept=accept, reason=reason, valid_until=valid_until)
    except Refusal as refusal:
        db.session.rollback()
        flash(refusal_sentence(refusal), "error")
        if refusal.code == "document_withdrawn":
            return redirect(url_for(".index"))
        return redirect(url_for(".review", document_id=desk.document.id))
    db.session.commit()
    said = _("« %(name)s » est accepté.") if accept else _("« %(name)s » est refusé.")
    flash(said % {"name": desk.document.kind_name}, "success")
    return redirect(url_for(".review", document_id=following) if following else url_for(".index"))
