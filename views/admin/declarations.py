"""Families' declarations: a queue, then each one beside its documents, and the service's answer."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.documents.queue import ReviewedDocument
from domain.errors import Refusal
from domain.family.declared import DeclarationCase, find_case, queued_declarations
from domain.waiting.queries import Queue, beside
from models.demarches import DemarcheState
from views.access import access
from views.admin.document_forms import DocumentForms, fresh_forms, sent_acceptance, sent_refusal
from views.declaration_answers import answer_refusal, answer_validation, send_back
from views.document_answers import answer_document
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.decision import RefusalForm
from views.forms.declaration_review import ComplementForm, ValidationForm
from views.forms.document_review import AcceptanceForm, DocumentRefusalForm

bp = Blueprint("admin_declarations", __name__, url_prefix="/admin/declarations")


@dataclass(slots=True)
class Answers:
    """The forms of the page; one of them may bear what was typed and refused."""

    validation: ValidationForm
    complement: ComplementForm
    refusal: RefusalForm
    documents: list[DocumentForms]

    @property
    def all_forms(
        self,
    ) -> list[ValidationForm | ComplementForm | RefusalForm | AcceptanceForm | DocumentRefusalForm]:
        """Every form, for the summary of errors."""
        return [
            self.validation,
            self.complement,
            self.refusal,
            *(form for one in self.documents for form in (one.acceptance, one.refusal)),
        ]


@bp.get("")
@access("administrator", "school_agent")
def index() -> ResponseReturnValue:
    """List what waits for the service, the oldest first with its age; then what waits for its family."""
    session = db.session()
    return render_template(
        "admin/declarations.html",
        waiting=queued_declarations(session, DemarcheState.SUBMITTED),
        given_back=queued_declarations(session, DemarcheState.COMPLEMENT_ASKED),
        now=clock.now(),
    )


@bp.get("/<int:demarche_id>")
@access("administrator", "school_agent")
def review(demarche_id: int) -> ResponseReturnValue:
    """Show a declaration beside its documents."""
    case = _case_or_404(demarche_id)
    return _page(case, _answers(case))


@bp.post("/<int:demarche_id>/valider")
@access("administrator", "school_agent")
def validate(demarche_id: int) -> ResponseReturnValue:
    """Make the family one of the town's, and tell it its code."""
    case = _case_or_404(demarche_id)
    form = ValidationForm(prefix="validate")
    try:
        family = answer_validation(case, despite_duplicates=form.despite_duplicates.data)
    except Refusal as refusal:
        return _refused(demarche_id, refusal)
    db.session.commit()
    flash(_("Le dossier est validé, la famille %(family)s est prévenue.", family=str(family)), "success")
    return redirect(url_for(".index"))


@bp.post("/<int:demarche_id>/completer")
@access("administrator", "school_agent")
def complement(demarche_id: int) -> ResponseReturnValue:
    """Give the declaration back to be completed."""
    case = _case_or_404(demarche_id)
    form = ComplementForm(prefix="complement")
    if not form.validate_on_submit():
        return _page(case, _answers(case, complement=form)), 422
    try:
        send_back(case, form.reason.data)
    except Refusal as refusal:
        return _refused(demarche_id, refusal)
    db.session.commit()
    flash(_("Le complément est demandé à la famille."), "success")
    return redirect(url_for(".index"))


@bp.post("/<int:demarche_id>/refuser")
@access("administrator", "school_agent")
def refuse(demarche_id: int) -> ResponseReturnValue:
    """Refuse the declaration with a reason."""
    case = _case_or_404(demarche_id)
    form = RefusalForm(prefix="refuse")
    if not form.validate_on_submit():
        return _page(case, _answers(case, refusal=form)), 422
    try:
        answer_refusal(case, form.reason.data)
    except Refusal as refusal:
        return _refused(demarche_id, refusal)
    db.session.commit()
    flash(_("La déclaration est refusée, la famille est prévenue."), "success")
    return redirect(url_for(".index"))


@bp.post("/<int:demarche_id>/pieces/<int:document_id>/accepter")
@access("administrator", "school_agent")
def accept_document(demarche_id: int, document_id: int) -> ResponseReturnValue:
    """Accept one of the declaration's documents, and stay with the declaration."""
    case, document = _document_or_404(demarche_id, document_id)
    forms = sent_acceptance(document)
    if not forms.acceptance.validate_on_submit():
        return _page(case, _answers(case, document=forms)), 422
    return _decide(case, document, accept=True, valid_until=forms.acceptance.valid_until.data)


@bp.post("/<int:demarche_id>/pieces/<int:document_id>/refuser")
@access("administrator", "school_agent")
def refuse_document(demarche_id: int, document_id: int) -> ResponseReturnValue:
    """Refuse one of the declaration's documents with a reason, and stay with the declaration."""
    case, document = _document_or_404(demarche_id, document_id)
    forms = sent_refusal(document)
    if not forms.refusal.validate_on_submit():
        return _page(case, _answers(case, document=forms)), 422
    return _decide(case, document, accept=False, reason=forms.refusal.reason)


def _case_or_404(demarche_id: int) -> DeclarationCase:
    case = find_case(db.session(), demarche_id, clock.now(), clock.today())
    if case is None:
        abort(404)
    return case


def _document_or_404(demarche_id: int, document_id: int) -> tuple[DeclarationCase, ReviewedDocument]:
    case = _case_or_404(demarche_id)
    document = next((one for one in case.documents if one.id == document_id), None)
    if document is None:
        abort(404)
    return case, document


def _answers(
    case: DeclarationCase,
    *,
    complement: ComplementForm | None = None,
    refusal: RefusalForm | None = None,
    document: DocumentForms | None = None,
) -> Answers:
    """Return the page's forms: those given as they were typed, the others fresh."""
    return Answers(
        validation=ValidationForm(formdata=None, prefix="validate"),
        complement=complement or ComplementForm(formdata=None, prefix="complement"),
        refusal=refusal or RefusalForm(formdata=None, prefix="refuse"),
        documents=[
            document if document is not None and document.document.id == one.id else fresh_forms(one)
            for one in case.documents
        ],
    )


def _page(case: DeclarationCase, answers: Answers) -> str:
    return render_template(
        "admin/declaration.html",
        case=case,
        answers=answers,
        now=clock.now(),
        beside=beside(db.session(), Queue.DECLARATIONS, case.demarche.id),
    )


def _refused(demarche_id: int, refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    flash(refusal_sentence(refusal), "error")
    return redirect(url_for(".review", demarche_id=demarche_id))


def _decide(
    case: DeclarationCase,
    document: ReviewedDocument,
    *,
    accept: bool,
    reason: str = "",
    valid_until: date | None = None,
) -> ResponseReturnValue:
    try:
        answer_document(document.id, accept=accept, reason=reason, valid_until=valid_until)
    except Refusal as refusal:
        return _refused(case.demarche.id, refusal)
    db.session.commit()
    said = _("« %(name)s » est accepté.") if accept else _("« %(name)s » est refusé.")
    flash(said % {"name": document.kind_name}, "success")
    return redirect(url_for(".review", demarche_id=case.demarche.id))
