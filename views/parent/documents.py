"""A family's own documents; another family's do not exist here."""

from flask import Response, abort
from sqlalchemy import and_, exists, or_, select

from domain import clock
from models.documents import Document
from models.family import ChildFamily, Guardian
from views.access import access, current_actor
from views.documents import send_document
from views.extensions import db
from views.parent.blueprint import bp


@bp.get("/documents/<int:document_id>")
@access("parent")
def document(document_id: int) -> Response:
    """Give a document that belongs to the parent's family, its adults or its children; else 404."""
    families = current_actor().family_ids
    today = clock.today()
    of_adult = exists().where(Guardian.id == Document.guardian_id, Guardian.family_id.in_(families))
    of_child = exists().where(
        ChildFamily.child_id == Document.child_id,
        ChildFamily.family_id.in_(families),
        ChildFamily.valid_from <= today,
        or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > today),
    )
    own = or_(Document.family_id.in_(families), of_adult, of_child)
    if db.session.scalar(select(Document.id).where(and_(Document.id == document_id, own))) is None:
        abort(404)
    return send_document(document_id)
