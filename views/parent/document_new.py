"""Giving a document: one page for every act that asks for one."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from domain import clock
from domain.documents.subjects import Subject, find_subject
from domain.errors import Refusal
from models.documents import DocumentSubject, DocumentType, Validity
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.document import DocumentForm
from views.local_paths import local_path
from views.parent.blueprint import bp
from views.uploads import keep_document
from views.words import marked


@dataclass(frozen=True, slots=True)
class Asked:
    """The document that the page asks for, and where to go afterwards."""

    kind: DocumentType
    person: Subject
    back: str


@bp.route("/documents/ajouter", methods=["GET", "POST"])
@access("parent")
def document_new() -> ResponseReturnValue:
    """Take a document of a kind about one's own family, adult or child; another's is not found.

    The address says which: ``type_code``, ``subject`` (family, guardian, child), ``subject_id`` and ``next``,
    the path of this portal to come back to.
    """
    asked = _asked_or_404()
    form = DocumentForm(asks_date=asked.kind.validity is Validity.MONTHS)
    if form.validate_on_submit() and _keep(form, asked):
        said = _("« %(name)s » est transmis au service.", name=asked.kind.name)
        flash(marked(said, [asked.kind.name]), "success")
        return redirect(asked.back)
    page = render_template("parent/document_new.html", form=form, asked=asked)
    return page, 422 if form.is_submitted() else 200


def _asked_or_404() -> Asked:
    kind = db.session.scalar(
        select(DocumentType).where(
            DocumentType.code == request.args.get("type_code", ""), DocumentType.is_active
        )
    )
    if kind is None or request.args.get("subject") != kind.subject.value:
        abort(404)
    person = find_subject(
        db.session(),
        actor=current_actor(),
        today=clock.today(),
        kind=DocumentSubject(kind.subject),
        subject_id=request.args.get("subject_id", 0, type=int),
        is_health=kind.is_health,
    )
    if person is None:
        abort(404)
    return Asked(kind, person, local_path(request.args.get("next"), url_for("public.home")))


def _keep(form: DocumentForm, asked: Asked) -> bool:
    """Keep the pages and the document in one transaction; on a refusal put the sentence on the form."""
    try:
        kept = keep_document(
            form.file,
            type_code=asked.kind.code,
            subject=asked.person.kind,
            subject_id=asked.person.id,
            issued_on=form.day,
            family_id=asked.person.family_id,
        )
    except Refusal as refusal:
        db.session.rollback()
        is_about_date = refusal.code in ("issue_date_in_future", "document_out_of_date")
        field = form.issued_on if is_about_date else form.files
        field.errors = [refusal_sentence(refusal)]
        return False
    db.session.commit()
    kept.settle()
    return True
