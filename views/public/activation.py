"""Activation by the letter: code famille and secret, then e-mail and password, then the link."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from flask_security.utils import hash_password, logout_user

from domain import clock
from domain.errors import Refusal
from domain.family.accounts import Activated, Opened, Opening, activate_account, open_account
from domain.family.activation import Answer, live_secret, try_secret
from domain.family.rules import read_family_code
from models.family import ActivationSecret, Family, Guardian
from views.access import access, current_actor
from views.errors import refusal_sentence
from views.extensions import db
from views.formats import family_code
from views.forms.activation import AccountForm, SecretForm
from views.links import ACTIVATION_HOURS, read_signed, signed
from views.mailing import absolute, send_mail
from views.reference import current_town
from views.throttle import throttled

bp = Blueprint("activation", __name__, url_prefix="/activer")
PURPOSE = "activation"
STEP_SECONDS = 1800


@bp.route("", methods=["GET", "POST"])
@access("public")
@throttled
def start() -> ResponseReturnValue:
    """Ask for the code famille and the secret; every failure gets the same answer."""
    form = SecretForm(code=request.args.get("code", ""))
    if not form.validate_on_submit():
        return render_template("public/activation.html", form=form), 422 if form.is_submitted() else 200
    code = read_family_code(form.code.data) or ""
    result = try_secret(
        db.session(), actor=current_actor(), now=clock.now(), code=code, secret=form.secret.data
    )
    if result.answer is Answer.LOCKED_NOW:
        _tell_staff(code, result.family_id)
    db.session.commit()
    if result.secret is None:
        form.form_errors.append(
            _(
                "Ce code famille et ce code secret ne vont pas ensemble, ou le code secret n’est plus "
                "valable. Relisez la lettre. Après cinq essais, le code est bloqué et le service vous "
                "prépare une nouvelle lettre."
            )
        )
        return render_template("public/activation.html", form=form), 422
    session[PURPOSE] = {"secret": result.secret.id, "at": clock.now().timestamp()}
    return redirect(url_for(".choose"))


def _tell_staff(code: str, family_id: int | None) -> None:
    recipient = current_town().email
    if recipient:
        send_mail("activation_locked", recipient, family_id=family_id, family_code=code)


def _proved_secret() -> ActivationSecret | None:
    """Return the secret that this visitor has just typed rightly, if it still holds."""
    step = session.get(PURPOSE)
    if not step or clock.now().timestamp() - step["at"] > STEP_SECONDS:
        return None
    return live_secret(db.session(), step["secret"], clock.now())


@bp.route("/compte", methods=["GET", "POST"])
@access("public")
@throttled
def choose() -> ResponseReturnValue:
    """Ask for the e-mail and the password; the account waits for the link."""
    secret = _proved_secret()
    if secret is None:
        flash(_("Recommencez avec le code famille et le code secret de votre lettre."), "info")
        return redirect(url_for(".start"))
    form = AccountForm()
    guardian = db.session.get_one(Guardian, secret.guardian_id)
    form.personal = (guardian.given_name, guardian.family_name)
    if not form.validate_on_submit():
        return render_template(
            "public/activation_account.html", form=form
        ), 422 if form.is_submitted() else 200
    opened = open_account(
        db.session(),
        now=clock.now(),
        secret=secret,
        email=form.email.data,
        password_hash=hash_password(form.password.data),
    )
    _send_link(opened, secret, form.email.data)
    db.session.commit()
    session.pop(PURPOSE)
    session["activation_email"] = form.email.data
    return redirect(url_for(".sent"))


def _send_link(opened: Opened, secret: ActivationSecret, email: str) -> None:
    code = db.session.get_one(Family, secret.family_id).code
    if opened.user is None:
        send_mail("activation_email_known", email, family_code=code, town_phone=current_town().phone)
        return
    token = signed(PURPOSE, {"secret": secret.id, "user": opened.user.id, "mark": opened.user.fs_uniquifier})
    kind = "activation_confirm" if opened.opening is Opening.CONFIRM else "activation_attach"
    send_mail(
        kind,
        email,
        family_id=secret.family_id,
        person_name=opened.user.display_name,
        family_code=code,
        link=absolute("activation.confirm", token=token),
        hours=ACTIVATION_HOURS,
    )


@bp.get("/envoye")
@access("public")
def sent() -> ResponseReturnValue:
    """Say that an e-mail has left, whatever it says."""
    return render_template(
        "public/activation_sent.html", email=session.get("activation_email", ""), hours=ACTIVATION_HOURS
    )


@bp.get("/confirmer/<token>")
@access("public")
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the e-mail, attach the account to the family's file, and lead to the sign-in page."""
    try:
        facts = read_signed(PURPOSE, token, ACTIVATION_HOURS)
        done = activate_account(
            db.session(),
            now=clock.now(),
            secret_id=facts["secret"],
            user_id=facts["user"],
            fs_uniquifier=facts["mark"],
        )
    except Refusal as refusal:
        db.session.rollback()
        sentence = refusal_sentence(refusal)
        return render_template("public/activation_problem.html", sentence=sentence), 422
    _tell_activated(done)
    db.session.commit()
    if current_user.is_authenticated:
        logout_user()
    session.pop("activation_email", None)
    flash(_confirmed_words(done), "success")
    return redirect(url_for("security.login"))


def _tell_activated(done: Activated) -> None:
    send_mail(
        "account_activated",
        done.user.email,
        family_id=done.family.id,
        person_name=done.user.display_name,
        family_code=done.family.code,
        signs_in_with_code=done.user.username == done.family.code,
        sign_in_url=absolute("security.login"),
    )
    if done.former_email:
        send_mail("account_replaced", done.former_email, family_code=done.family.code)


def _confirmed_words(done: Activated) -> str:
    if done.user.username == done.family.code:
        return _(
            "Votre compte est prêt. Connectez-vous avec le code famille %(code)s ou avec votre e-mail.",
            code=family_code(done.family.code),
        )
    return _("Votre compte est prêt. Connectez-vous avec votre adresse e-mail.")
