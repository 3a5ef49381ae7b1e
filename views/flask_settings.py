"""The portal's settings in the names that Flask and its extensions know."""

from datetime import timedelta
from typing import Any

from config import ROOT, TESTING, Settings
from views.second_factor import security_settings
from views.words import later

# For how long the link that confirms a new account works.
CONFIRM_DAYS = 2


def flask_settings(settings: Settings) -> dict[str, Any]:
    """Return the configuration of Flask and its extensions for these settings."""
    return {
        "PREAU": settings,
        "TESTING": settings.mode == TESTING,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": not settings.database_url.startswith("sqlite")},
        "MAX_CONTENT_LENGTH": 48 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": settings.session_minutes * 60,
        "BABEL_DEFAULT_LOCALE": "fr_FR",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.secure_cookies,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_ENABLED": settings.mode != TESTING,
        "MAIL_SERVER": settings.mail_server or "localhost",
        "MAIL_PORT": settings.mail_port,
        "MAIL_USE_TLS": settings.mail_use_tls,
        "MAIL_USERNAME": settings.mail_username or None,
        "MAIL_PASSWORD": settings.mail_password or None,
        "MAIL_DEFAULT_SENDER": settings.mail_sender,
        **_security_settings(settings),
    }


def _security_settings(settings: Settings) -> dict[str, Any]:
    """Return Flask-Security's part: French addresses, argon2 at OWASP's cost, neutral answers."""
    cheap = settings.mode == TESTING
    argon2 = {
        "argon2__memory_cost": 1024 if cheap else 19456,
        "argon2__time_cost": 1 if cheap else 2,
        "argon2__parallelism": 1,
    }
    return {
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": argon2,
        # What stands in a signed link for an e-mail or for a password's own hash: neither can be guessed from it, and
        # the slow scheme that is usual here took half a second of each sign-up. Links sent before still open.
        "SECURITY_HASHING_SCHEMES": ["hex_sha256", "sha256_crypt"],
        "SECURITY_LOGIN_URL": "/connexion",
        "SECURITY_LOGOUT_URL": "/deconnexion",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RESET_URL": "/mot-de-passe-oublie",
        "SECURITY_CHANGE_URL": "/compte/mot-de-passe",
        "SECURITY_CONFIRM_URL": "/confirmation",
        "SECURITY_VERIFY_URL": "/verifier",
        # The welcome page sends staff and parents each to their own home.
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_CHANGE_VIEW": "/compte/securite",
        "SECURITY_FRESHNESS": timedelta(minutes=30),
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=5),
        "SECURITY_POST_RESET_VIEW": "/connexion",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_TRACKABLE": True,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
        "SECURITY_AUTO_LOGIN_AFTER_RESET": False,
        "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=CONFIRM_DAYS),
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=2),
        "SECURITY_EMAIL_SENDER": settings.mail_sender,
        "SECURITY_FLASH_MESSAGES": True,
        # Its own sentences in its own catalogues, ours in ours.
        "SECURITY_I18N_DIRNAME": ["builtin", str(ROOT / "translations")],
        "SECURITY_I18N_DOMAIN": "flask_security;messages",
        **security_settings(settings),
        **_security_templates(),
        **_security_words(),
    }


def _security_templates() -> dict[str, str]:
    pages = {
        "LOGIN_USER": "login",
        "FORGOT_PASSWORD": "forgot",
        "RESET_PASSWORD": "reset",
        "CHANGE_PASSWORD": "change",
        "VERIFY": "verify",
        "SEND_CONFIRMATION": "confirm",
        "LOGOUT_USER": "logout",
    }
    mails = {
        "CONFIRM": "confirmation",
        "PASSWORD_RESET": "password_reset",
        "PASSWORD_RESET_NOTICE": "password_reset_notice",
        "PASSWORD_CHANGE_NOTICE": "password_changed",
    }
    return {f"SECURITY_{name}_TEMPLATE": f"security/{page}.html" for name, page in pages.items()} | {
        f"SECURITY_EMAIL_TEMPLATE_{name}": f"mail/{mail}" for name, mail in mails.items()
    }


def _security_words() -> dict[str, tuple[str, str]]:
    """Return our own sentences, where Flask-Security's French ones tell too much or too little."""
    return {
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (
            later(
                "Nous n’avons pas pu vous connecter : le code famille, l’e-mail ou le mot de passe ne va pas. "
                "Vérifiez-les, ou demandez un nouveau mot de passe."
            ),
            "error",
        ),
        "SECURITY_MSG_PASSWORD_RESET_REQUEST": (
            later(
                "Si nous connaissons ce que vous avez écrit, un e-mail vient de partir avec un lien pour choisir "
                "un nouveau mot de passe. Il rappelle aussi votre code famille."
            ),
            "info",
        ),
        "SECURITY_MSG_PASSWORD_RESET_NO_LOGIN": (
            later("Votre nouveau mot de passe est enregistré. Vous pouvez vous connecter."),
            "success",
        ),
        "SECURITY_MSG_PASSWORD_RESET_EXPIRED": (later("Ce lien a expiré. Demandez-en un nouveau."), "error"),
        "SECURITY_MSG_INVALID_RESET_PASSWORD_TOKEN": (
            later(
                "Ce lien n’est plus valable : il a déjà servi, ou un autre l’a remplacé. Demandez-en un nouveau."
            ),
            "error",
        ),
        "SECURITY_MSG_PASSWORD_CHANGE": (later("Votre mot de passe est changé."), "success"),
        "SECURITY_MSG_PASSWORD_IS_THE_SAME": (
            later("Le nouveau mot de passe doit être différent de l’actuel."),
            "error",
        ),
        "SECURITY_MSG_INVALID_PASSWORD": (later("Ce n’est pas le bon mot de passe."), "error"),
        "SECURITY_MSG_CONFIRMATION_REQUEST": (
            later(
                "Si cette adresse attend une confirmation, un e-mail vient de partir avec un nouveau lien."
            ),
            "info",
        ),
        "SECURITY_MSG_EMAIL_CONFIRMED": (
            later("Votre adresse e-mail est confirmée. Vous pouvez vous connecter."),
            "success",
        ),
        "SECURITY_MSG_ALREADY_CONFIRMED": (
            later("Ce lien a déjà servi : votre adresse est confirmée. Vous pouvez vous connecter."),
            "info",
        ),
        "SECURITY_MSG_CONFIRMATION_EXPIRED": (later("Ce lien a expiré. Demandez-en un nouveau."), "error"),
        "SECURITY_MSG_INVALID_CONFIRMATION_TOKEN": (
            later("Ce lien n’est pas valable, ou un plus récent le remplace. Demandez-en un nouveau."),
            "error",
        ),
        "SECURITY_MSG_REAUTHENTICATION_REQUIRED": (
            later("Écrivez de nouveau votre mot de passe pour continuer."),
            "info",
        ),
        "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": (later("Merci, vous pouvez continuer."), "success"),
    }
