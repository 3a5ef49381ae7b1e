"""The second factor of the sign-in, by Flask-Security: an application of the telephone, codes kept on paper."""

import base64
import hashlib
from typing import Any

from flask import Flask, abort
from flask.typing import ResponseReturnValue
from flask_security.totp import Totp
from passlib.totp import TotpMatch

from config import Settings
from models.accounts import User
from views.words import later

RECOVERY_CODES = 8
CLOCK_DRIFT_SECONDS = 30


class OnceTotp(Totp):
    """A code serves once: what was read over a shoulder opens nothing."""

    def get_last_counter(self, user: User) -> int | None:
        """Return the time step of the last code taken."""
        return user.tf_last_counter

    def set_last_counter(self, user: User, tmatch: TotpMatch) -> None:
        """Keep the time step of this code."""
        user.tf_last_counter = tmatch.counter


def security_settings(settings: Settings) -> dict[str, Any]:
    """Return Flask-Security's part for the second factor; secrets are kept encrypted by the portal's own key."""
    return {
        "SECURITY_TWO_FACTOR": True,
        # Of staff: User.check_tf_required leaves parents free.
        "SECURITY_TWO_FACTOR_REQUIRED": settings.staff_two_factor,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CLOCK_DRIFT_SECONDS,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TOTP_SECRETS": {"1": _derived(settings, "totp").decode()},
        "SECURITY_TOTP_ISSUER": "Portail famille",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_derived(settings, "recovery")],
        "SECURITY_MULTI_FACTOR_RECOVERY_CODE_TTL": None,
        "SECURITY_TWO_FACTOR_SETUP_URL": "/compte/double-verification",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/connexion/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/connexion/code/aide",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/connexion/moyen",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/connexion/code-de-secours",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/compte/codes-de-secours",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/compte/securite",
        "SECURITY_TWO_FACTOR_ERROR_VIEW": "/connexion",
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "security/second_factor_setup.html",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "security/second_factor_code.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "security/recovery_code.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "security/recovery_codes.html",
        **_words(),
    }


def _derived(settings: Settings, purpose: str) -> bytes:
    key = hashlib.sha256(f"{purpose}:{settings.secret_key}".encode()).digest()
    return base64.urlsafe_b64encode(key)


def _words() -> dict[str, tuple[str, str]]:
    return {
        "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (
            later("Ce n’est pas le bon code, ou il a déjà servi. Attendez le suivant et écrivez-le."),
            "error",
        ),
        "SECURITY_MSG_INVALID_RECOVERY_CODE": (
            later("Ce n’est pas l’un de vos codes de secours, ou il a déjà servi."),
            "error",
        ),
        "SECURITY_MSG_TWO_FACTOR_LOGIN_SUCCESSFUL": (later("Vous êtes bien connecté."), "success"),
        "SECURITY_MSG_TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
            later("La double vérification est en place. Gardez maintenant vos codes de secours."),
            "success",
        ),
        "SECURITY_MSG_TWO_FACTOR_DISABLED": (later("La double vérification est arrêtée."), "success"),
        "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": (
            later("Cette étape a expiré. Connectez-vous de nouveau."),
            "error",
        ),
        "SECURITY_MSG_TWO_FACTOR_SETUP_EXPIRED": (later("Cette étape a expiré. Recommencez."), "error"),
    }


def init_app(app: Flask) -> None:
    """Close what this portal does not offer: help by e-mail would make the second factor a mere mailbox."""
    app.view_functions["security.two_factor_rescue"] = _not_offered
    app.view_functions["security.tf_select"] = _not_offered


def _not_offered() -> ResponseReturnValue:
    abort(404)
