"""Déclarer mon entourage: the children."""

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.errors import Refusal
from domain.family.declaration import Declaration
from domain.family.declared_children import (
    Care,
    DeclaredChild,
    declare_care,
    declare_child,
    health_sheet,
    school_year_of,
    withdraw_child,
)
from domain.schools.rules import level_for
from models.calendar import SchoolYear
from models.family import Child
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.files import file_store
from views.forms.confirm import ConfirmForm
from views.forms.declaration import CareForm, ChildForm
from views.parent.blueprint import bp
from views.parent.declaring import declaration_to_edit, declared_child_or_404, first_name


@bp.route("/declaration/enfants/ajouter", methods=["GET", "POST"])
@access("parent")
def declaration_child_new() -> ResponseReturnValue:
    """Add a child; then come the questions about its days."""
    found = declaration_to_edit()
    return _child_page(ChildForm(family_name=found.sheet.family.name if found.sheet else ""), found, None)


@bp.route("/declaration/enfants/<int:declared_child_id>", methods=["GET", "POST"])
@access("parent")
def declaration_child(declared_child_id: int) -> ResponseReturnValue:
    """Correct who a child is."""
    found, child = declared_child_or_404(declared_child_id)
    return _child_page(ChildForm(obj=child, sex=child.sex.value), found, child)


def _child_page(form: ChildForm, found: Declaration, child: Child | None) -> ResponseReturnValue:
    if form.validate_on_submit():
        row = declare_child(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            child_id=child.id if child else None,
            child=DeclaredChild(
                family_name=form.family_name.data or "",
                given_name=form.given_name.data or "",
                born_on=form.born_on.data,
                sex=form.sex.data,
            ),
        )
        db.session.commit()
        flash(_("%(child)s est dans votre déclaration.", child=first_name(row)), "success")
        if child is None:
            return redirect(url_for(".declaration_care", declared_child_id=row.id))
        return redirect(url_for(".declaration"))
    page = render_template("parent/declaration_child.html", form=form, declaration=found, child=child)
    return page, 422 if form.is_submitted() else 200


@bp.route("/declaration/enfants/<int:declared_child_id>/accueil", methods=["GET", "POST"])
@access("parent")
def declaration_care(declared_child_id: int) -> ResponseReturnValue:
    """Ask for a child's class, meals, health and authorisations."""
    found, child = declared_child_or_404(declared_child_id)
    year = school_year_of(db.session(), clock.today())
    form = CareForm(**_known_care(found, child, year))
    if form.validate_on_submit() and _keep_care(form, child):
        flash(_("C’est noté pour %(child)s.", child=first_name(child)), "success")
        return redirect(url_for(".declaration"))
    page = render_template(
        "parent/declaration_care.html", form=form, declaration=found, child=child, name=first_name(child)
    )
    return page, 422 if form.is_submitted() else 200


def _known_care(found: Declaration, child: Child, year: SchoolYear | None) -> dict[str, object]:
    """Return what is known of a child; before its page is filled in, the class comes from the birth year."""
    said = found.care_of(child.id)
    sheet = health_sheet(db.session(), child.id, year.id) if year else None
    known: dict[str, object] = {
        "level": said.get("level") or _usual_level(child.born_on, year),
        "has_pai": said.get("has_pai", False),
        "diet": child.diet.value,
        "allows_photos": child.allows_photos,
        "may_leave_alone": child.may_leave_alone,
    }
    if sheet is not None:
        known |= {
            "allergies": sheet.allergies,
            "care_notes": sheet.care_notes,
            "doctor": sheet.doctor,
            "vaccines_up_to_date": sheet.vaccines_up_to_date,
        }
    return known


def _usual_level(born_on: date, year: SchoolYear | None) -> str:
    starts_in = (year.starts_on if year else clock.today()).year
    level = level_for(born_on, starts_in)
    if level is not None:
        return level.value
    return "none" if starts_in - born_on.year < 3 else "other"


def _keep_care(form: CareForm, child: Child) -> bool:
    try:
        declare_care(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            child_id=child.id,
            care=Care(
                level=form.level.data,
                diet=form.diet.data,
                allergies=form.allergies.data or "",
                care_notes=form.care_notes.data or "",
                doctor=form.doctor.data or "",
                vaccines_up_to_date=form.vaccines_up_to_date.data,
                has_pai=form.has_pai.data,
                allows_photos=form.allows_photos.data,
                may_leave_alone=form.may_leave_alone.data,
            ),
        )
    except Refusal as refusal:
        db.session.rollback()
        form.form_errors.append(refusal_sentence(refusal))
        return False
    db.session.commit()
    return True


@bp.route("/declaration/enfants/<int:declared_child_id>/retirer", methods=["GET", "POST"])
@access("parent")
def declaration_child_withdraw(declared_child_id: int) -> ResponseReturnValue:
    """Ask, then take a child out of the declaration, with its documents."""
    found, child = declared_child_or_404(declared_child_id)
    name, form = first_name(child), ConfirmForm()
    if not form.validate_on_submit():
        return render_template(
            "parent/declaration_withdraw.html", form=form, declaration=found, name=name, is_child=True
        )
    keys = withdraw_child(db.session(), actor=current_actor(), now=clock.now(), child_id=child.id)
    db.session.commit()
    for key in keys:
        file_store().delete(key)
    flash(_("%(child)s n’est plus dans votre déclaration.", child=name), "success")
    return redirect(url_for(".declaration"))
