"""Sign-in, forgotten, new and changed passwords: Flask-Security's forms in our words."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.confirmable import requires_confirmation
from flask_security.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    SendConfirmationForm,
    VerifyForm,
)
from flask_security.utils import get_message, hash_password, lookup_identity
from wtforms import EmailField, Form, PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired

from domain import clock
from domain.family.accounts import is_locked
from views.forms.fields import PASSWORD_POLICY
from views.help_access import help_unconfirmed, help_without_account

IDENTITY = _l("Code famille ou adresse e-mail")
IDENTITY_HINTS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
PASSWORD = _l("Mot de passe")
NEW_PASSWORD = _l("Nouveau mot de passe")
AGAIN = _l("Le même mot de passe, encore une fois")
MISSING_PASSWORD = _l("Écrivez votre mot de passe.")
DIFFERENT = _l("Les deux mots de passe ne sont pas les mêmes.")


class SignInForm(LoginForm):
    """Code famille or e-mail, and password; one neutral answer for every failure."""

    email = StringField(IDENTITY, [InputRequired()], render_kw=IDENTITY_HINTS)
    password = PasswordField(PASSWORD, [InputRequired()], render_kw={"autocomplete": "current-password"})
    remember = None
    submit = SubmitField(_l("Me connecter"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password.description = ""  # the page has its own link to a forgotten password

    def validate(self, **kwargs: Any) -> bool:
        """Check the pair; the reason of a failure is told by e-mail only, to the account's own address."""
        identity, password = self.email.data or "", self.password.data or ""
        if not identity.strip() or not password:
            self.form_errors.append(
                _l("Écrivez votre code famille ou votre e-mail, puis votre mot de passe.")
            )
            return False
        if not Form.validate(self, **kwargs):
            return False
        self.ifield, self.user = self.email, lookup_identity(identity)
        if self.user is None or not self.user.password or is_locked(self.user, clock.now()):
            hash_password(password)  # as long as for a known account
            return self._fail()
        if not self.user.verify_and_update_password(password):
            self.user.track_failed_authn("password")
            return self._fail()
        if not self.user.is_active:
            return self._fail()
        if requires_confirmation(self.user):
            help_unconfirmed(self.user)
            return self._fail()
        self.user_authenticated = True
        return True

    def _fail(self) -> bool:
        self.user = None
        self.form_errors.append(get_message("GENERIC_AUTHN_FAILED")[0])
        return False


class ForgottenForm(ForgotPasswordForm):
    """E-mail or code famille; the answer is the same whether or not it is known."""

    email = StringField(IDENTITY, [InputRequired()], render_kw=IDENTITY_HINTS)
    submit = SubmitField(_l("Recevoir le lien"))

    def validate(self, **kwargs: Any) -> bool:
        """Find the account; a family without one is helped by e-mail or reaches the staff's list."""
        identity = (self.email.data or "").strip()
        if not identity:
            self.form_errors.append(_l("Écrivez votre adresse e-mail ou votre code famille."))
            return False
        if not Form.validate(self, **kwargs):
            return False
        self.user = lookup_identity(identity)
        if self.user is not None and self.user.is_active and not requires_confirmation(self.user):
            return True
        if self.user is None:
            help_without_account(identity)
        elif self.user.is_active:
            help_unconfirmed(self.user)
        # Flask-Security turns an error of this field into its neutral answer.
        self.email.errors = [get_message("USER_DOES_NOT_EXIST")[0]]
        return False


class NewPasswordForm(ResetPasswordForm):
    """The new password, twice, behind the one-time link."""

    password = PasswordField(
        NEW_PASSWORD,
        [InputRequired(MISSING_PASSWORD)],
        description=PASSWORD_POLICY,
        render_kw={"autocomplete": "new-password"},
    )
    password_confirm = PasswordField(
        AGAIN,
        [InputRequired(MISSING_PASSWORD), EqualTo("password", DIFFERENT)],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_l("Enregistrer le mot de passe"))


class ChangedPasswordForm(ChangePasswordForm):
    """The present password and the new one, twice."""

    password = PasswordField(
        _l("Mot de passe actuel"),
        [InputRequired(MISSING_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        NEW_PASSWORD,
        [InputRequired(MISSING_PASSWORD)],
        description=PASSWORD_POLICY,
        render_kw={"autocomplete": "new-password"},
    )
    new_password_confirm = PasswordField(
        AGAIN,
        [InputRequired(MISSING_PASSWORD), EqualTo("new_password", DIFFERENT)],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_l("Changer le mot de passe"))


class AskAgainForm(VerifyForm):
    """The password once more, before money and secrets."""

    password = PasswordField(
        PASSWORD, [InputRequired(MISSING_PASSWORD)], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_l("Continuer"))

    def validate(self, **kwargs: Any) -> bool:
        """Refuse every password while the account is locked."""
        if is_locked(self.user, clock.now()):
            hash_password(self.password.data or "")
            self.password.errors = [get_message("INVALID_PASSWORD")[0]]
            return False
        return super().validate(**kwargs)


class ConfirmationForm(SendConfirmationForm):
    """An e-mail whose confirmation link is asked again."""

    email = EmailField(
        _l("Adresse e-mail"),
        [InputRequired(_l("Écrivez votre adresse e-mail."))],
        render_kw={"autocomplete": "email"},
    )
    submit = SubmitField(_l("Recevoir le lien"))

    def validate(self, **kwargs: Any) -> bool:
        """Find the waiting account; one made from a letter is sent back to its letter by e-mail."""
        if not Form.validate(self, **kwargs):
            return False
        self.user = lookup_identity(self.email.data)
        if self.user is not None and requires_confirmation(self.user):
            if self.user.roles:
                return True
            help_unconfirmed(self.user)
        self.email.errors = [get_message("USER_DOES_NOT_EXIST")[0]]
        return False
