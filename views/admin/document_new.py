"""A document that a family brings to the desk: scanned by an agent, and accepted at once when it was looked at."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from domain import clock
from domain.documents.review import decide_document
from domain.documents.subjects import Subject, subjects_of
from domain.errors import Refusal
from models.documents import DocumentType, Validity
from models.family import Family
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.document import DocumentForm
from views.uploads import keep_document

bp = Blueprint("admin_document_new", __name__, url_prefix="/admin/pieces/ajouter")
DATES = ("issue_date_in_future", "document_out_of_date")


@dataclass(frozen=True, slots=True)
class Possible:
    """A kind of document about one person of the family."""

    kind: DocumentType
    person: Subject

    @property
    def key(self) -> str:
        """What the form sends."""
        return f"{self.kind.id}-{self.person.id}"


class BroughtForm(DocumentForm):
    """Which document about whom, its pages, and whether it is as good as accepted."""

    about = SelectField(_l("Pièce et personne"), [InputRequired(_l("Choisissez la pièce."))])
    is_accepted = BooleanField(_l("Je l’ai vérifiée : elle est acceptée tout de suite"))

    def ask_date_of(self, kind: DocumentType | None) -> None:
        """Ask for the date only where the validity of the kind counts from it."""
        if kind is None or kind.validity is not Validity.MONTHS:
            self.issued_on.validators = [Optional()]
            self.issued_on.flags.required = False


@bp.route("/<int:family_id>", methods=["GET", "POST"])
@access("administrator", "school_agent")
def new(family_id: int) -> ResponseReturnValue:
    """Take a document in the family's name; the acts that wait for it see it at once."""
    family = db.session.get(Family, family_id)
    if family is None:
        abort(404)
    possible = {one.key: one for one in _possible(family_id)}
    form = BroughtForm(asks_date=True)
    choices = [SelectChoice(key, _words(one)) for key, one in possible.items()]
    form.about.choices = [SelectChoice("", "–"), *choices]
    chosen = possible.get(form.about.data or "")
    form.ask_date_of(chosen.kind if chosen else None)
    if form.validate_on_submit() and chosen is not None and _keep(form, chosen):
        flash(_("« %(name)s » est au dossier.", name=chosen.kind.name), "success")
        return redirect(url_for("family.details_view", id=family_id), 303)
    page = render_template("admin/document_new.html", form=form, family=family)
    return page, 422 if form.is_submitted() else 200


def _possible(family_id: int) -> list[Possible]:
    kinds = db.session.scalars(
        select(DocumentType).where(DocumentType.is_active).order_by(DocumentType.position, DocumentType.id)
    ).all()
    people = subjects_of(db.session(), family_id, clock.today())
    return [Possible(kind, one) for kind in kinds for one in people if one.kind.value == kind.subject.value]


def _words(one: Possible) -> str:
    return f"{one.kind.name} – {one.person.name}"


def _keep(form: BroughtForm, chosen: Possible) -> bool:
    """Keep the pages, and accept them when the agent says so; on a refusal put the sentence on its field."""
    kept = None
    try:
        kept = keep_document(
            form.file,
            type_code=chosen.kind.code,
            subject=chosen.person.kind,
            subject_id=chosen.person.id,
            issued_on=form.day,
            family_id=chosen.person.family_id,
        )
        if form.is_accepted.data:
            decide_document(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                document_id=kept.id,
                accept=True,
                reason="",
                valid_until=None,
            )
    except Refusal as refusal:
        db.session.rollback()
        if kept is not None:
            kept.forget()
        field = form.issued_on if refusal.code in DATES else form.files
        field.errors = [refusal_sentence(refusal)]
        return False
    db.session.commit()
    kept.settle()
    return True
