"""A new family opens its account: identity, contact, password, then the link in the mailbox."""

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_security.confirmable import send_confirmation_instructions
from flask_security.utils import hash_password

from domain import clock
from domain.family.rules import normalise_phone
from domain.family.signup import Identity, SignedUp, SigningUp, sign_up
from views.access import access
from views.extensions import db
from views.flask_settings import CONFIRM_DAYS
from views.forms.signup import SignUpForm
from views.help_access import remind_letter
from views.mailing import absolute, send_mail
from views.throttle import throttled

bp = Blueprint("signup", __name__, url_prefix="/creer-un-compte")
EMAIL = "signup_email"


@bp.route("", methods=["GET", "POST"])
@access("public")
@throttled
def start() -> ResponseReturnValue:
    """Ask who opens the account; the answer is the same whether or not the address is known."""
    if current_user.is_authenticated:
        return redirect(url_for("public.home"))
    form = SignUpForm()
    if not form.validate_on_submit():
        return render_template("public/signup.html", form=form), 422 if form.is_submitted() else 200
    email = form.email.data
    signed_up = sign_up(
        db.session(),
        now=clock.now(),
        email=email,
        password_hash=hash_password(form.password.data),
        identity=Identity(
            family_name=form.family_name.data or "",
            given_name=form.given_name.data or "",
            phone=normalise_phone(form.phone.data or "") or "",
        ),
    )
    _tell(signed_up, email)
    db.session.commit()
    session[EMAIL] = email
    return redirect(url_for(".sent"))


def _tell(signed_up: SignedUp, email: str) -> None:
    """Write to the mailbox what the page may not say: the link, or that the person is known already."""
    if signed_up.user is not None:
        send_confirmation_instructions(signed_up.user)
    elif signed_up.what is SigningUp.HAS_FAMILY:
        remind_letter(email)
    else:
        send_mail(
            "signup_known",
            email,
            sign_in_url=absolute("security.login"),
            forgotten_url=absolute("security.forgot_password"),
        )


@bp.get("/envoye")
@access("public")
def sent() -> ResponseReturnValue:
    """Say that an e-mail has left, whatever it says, and offer to send it again."""
    return render_template("public/signup_sent.html", email=session.get(EMAIL, ""), days=CONFIRM_DAYS)
