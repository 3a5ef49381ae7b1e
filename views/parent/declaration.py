"""Déclarer mon entourage: the task list, and the parents' own pages."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.demarches.operations import NewAddress
from domain.errors import Refusal
from domain.family.declaration import Declaration, Progress, declaration_documents, unfinished
from domain.family.declaring import Adult, Situation, declare_other_parent, declare_self
from domain.family.invitations import invite_second_adult
from domain.family.rules import normalise_phone
from models.demarches import DemarcheState
from models.family import Guardian
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import phone
from views.forms.declaration import OtherParentForm, SelfForm
from views.parent.blueprint import bp
from views.parent.declaring import declaration_to_edit, my_declaration, task_rows, tasks_of, user_id
from views.parent.invitation import inviter_name, send_invitation


@bp.get("/declaration")
@access("parent")
def declaration() -> ResponseReturnValue:
    """Show what is done and what is left; once sent, where the request stands."""
    found = my_declaration()
    if found is None or found.is_editable:
        return _task_list(declaration_to_edit(begun=False))
    if found.demarche.state is DemarcheState.ACCEPTED and current_actor().family_ids:
        return redirect(url_for(".home"))
    needs = declaration_documents(db.session(), found, clock.today())
    return render_template("parent/declaration_sent.html", declaration=found, needs=needs)


def _task_list(found: Declaration) -> str:
    tasks = tasks_of(found)
    return render_template(
        "parent/declaration.html",
        declaration=found,
        tasks=task_rows(tasks),
        done=sum(one.progress is Progress.DONE for one in tasks),
        left=len(unfinished(tasks)),
    )


@bp.route("/declaration/moi", methods=["GET", "POST"])
@access("parent")
def declaration_self() -> ResponseReturnValue:
    """Ask who declares, and where the family lives."""
    found = declaration_to_edit(begun=False)
    form = SelfForm(**_known_of_me(found))
    if form.validate_on_submit():
        home = NewAddress(form.line1.data, form.line2.data or "", form.postcode.data, form.city.data)
        declare_self(db.session(), actor=current_actor(), now=clock.now(), adult=_adult(form), address=home)
        db.session.commit()
        flash(_("Vos coordonnées sont enregistrées."), "success")
        return redirect(url_for(".declaration"))
    page = render_template(
        "parent/declaration_self.html", form=form, declaration=found, email=current_user.email
    )
    return page, 422 if form.is_submitted() else 200


def _known_of_me(found: Declaration) -> dict[str, str]:
    """Return what the form already knows: the draft, else what opening the account told."""
    me, home = found.me(user_id()), found.sheet.address if found.sheet else None
    known = found.answer("identity")
    if me is not None:
        known = {
            "civility": me.civility.value,
            "family_name": me.family_name,
            "given_name": me.given_name,
            "phone": me.phone,
            "phone_alt": phone(me.phone_alt),
        }
    if home is not None:
        known |= {"line1": home.line1, "line2": home.line2, "postcode": home.postcode, "city": home.city}
    return known | {"phone": phone(known.get("phone", ""))}


def _adult(form: SelfForm | OtherParentForm) -> Adult:
    other = "" if isinstance(form, OtherParentForm) else form.phone_alt.data
    return Adult(
        family_name=form.family_name.data or "",
        given_name=form.given_name.data or "",
        civility=form.civility.data,
        phone=normalise_phone(form.phone.data or "") or "",
        phone_alt=normalise_phone(other or "") or "",
        email=(form.email.data or "") if isinstance(form, OtherParentForm) else "",
    )


@bp.route("/declaration/autre-parent", methods=["GET", "POST"])
@access("parent")
def declaration_other_parent() -> ResponseReturnValue:
    """Ask whether there is another parent, and where."""
    found = declaration_to_edit()
    form = OtherParentForm(**_known_of_other(found))
    if form.validate_on_submit() and _keep_other(form):
        is_invited = form.invites.data and form.situation.data == Situation.SAME_HOME
        flash(
            _("C’est noté, et l’invitation vient de partir à %(email)s.", email=form.email.data)
            if is_invited
            else _("C’est noté."),
            "success",
        )
        return redirect(url_for(".declaration"))
    page = render_template("parent/declaration_other_parent.html", form=form, declaration=found)
    return page, 422 if form.is_submitted() else 200


def _known_of_other(found: Declaration) -> dict[str, str]:
    said = found.answer("other_parent")
    other = found.other(user_id())
    if other is not None:
        said |= {
            "situation": Situation.SAME_HOME.value,
            "civility": other.civility.value,
            "family_name": other.family_name,
            "given_name": other.given_name,
            "email": other.email,
            "phone": other.phone,
        }
    return said | {"phone": phone(said.get("phone", ""))}


def _keep_other(form: OtherParentForm) -> bool:
    """Keep the answer and send the invitation in one transaction; on a refusal put the sentence on the form."""
    situation = Situation(form.situation.data)
    try:
        other = declare_other_parent(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            situation=situation,
            adult=None if situation is Situation.NONE else _adult(form),
        )
        if other is not None and form.invites.data:
            _invite(other, form.email.data or "")
    except Refusal as refusal:
        db.session.rollback()
        field = form.situation if refusal.code == "other_parent_has_account" else form.email
        field.errors = [refusal_sentence(refusal)]
        return False
    db.session.commit()
    return True


def _invite(other: Guardian, email: str) -> None:
    invitation = invite_second_adult(
        db.session(), actor=current_actor(), now=clock.now(), family_id=other.family_id, email=email
    )
    send_invitation(invitation, host_name=inviter_name())
