"""Garde et droits: a child's two homes, whose week it is, and what each adult may do."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select

from domain import clock
from domain.custody import operations
from domain.custody.queries import (
    AdultOfChild,
    ChildCustody,
    arrangements_of,
    child_custody,
    strayed_bookings,
)
from domain.custody.rules import AdultRights, Arrangement, CustodyWeek, custody_weeks
from domain.custody.rules import CustodyPattern as Pattern
from domain.dates import monday_of
from domain.errors import Refusal
from domain.family.rules import read_family_code
from models.custody import CustodyPattern
from models.family import Family
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.custody import AttachForm, CalendarForm, RightsForm, UntilForm

EDITORS = ("administrator", "school_agent")
WEEKS = 8
bp = Blueprint("admin_custody", __name__, url_prefix="/admin/enfants/<int:child_id>")


def _custody(child_id: int) -> ChildCustody:
    found = child_custody(db.session(), child_id=child_id, today=clock.today())
    if found is None:
        abort(404)
    return found


def _page(view: ChildCustody, shown: Mapping[str, FlaskForm], preview: Arrangement | None = None) -> str:
    """Draw the page with its four forms; ``shown`` are those that came back to be mended."""
    today = clock.today()
    calendar = shown.get("calendar") or _calendar_form(view)
    known = [preview] if preview else arrangements_of(db.session(), [view.child.id])[view.child.id]
    start = preview.valid_from if preview and preview.valid_from > today else today
    return render_template(
        "admin/custody.html",
        view=view,
        weeks=custody_weeks(known, monday_of(start), WEEKS) if known else list[CustodyWeek](),
        is_preview=preview is not None,
        strayed=strayed_bookings(db.session(), child_id=view.child.id, today=today),
        attach_form=shown.get("attach") or AttachForm(formdata=None, valid_from=today),
        calendar_form=calendar,
        end_form=shown.get("end") or UntilForm(formdata=None, prefix="fin-", valid_to=today),
        leave_form=shown.get("leave") or UntilForm(formdata=None, prefix="sortie-", valid_to=today),
    )


def _calendar_form(view: ChildCustody, *, is_posted: bool = False) -> CalendarForm:
    now = view.in_force
    facts: dict[str, Any] = {"valid_from": clock.today()}
    if now is not None:
        facts |= {
            "family_id": now.family_id,
            "pattern": now.pattern.value,
            "share_percent": now.share_percent,
        }
    form = CalendarForm(**facts) if is_posted else CalendarForm(formdata=None, **facts)
    form.family_id.choices = list(view.names.items())
    return form


def _answer(
    view: ChildCustody, name: str, form: FlaskForm, act: Callable[[], Any], said: str
) -> ResponseReturnValue:
    """Do an act of one of the page's forms, commit it and show the page; or show what is to be mended."""
    if form.validate_on_submit():
        try:
            act()
            db.session.commit()
        except Refusal as refusal:
            db.session.rollback()
            form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
            view = _custody(view.child.id)
        else:
            flash(said, "success")
            return redirect(url_for(".show", child_id=view.child.id))
    return _page(view, {name: form}), 422


def _signed() -> dict[str, Any]:
    return {"actor": current_actor(), "now": clock.now()}


@bp.get("/garde")
@access(*EDITORS)
def show(child_id: int) -> ResponseReturnValue:
    """Show a child's homes, the coming weeks and every adult's rights."""
    return _page(_custody(child_id), {})


@bp.post("/garde/rattacher")
@access(*EDITORS)
def attach(child_id: int) -> ResponseReturnValue:
    """Put the child into a second family."""
    form = AttachForm()
    family = db.session.scalar(select(Family).where(Family.code == read_family_code(form.code.data or "")))
    if form.validate_on_submit() and family is None:
        form.code.errors = [_("Aucune famille n’a ce code.")]
        return _page(_custody(child_id), {"attach": form}), 422
    return _answer(
        _custody(child_id),
        "attach",
        form,
        lambda: operations.attach_child(
            db.session(),
            child_id=child_id,
            family_id=family.id if family else 0,
            valid_from=form.valid_from.data,
            **_signed(),
        ),
        _("L’enfant est maintenant dans les deux dossiers. Écrivez le calendrier de garde."),
    )


@bp.post("/garde/calendrier")
@access(*EDITORS)
def calendar(child_id: int) -> ResponseReturnValue:
    """Preview the coming weeks, or write the calendar."""
    view = _custody(child_id)
    form = _calendar_form(view, is_posted=True)
    if "preview" in request.form and form.validate_on_submit():
        return _page(view, {"calendar": form}, _previewed(view, form))
    return _answer(
        view,
        "calendar",
        form,
        lambda: operations.set_arrangement(
            db.session(),
            child_id=child_id,
            family_id=form.family_id.data,
            pattern=CustodyPattern(form.pattern.data),
            valid_from=form.valid_from.data,
            share_percent=form.share_percent.data,
            **_signed(),
        ),
        _("Le calendrier de garde est enregistré."),
    )


def _previewed(view: ChildCustody, form: CalendarForm) -> Arrangement | None:
    others = [home.family.id for home in view.homes if home.family.id != form.family_id.data]
    if not others:
        return None
    return Arrangement(form.family_id.data, others[0], Pattern(form.pattern.data), form.valid_from.data)


@bp.post("/garde/fin")
@access(*EDITORS)
def end(child_id: int) -> ResponseReturnValue:
    """End the calendar in force."""
    form = UntilForm(prefix="fin-")
    return _answer(
        _custody(child_id),
        "end",
        form,
        lambda: operations.end_arrangement(
            db.session(), child_id=child_id, valid_to=form.valid_to.data, **_signed()
        ),
        _("Le calendrier de garde prend fin."),
    )


@bp.post("/garde/retirer/<int:family_id>")
@access(*EDITORS)
def leave(child_id: int, family_id: int) -> ResponseReturnValue:
    """Take the child out of one of its two families."""
    form = UntilForm(prefix="sortie-")
    return _answer(
        _custody(child_id),
        "leave",
        form,
        lambda: operations.detach_child(
            db.session(), child_id=child_id, family_id=family_id, valid_to=form.valid_to.data, **_signed()
        ),
        _("L’enfant quitte ce dossier."),
    )


@bp.route("/adultes/<int:guardian_id>", methods=["GET", "POST"])
@access(*EDITORS)
def rights(child_id: int, guardian_id: int) -> ResponseReturnValue:
    """Change what an adult may do for the child."""
    view = _custody(child_id)
    adult = _adult(view, guardian_id)
    now = adult.rights
    form = RightsForm(
        has_parental_authority=now.has_parental_authority,
        may_reserve=now.may_reserve,
        may_see_health=now.may_see_health,
        may_pick_up=now.may_pick_up,
        valid_from=clock.today(),
    )
    if form.validate_on_submit() and _set_rights(form, child_id, guardian_id):
        flash(_("Les droits de %(name)s sont enregistrés.", name=adult.guardian.full_name), "success")
        return redirect(url_for(".show", child_id=child_id))
    page = render_template("admin/adult_rights.html", form=form, child=view.child, adult=adult)
    return page, 422 if form.is_submitted() else 200


def _adult(view: ChildCustody, guardian_id: int) -> AdultOfChild:
    adults = (adult for home in view.homes for adult in home.adults)
    found = next((adult for adult in adults if adult.guardian.id == guardian_id), None)
    if found is None:
        abort(404)
    return found


def _set_rights(form: RightsForm, child_id: int, guardian_id: int) -> bool:
    try:
        operations.set_guardian_right(
            db.session(),
            child_id=child_id,
            guardian_id=guardian_id,
            rights=AdultRights(
                form.has_parental_authority.data,
                form.may_reserve.data,
                form.may_see_health.data,
                form.may_pick_up.data,
            ),
            valid_from=form.valid_from.data,
            valid_to=form.valid_to.data,
            **_signed(),
        )
    except Refusal as refusal:
        db.session.rollback()
        form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True
