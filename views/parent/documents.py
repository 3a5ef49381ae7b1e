"""A family's own documents: their list and their files; another family's do not exist here."""

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from domain import clock
from domain.documents.mine import givable_kinds, seen_documents
from domain.documents.subjects import Subject, may_read_file
from views.access import access, current_actor, current_family_id
from views.documents import send_document
from views.extensions import db
from views.parent.absences import CERTIFICATE
from views.parent.blueprint import bp


@bp.get("/documents")
@access("parent")
def documents() -> ResponseReturnValue:
    """List what the parent's families gave, with the service's answers, and what else may be given."""
    session, actor, today = db.session(), current_actor(), clock.today()
    kinds = givable_kinds(session, actor=actor, family_id=current_family_id(), today=today)
    return render_template(
        "parent/documents.html",
        people=seen_documents(session, actor=actor, today=today),
        again=lambda one: _giving(one.kind_code, one.subject),
        giving=[
            (person, [(kind.name, _giving(kind.code, person)) for kind in wanted if kind.code != CERTIFICATE])
            for person, wanted in kinds
        ],
    )


def _giving(kind_code: str, person: Subject) -> str:
    """Return where a document of a kind about a person is sent."""
    return url_for(
        ".document_new",
        type_code=kind_code,
        subject=person.kind.value,
        subject_id=person.id,
        next=url_for(".documents"),
    )


@bp.get("/documents/<int:document_id>")
@access("parent")
def document(document_id: int) -> Response:
    """Give a document's file to those who may read it (see ``may_read_file``); else 404."""
    if not may_read_file(db.session(), actor=current_actor(), today=clock.today(), document_id=document_id):
        abort(404)
    return send_document(document_id)
