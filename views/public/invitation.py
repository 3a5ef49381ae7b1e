"""The invited second adult: opens an account, or attaches the one that the address already has."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.utils import hash_password, logout_user
from sqlalchemy import select

from domain import clock
from domain.errors import Refusal
from domain.family.accounts import Opened, activate_account, open_account
from domain.family.activation import live_secret
from domain.family.invitations import INVITATION_DAYS
from models.accounts import User
from models.family import ActivationSecret, Family, Guardian
from views.access import access
from views.errors import refusal_sentence
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.invitation import InvitedForm
from views.links import read_signed
from views.parent.invitation import PURPOSE
from views.throttle import throttled

bp = Blueprint("invitation", __name__, url_prefix="/invitation")
HOURS = (INVITATION_DAYS + 1) * 24


@bp.route("/<token>", methods=["GET", "POST"])
@access("public")
@throttled
def accept(token: str) -> ResponseReturnValue:
    """Ask for a password, or only for a yes when the address has an account; then the link is used up."""
    try:
        secret, email = _read_link(token)
    except Refusal as refusal:
        return render_template("public/link_problem.html", sentence=refusal_sentence(refusal)), 422
    has_account = db.session.scalar(
        select(User.id).where(User.email == email, User.confirmed_at.is_not(None))
    )
    form = ConfirmForm() if has_account else InvitedForm()
    if not form.validate_on_submit():
        return _page(form, secret, email, bool(has_account)), 422 if form.is_submitted() else 200
    password_hash = "" if has_account else hash_password(form.password.data)
    try:
        _join(secret, email, password_hash)
    except Refusal as refusal:
        db.session.rollback()
        return render_template("public/link_problem.html", sentence=refusal_sentence(refusal)), 422
    db.session.commit()
    if current_user.is_authenticated:
        logout_user()
    flash(_("C’est fait : vous avez accès au dossier. Connectez-vous avec votre adresse e-mail."), "success")
    return redirect(url_for("security.login"))


def _read_link(token: str) -> tuple[ActivationSecret, str]:
    """Return the secret that the link rests on and the address that it proves.

    Raises:
        Refusal: what ``read_signed`` raises; ``invitation_used``.
    """
    facts = read_signed(PURPOSE, token, HOURS)
    secret = live_secret(db.session(), facts["secret"], clock.now())
    if secret is None:
        raise Refusal("invitation_used")
    return secret, facts["email"]


def _page(form: ConfirmForm | InvitedForm, secret: ActivationSecret, email: str, has_account: bool) -> str:
    return render_template(
        "public/invitation.html",
        form=form,
        guardian=db.session.get_one(Guardian, secret.guardian_id),
        family=db.session.get_one(Family, secret.family_id),
        email=email,
        has_account=has_account,
    )


def _join(secret: ActivationSecret, email: str, password_hash: str) -> None:
    """Open the account and attach it at once: the link has proved the mailbox."""
    opened: Opened = open_account(
        db.session(), now=clock.now(), secret=secret, email=email, password_hash=password_hash
    )
    if opened.user is None:
        raise Refusal("invitation_not_possible")
    activate_account(
        db.session(),
        now=clock.now(),
        secret_id=secret.id,
        user_id=opened.user.id,
        fs_uniquifier=opened.user.fs_uniquifier,
    )
