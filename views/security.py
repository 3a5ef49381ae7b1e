"""Sign-in by Flask-Security: e-mail or code famille, argon2, neutral answers."""

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore

from config import Settings
from models.accounts import Role, User
from views.extensions import db

user_datastore = SQLAlchemyUserDatastore(db, User, Role)
security = Security()


def _normalise(identity: str) -> str | None:
    text = identity.strip().lower()
    return text if "@" in text else None


def init_app(app: Flask, _settings: Settings) -> None:
    """Bind Flask-Security to the application."""
    identities: list[dict[str, Any]] = [{"email": {"mapper": _normalise, "case_insensitive": False}}]
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = identities
    security.init_app(app, user_datastore)
