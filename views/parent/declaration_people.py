"""Déclarer mon entourage: the people whom the family trusts, and the documents that the answers call for."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.family.declaration import Declaration, declaration_documents
from domain.family.declaring import Trusted, declare_trusted, settle_trusted, withdraw_trusted
from domain.family.rules import normalise_phone
from models.family import TrustedPerson
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import phone
from views.forms.confirm import ConfirmForm
from views.forms.declaration import TrustedForm
from views.parent.blueprint import bp
from views.parent.declaring import declaration_to_edit, trusted_person_or_404


@bp.route("/declaration/personnes", methods=["GET", "POST"])
@access("parent")
def declaration_trusted() -> ResponseReturnValue:
    """Show who was named; the button says that nobody else is to be."""
    found = declaration_to_edit()
    form = ConfirmForm()
    if form.validate_on_submit():
        settle_trusted(db.session(), actor=current_actor(), now=clock.now())
        db.session.commit()
        return redirect(url_for(".declaration"))
    return render_template(
        "parent/declaration_trusted.html",
        form=form,
        declaration=found,
        address=lambda one: url_for(".declaration_trusted_person", trusted_id=one.id),
    )


@bp.route("/declaration/personnes/ajouter", methods=["GET", "POST"])
@access("parent")
def declaration_trusted_new() -> ResponseReturnValue:
    """Name somebody."""
    return _trusted_page(TrustedForm(), declaration_to_edit(), None)


@bp.route("/declaration/personnes/<int:trusted_id>", methods=["GET", "POST"])
@access("parent")
def declaration_trusted_person(trusted_id: int) -> ResponseReturnValue:
    """Correct somebody."""
    person = trusted_person_or_404(trusted_id)
    return _trusted_page(TrustedForm(obj=person, phone=phone(person.phone)), declaration_to_edit(), person)


def _trusted_page(form: TrustedForm, found: Declaration, person: TrustedPerson | None) -> ResponseReturnValue:
    if form.validate_on_submit() and _keep(form, person):
        flash(_("%(name)s est dans votre déclaration.", name=form.full_name.data), "success")
        return redirect(url_for(".declaration_trusted"))
    page = render_template(
        "parent/declaration_trusted_person.html", form=form, declaration=found, person=person
    )
    return page, 422 if form.is_submitted() else 200


def _keep(form: TrustedForm, person: TrustedPerson | None) -> bool:
    try:
        declare_trusted(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            trusted_id=person.id if person else None,
            person=Trusted(
                full_name=form.full_name.data or "",
                relation=form.relation.data or "",
                phone=normalise_phone(form.phone.data or "") or "",
                may_pick_up=form.may_pick_up.data,
                is_emergency_contact=form.is_emergency_contact.data,
            ),
        )
    except Refusal as refusal:
        db.session.rollback()
        form.may_pick_up.errors = [refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True


@bp.route("/declaration/personnes/<int:trusted_id>/retirer", methods=["GET", "POST"])
@access("parent")
def declaration_trusted_withdraw(trusted_id: int) -> ResponseReturnValue:
    """Ask, then take somebody off."""
    person = trusted_person_or_404(trusted_id)
    name, form = person.full_name, ConfirmForm()
    if not form.validate_on_submit():
        return render_template(
            "parent/declaration_withdraw.html",
            form=form,
            declaration=declaration_to_edit(),
            name=name,
            is_child=False,
        )
    withdraw_trusted(db.session(), actor=current_actor(), now=clock.now(), trusted_id=trusted_id)
    db.session.commit()
    flash(_("%(name)s n’est plus dans votre déclaration.", name=name), "success")
    return redirect(url_for(".declaration_trusted"))


@bp.get("/declaration/pieces")
@access("parent")
def declaration_documents_page() -> ResponseReturnValue:
    """Show the documents that the answers call for, and what was given."""
    found = declaration_to_edit()
    needs = declaration_documents(db.session(), found, clock.today())
    return render_template("parent/declaration_documents.html", declaration=found, needs=needs)
