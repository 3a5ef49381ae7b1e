"""Inscriptions to activities that wait for the service: a queue, then each one beside its documents."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from domain import clock
from domain.documents.needs import NeededDocument
from domain.documents.queue import ReviewedDocument, find_reviewed
from domain.errors import Refusal
from domain.reservations.registrations import (
    RegistrationSheet,
    activities_awaited,
    decide_registration,
    find_registration,
    next_registration,
    registration_documents,
    validated_count,
    waiting_registrations,
)
from domain.waiting.queries import Queue, beside
from views.access import access, current_actor
from views.admin.document_forms import DocumentForms, fresh_forms, sent_acceptance, sent_refusal
from views.document_answers import answer_document
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.decision import RefusalForm
from views.mailing import absolute, tell_family

ROLES = ("administrator", "school_agent")
SHOWN = 200
bp = Blueprint("admin_registrations", __name__, url_prefix="/admin/inscriptions")


@dataclass(slots=True)
class Desk:
    """An inscription with the documents that its activity asks for, those given with their forms."""

    sheet: RegistrationSheet
    needs: list[NeededDocument]
    documents: list[DocumentForms]

    @property
    def not_given(self) -> list[NeededDocument]:
        """What the family has not given, or must give again."""
        return [need for need in self.needs if not need.is_given]

    @property
    def awaited(self) -> list[NeededDocument]:
        """What blocks and is not accepted yet."""
        return [need for need in self.needs if need.is_blocking and not need.is_accepted]


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List the inscriptions that wait, the oldest first, with their age; of one activity (``activite``) if asked."""
    session = db.session()
    chosen = request.args.get("activite", type=int)
    awaited = activities_awaited(session)
    return render_template(
        "admin/registrations.html",
        registrations=waiting_registrations(session, SHOWN, chosen),
        count=sum(one.count for one in awaited if chosen in (None, one.id)),
        awaited=awaited,
        chosen=chosen,
        now=clock.now(),
    )


@bp.post("/valider")
@access(*ROLES)
def accept_several() -> ResponseReturnValue:
    """Validate those that are ticked and complete, each family told; the others stay in the queue."""
    chosen = request.args.get("activite", type=int)
    ticked = {int(one) for one in request.form.getlist("registrations") if one.isdecimal()}
    waiting = [one for one in waiting_registrations(db.session(), SHOWN, chosen) if one.id in ticked]
    incomplete = 0
    for sheet in waiting:
        try:
            _decide_and_tell(sheet, accept=True)
        except Refusal as refusal:
            if refusal.code not in ("registration_documents_waiting", "registration_already_decided"):
                raise
            incomplete += 1
    db.session.commit()
    done = len(waiting) - incomplete
    if done:
        said = ngettext("Une inscription est validée.", "%(num)s inscriptions sont validées.", done)
        flash(said, "success")
    if incomplete:
        flash(
            ngettext(
                "Une inscription attend encore une pièce : ouvrez-la.",
                "%(num)s inscriptions attendent encore une pièce : ouvrez-les.",
                incomplete,
            ),
            "warning",
        )
    if not waiting:
        flash(_("Cochez d’abord des inscriptions."), "info")
    return redirect(url_for(".index", activite=chosen))


@bp.get("/<int:registration_id>")
@access(*ROLES)
def review(registration_id: int) -> ResponseReturnValue:
    """Show an inscription beside its documents."""
    return _page(_desk_or_404(registration_id), RefusalForm(formdata=None, prefix="refuse"))


def _desk_or_404(registration_id: int) -> Desk:
    session = db.session()
    sheet = find_registration(session, registration_id)
    if sheet is None:
        abort(404)
    needs = registration_documents(
        session,
        family_id=sheet.family_id,
        child_id=sheet.child_id,
        activity_ids=[sheet.activity_id],
        today=clock.today(),
    )
    given = [find_reviewed(session, need.held.id) for need in needs if need.held is not None]
    return Desk(sheet, needs, [fresh_forms(one) for one in given if one is not None])


def _page(desk: Desk, refusal: RefusalForm, status: int = 200) -> tuple[str, int]:
    page = render_template(
        "admin/registration.html",
        desk=desk,
        refusal=refusal,
        beside=beside(db.session(), Queue.REGISTRATIONS, desk.sheet.id),
        registered=validated_count(db.session(), desk.sheet.activity_id),
    )
    return page, status


@bp.post("/<int:registration_id>/accepter")
@access(*ROLES)
def accept(registration_id: int) -> ResponseReturnValue:
    """Validate an inscription: the family may reserve."""
    return _answer(_desk_or_404(registration_id).sheet, accept=True)


@bp.post("/<int:registration_id>/refuser")
@access(*ROLES)
def refuse(registration_id: int) -> ResponseReturnValue:
    """Refuse an inscription with a reason."""
    desk = _desk_or_404(registration_id)
    form = RefusalForm(prefix="refuse")
    if not form.validate_on_submit():
        return _page(desk, form, 422)
    return _answer(desk.sheet, accept=False, reason=form.reason.data)


def _answer(sheet: RegistrationSheet, *, accept: bool, reason: str = "") -> ResponseReturnValue:
    """Decide, and go on to the next one that waits."""
    following = next_registration(db.session(), sheet)
    try:
        _decide_and_tell(sheet, accept=accept, reason=reason)
    except Refusal as refusal:
        return _refused(sheet.id, refusal)
    db.session.commit()
    flash(_("La réponse est enregistrée ; la famille est prévenue."), "success")
    return redirect(url_for(".review", registration_id=following) if following else url_for(".index"))


def _decide_and_tell(sheet: RegistrationSheet, *, accept: bool, reason: str = "") -> None:
    """Answer an inscription and tell its family; the caller commits.

    Raises:
        Refusal: see ``decide_registration``.
    """
    decide_registration(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        today=clock.today(),
        registration_id=sheet.id,
        accept=accept,
        reason=reason,
    )
    page = "parent.month" if accept else "parent.registrations"
    tell_family(
        "registration_accepted" if accept else "registration_refused",
        sheet.family_id,
        about=[sheet.child_id],
        child_name=sheet.given_name,
        activity_name=sheet.activity_name,
        why=reason.strip(),
        url=absolute(page, child_id=sheet.child_id),
    )


def _refused(registration_id: int, refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    flash(refusal_sentence(refusal), "error")
    return redirect(url_for(".review", registration_id=registration_id))


@bp.post("/<int:registration_id>/pieces/<int:document_id>/accepter")
@access(*ROLES)
def accept_document(registration_id: int, document_id: int) -> ResponseReturnValue:
    """Accept one of the documents, and stay with the inscription."""
    desk, document = _document_or_404(registration_id, document_id)
    forms = sent_acceptance(document)
    if not forms.acceptance.validate_on_submit():
        return _document_page(desk, forms)
    return _decide(desk, document, accept=True, valid_until=forms.acceptance.valid_until.data)


@bp.post("/<int:registration_id>/pieces/<int:document_id>/refuser")
@access(*ROLES)
def refuse_document(registration_id: int, document_id: int) -> ResponseReturnValue:
    """Refuse one of the documents with a reason, and stay with the inscription."""
    desk, document = _document_or_404(registration_id, document_id)
    forms = sent_refusal(document)
    if not forms.refusal.validate_on_submit():
        return _document_page(desk, forms)
    return _decide(desk, document, accept=False, reason=forms.refusal.reason)


def _document_or_404(registration_id: int, document_id: int) -> tuple[Desk, ReviewedDocument]:
    desk = _desk_or_404(registration_id)
    document = next((one.document for one in desk.documents if one.document.id == document_id), None)
    if document is None:
        abort(404)
    return desk, document


def _document_page(desk: Desk, sent: DocumentForms) -> tuple[str, int]:
    """Show the page again with what was typed about one document."""
    desk.documents = [sent if one.document.id == sent.document.id else one for one in desk.documents]
    return _page(desk, RefusalForm(formdata=None, prefix="refuse"), 422)


def _decide(
    desk: Desk, document: ReviewedDocument, *, accept: bool, reason: str = "", valid_until: date | None = None
) -> ResponseReturnValue:
    try:
        answer_document(document.id, accept=accept, reason=reason, valid_until=valid_until)
    except Refusal as refusal:
        return _refused(desk.sheet.id, refusal)
    db.session.commit()
    said = _("« %(name)s » est accepté.") if accept else _("« %(name)s » est refusé.")
    flash(said % {"name": document.kind_name}, "success")
    return redirect(url_for(".review", registration_id=desk.sheet.id))
