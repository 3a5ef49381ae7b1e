"""The second factor: the code of the telephone, or a recovery code kept on paper."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security.forms import TwoFactorRescueForm, TwoFactorSetupForm, TwoFactorVerifyCodeForm
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message
from wtforms import Form, HiddenField, StringField, SubmitField
from wtforms.validators import InputRequired

from domain import clock
from domain.family.accounts import is_locked

METHOD = "authenticator"
OFF = "disable"


def _digits(value: str | None) -> str:
    return "".join((value or "").split())


class SetupForm(TwoFactorSetupForm):
    """One way only, an application of the telephone: the button chooses it."""

    setup = HiddenField(default=METHOD)
    phone = HiddenField(default="")
    submit = SubmitField(_l("Commencer"))


class CodeForm(TwoFactorVerifyCodeForm):
    """The six figures that the application shows now."""

    code = StringField(
        _l("Code à six chiffres"),
        [InputRequired(_l("Écrivez les six chiffres que montre l’application."))],
        filters=[_digits],
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": "10"},
    )
    submit = SubmitField(_l("Continuer"))

    def validate(self, **kwargs: Any) -> bool:
        """Refuse every code while the account is locked, as for passwords."""
        if self.user is not None and is_locked(self.user, clock.now()):
            self.code.errors = [get_message("TWO_FACTOR_INVALID_TOKEN")[0]]
            return False
        return super().validate(**kwargs)


class NoRescueForm(TwoFactorRescueForm):
    """Help by e-mail is not offered; Flask-Security builds the form all the same."""

    help_setup = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help_setup.choices = []  # type: ignore[attr-defined]


class RecoveryForm(MfRecoveryForm):
    """One of the codes kept on paper; each serves once."""

    code = StringField(
        _l("Code de secours"),
        [InputRequired(_l("Écrivez l’un de vos codes de secours."))],
        filters=[lambda value: (value or "").strip().lower()],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    submit = SubmitField(_l("Continuer"))

    def validate(self, **kwargs: Any) -> bool:
        """Count wrong codes as wrong passwords: at the tenth the account rests."""
        if not Form.validate(self, **kwargs):
            return False
        if is_locked(self.user, clock.now()) or not super().validate(**kwargs):
            self.user.track_failed_authn("recovery_code", True)
            self.code.errors = [get_message("INVALID_RECOVERY_CODE")[0]]
            return False
        return True
