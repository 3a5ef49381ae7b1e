"""Sign-in by Flask-Security: code famille or e-mail, argon2, neutral answers, mails through our outbox."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, g, render_template, session
from flask_babel import gettext as _
from flask_security import PasswordUtil, Security, SQLAlchemyUserDatastore, UsernameUtil
from flask_security.decorators import default_reauthn_handler
from flask_security.mail_util import MailUtil
from flask_security.signals import password_reset, user_authenticated, user_failed_authn
from sqlalchemy import select

from config import Settings
from domain import clock
from domain.errors import Refusal
from domain.family.accounts import forgive_failed_sign_ins, note_failed_sign_in
from domain.family.rules import check_password, read_family_code
from domain.messages.operations import queue_mail
from models.accounts import Role, User
from models.family import Family, Guardian
from views import account_security, second_factor, sessions, time_limits
from views.access import ACTING
from views.errors import refusal_sentence
from views.extensions import db
from views.forms import sign_in as forms
from views.forms.second_factor import CodeForm, NoRescueForm, RecoveryForm, SetupForm
from views.help_access import commit_after_request
from views.kept_form import kept_form
from views.language_choice import language_of, link_in, remember_on_sign_in
from views.languages import speaking
from views.mailing import send_mail
from views.throttle import throttled

LINKS = ("reset_link", "confirmation_link", "link")
THROTTLED = (
    "login",
    "forgot_password",
    "reset_password",
    "verify",
    "send_confirmation",
    "change_password",
    "two_factor_token_validation",
    "two_factor_setup_validate",
    "mf_recovery",
)

user_datastore = SQLAlchemyUserDatastore(db, User, Role)


def read_email(identity: str) -> str | None:
    """Return an address in the form that is stored, or None for what is not one."""
    text = identity.strip().lower()
    return text if "@" in text else None


IDENTITIES: list[dict[str, Any]] = [
    {"username": {"mapper": read_family_code, "case_insensitive": False}},
    {"email": {"mapper": read_email, "case_insensitive": False}},
]


class OutboxMailUtil(MailUtil):
    """Flask-Security's mails, written into the outbox instead of being sent at once."""

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **kwargs: Any,
    ) -> None:
        """Queue one mail; the subject comes from the catalogue, beside its text."""
        with speaking(language_of(kwargs["user"])):
            subject = render_template(f"{template}.subject.txt", **kwargs)
        queue_mail(
            db.session(),
            now=clock.now(),
            recipient=recipient,
            kind=template.removeprefix("mail/"),
            subject=subject,
            text_body=body or "",
            html_body=html or "",
        )
        commit_after_request()


class PolicyPasswordUtil(PasswordUtil):
    """The password rules of the CNIL, as the domain states them."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        """Return the problems of a password, if any, and its normalised form."""
        normal = self.normalize(password)
        try:
            check_password(normal, _known_of(kwargs.get("user")))
        except Refusal as refusal:
            return [refusal_sentence(refusal)], normal
        return None, normal


def _known_of(user: User | None) -> list[str]:
    """Return what others know of the person: no password."""
    if user is None:
        return []
    names = [user.display_name, *user.display_name.split()]
    return [*names, user.email, user.username or ""]


class FamilyCodeUtil(UsernameUtil):
    """A username is a code famille: eight figures, the last one checking the others."""

    def normalize(self, username: str) -> str | None:
        """Return the code without spaces, or None when it is not one."""
        return read_family_code(username)

    def validate(self, username: str) -> tuple[str | None, str | None]:
        """Return a problem, if any, and the code."""
        if not username:
            return None, None
        code = read_family_code(username)
        return (None, code) if code else (_("Ce n’est pas un code famille."), None)


security = Security(
    login_form=forms.SignInForm,
    forgot_password_form=forms.ForgottenForm,
    reset_password_form=forms.NewPasswordForm,
    change_password_form=forms.ChangedPasswordForm,
    verify_form=forms.AskAgainForm,
    send_confirmation_form=forms.ConfirmationForm,
    mail_util_cls=OutboxMailUtil,
    password_util_cls=PolicyPasswordUtil,
    username_util_cls=FamilyCodeUtil,
    totp_cls=second_factor.OnceTotp,
    two_factor_setup_form=SetupForm,
    two_factor_verify_code_form=CodeForm,
    two_factor_rescue_form=NoRescueForm,
    mf_recovery_form=RecoveryForm,
)


def init_app(app: Flask, settings: Settings) -> None:
    """Bind Flask-Security to the application."""
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = IDENTITIES
    app.config["SECURITY_DATETIME_FACTORY"] = clock.now
    security.init_app(app, user_datastore, render_template=_renderer(settings.public_url.rstrip("/")))
    security.reauthn_handler(_ask_again)
    app.login_manager.login_view = "security.login"  # type: ignore[attr-defined]
    app.login_manager.login_message = None  # type: ignore[attr-defined]
    for name in THROTTLED:
        endpoint = f"security.{name}"
        app.view_functions[endpoint] = throttled(app.view_functions[endpoint])
    user_failed_authn.connect(_on_failure, app)
    user_authenticated.connect(_on_sign_in, app)
    password_reset.connect(_on_reset, app)
    sessions.init_app(app)
    time_limits.init_app(app)
    second_factor.init_app(app)
    app.register_blueprint(account_security.bp)


def _ask_again(within: timedelta, grace: timedelta) -> Any:
    """Ask for the password anew; what was typed in the meantime waits on its page."""
    kept = kept_form(asks_password=True)
    return (kept, HTTPStatus.UNAUTHORIZED) if kept else default_reauthn_handler(within, grace)


def _renderer(public_url: str) -> Any:
    """Return how Flask-Security renders: a mail gets links of our public address, whatever Host was sent."""

    def render(template: str, **context: Any) -> str:
        if not template.startswith("mail/"):
            return render_template(template, **context)
        language = language_of(context["user"])
        for name in LINKS:
            if name in context:
                context[name] = link_in(language, _on_public_address(context[name], public_url))
        context["family_codes"] = _family_codes(context["user"])
        with speaking(language):
            return render_template(template, **context)

    return render


def _on_public_address(link: str, public_url: str) -> str:
    path = link.split("://", 1)[1].split("/", 1)[1]
    return f"{public_url}/{path}"


def _family_codes(user: User) -> list[str]:
    codes = select(Family.code).join(Guardian, Guardian.family_id == Family.id)
    rows = db.session.scalars(codes.where(Guardian.user_id == user.id, Family.code.is_not(None)))
    return [code for code in rows if code]


def _on_failure(_app: Flask, user: User, **_facts: Any) -> None:
    """Count the wrong password in a transaction of its own, and tell the owner when it locks."""
    if note_failed_sign_in(db.session(), now=clock.now(), user_id=user.id):
        send_mail("sign_in_locked", user.email, person_name=user.display_name)
    db.session.commit()


def _on_sign_in(_app: Flask, user: User, **_facts: Any) -> None:
    """Begin a fresh session: nothing chosen before the sign-in survives it."""
    forgive_failed_sign_ins(user)
    sessions.begin(user)
    remember_on_sign_in(user)
    session.permanent = True
    for key in ("csrf_token", "family_id", ACTING):
        session.pop(key, None)
        g.pop(key, None)


def _on_reset(_app: Flask, user: User, **_facts: Any) -> None:
    forgive_failed_sign_ins(user)
