"""Inviter l'autre parent: an account of its own for the second adult of the file."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.errors import Refusal
from domain.family.invitations import INVITATION_DAYS, Invitation, invite_second_adult, second_adult
from views.access import access, current_actor, current_family_id
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.invitation import InviteForm
from views.links import signed
from views.mailing import absolute, send_mail
from views.parent.blueprint import bp
from views.reference import current_town
from views.throttle import throttled

PURPOSE = "invitation"


@bp.route("/famille/inviter", methods=["GET", "POST"])
@access("parent")
@throttled
def invite() -> ResponseReturnValue:
    """Ask for the other adult's address, and send the invitation."""
    family_id = current_family_id()
    known = second_adult(db.session(), family_id)
    form = InviteForm(asks_name=known is None)
    if form.validate_on_submit():
        try:
            invitation = invite_second_adult(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                family_id=family_id,
                email=form.email.data,
                family_name=form.family_name.data or "",
                given_name=form.given_name.data or "",
            )
        except Refusal as refusal:
            db.session.rollback()
            form.form_errors = [*form.form_errors, refusal_sentence(refusal)]
        else:
            send_invitation(invitation, host_name=inviter_name())
            db.session.commit()
            flash(_("L’invitation vient de partir à %(email)s.", email=invitation.email), "success")
            return redirect(url_for(".family"))
    page = render_template("parent/invite.html", form=form, known=known, days=INVITATION_DAYS)
    return page, 422 if form.is_submitted() else 200


def inviter_name() -> str:
    """Return who invites, as the mail names it: the adult signed in, or the service for an agent at the desk."""
    if current_actor().on_behalf_of_family_id is not None:
        return str(current_town().service_name)
    return str(current_user.display_name)


def send_invitation(invitation: Invitation, *, host_name: str) -> None:
    """Queue the mail with its link, in the act's own transaction."""
    token = signed(PURPOSE, {"secret": invitation.secret_id, "email": invitation.email})
    send_mail(
        "second_adult_invited",
        invitation.email,
        family_id=invitation.family.id,
        person_name=invitation.guardian_name,
        host_name=host_name,
        link=absolute("invitation.accept", token=token),
        days=INVITATION_DAYS,
    )
