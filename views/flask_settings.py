"""The portal's settings in the names that Flask and its extensions know."""

from typing import Any

from config import TESTING, Settings


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
        "SECURITY_LOGIN_URL": "/connexion",
        "SECURITY_LOGOUT_URL": "/deconnexion",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_RESET_URL": "/mot-de-passe-oublie",
        "SECURITY_CHANGE_URL": "/compte/mot-de-passe",
        "SECURITY_CONFIRM_URL": "/confirmation",
        "SECURITY_VERIFY_URL": "/verifier",
        "SECURITY_POST_LOGIN_VIEW": "/accueil",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_TRACKABLE": True,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_EMAIL": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_PASSWORD_LENGTH_MIN": 12,
        "SECURITY_PASSWORD_COMPLEXITY_CHECKER": None,
        "SECURITY_EMAIL_SENDER": settings.mail_sender,
        "SECURITY_FLASH_MESSAGES": True,
    }
