"""A family's own documents: their list and their files; another family's do not exist here."""

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from domain import clock
from domain.documents.mine import SeenDocument, seen_documents
from domain.documents.subjects import may_read_file
from views.access import access, current_actor
from views.documents import send_document
from views.extensions import db
from views.parent.blueprint import bp


@bp.get("/documents")
@access("parent")
def documents() -> ResponseReturnValue:
    """List what the parent's families gave, with the service's answers."""
    found = seen_documents(db.session(), actor=current_actor(), today=clock.today())
    return render_template("parent/documents.html", people=found, again=_again)


def _again(document: SeenDocument) -> str:
    """Return where another document of the same kind, about the same person, is sent."""
    return url_for(
        ".document_new",
        type_code=document.kind_code,
        subject=document.subject.kind.value,
        subject_id=document.subject.id,
        next=url_for(".documents"),
    )


@bp.get("/documents/<int:document_id>")
@access("parent")
def document(document_id: int) -> Response:
    """Give a document's file to those who may read it (see ``may_read_file``); else 404."""
    if not may_read_file(db.session(), actor=current_actor(), today=clock.today(), document_id=document_id):
        abort(404)
    return send_document(document_id)
