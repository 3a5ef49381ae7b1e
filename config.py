"""Every setting: name, type, default, one sentence. A bad value stops the program with a clear message.

Settings are read from the environment (``PREAU_`` before the name, but for ``DATABASE_URL``).
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
DEMO, DEVELOPMENT, PRODUCTION, TESTING = "demo", "development", "production", "testing"
MODES = (DEMO, DEVELOPMENT, PRODUCTION, TESTING)
PAYBOX_TEST_KEY = "0123456789ABCDEF" * 8


class BadSetting(ValueError):
    """A setting has a value that the program refuses to start with."""


@dataclass(frozen=True)
class Settings:
    """The settings of one running portal; each field's metadata would repeat docs/settings.md, which a test checks."""

    mode: str = DEMO
    database_url: str = ""
    var_dir: Path = ROOT / "var"
    secret_key: str = ""
    password_salt: str = ""
    public_url: str = "http://127.0.0.1:5000"
    host: str = "127.0.0.1"
    port: int = 5000
    web_workers: int = 2
    waiting_room_seats: int = 0
    redis_url: str = ""
    trusted_proxies: int = 0
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_key_id: str = ""
    s3_secret: str = ""
    mail_server: str = ""
    mail_port: int = 25
    mail_use_tls: bool = False
    mail_username: str = ""
    mail_password: str = ""
    mail_sender: str = "portail@saint-preau.example"
    payment_gateway: str = "local_bank"
    paybox_site: str = "1999888"
    paybox_rang: str = "32"
    paybox_identifiant: str = "110647233"
    paybox_hmac_key: str = PAYBOX_TEST_KEY
    paybox_page_url: str = "https://tpeweb.paybox.com/cgi/MYchoix_pagepaiement.cgi"
    paybox_backup_url: str = "https://tpeweb1.paybox.com/cgi/MYchoix_pagepaiement.cgi"
    paybox_public_key_file: str = ""
    session_minutes: int = 240
    sign_in_limit: str = "20 per minute"
    staff_two_factor: bool = True
    secure_cookies: bool = True
    log_level: str = "INFO"

    @property
    def is_production(self) -> bool:
        """Whether real families use this installation."""
        return self.mode == PRODUCTION

    @property
    def has_development_pages(self) -> bool:
        """Whether the local bank and the mail page are served."""
        return self.mode != PRODUCTION


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the environment, apply ``overrides`` (by field name), check, and return the settings.

    Raises:
        BadSetting: a value has the wrong type, or is not allowed in this mode.
    """
    values: dict[str, Any] = {}
    for field in fields(Settings):
        name = "DATABASE_URL" if field.name == "database_url" else f"PREAU_{field.name.upper()}"
        if name in os.environ:
            values[field.name] = _convert(name, os.environ[name], type(field.default))
    values.update(overrides or {})
    # Demonstration accounts have no telephone, and tests turn it on where they look at it.
    if values.get("mode", DEMO) in (DEMO, TESTING):
        values.setdefault("staff_two_factor", False)
    settings = _with_secrets(Settings(**values))
    _check(settings)
    return settings


def _convert(name: str, text: str, kind: type) -> Any:
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        return kind(text)
    except (KeyError, ValueError) as error:
        msg = f"{name}: {text!r} is not a valid {kind.__name__}"
        raise BadSetting(msg) from error


def _with_secrets(settings: Settings) -> Settings:
    """Fill in what a town on one machine need not write: the database file and, outside production, the secrets."""
    changes: dict[str, Any] = {}
    if not settings.database_url:
        changes["database_url"] = f"sqlite:///{settings.var_dir / 'preau.sqlite'}"
    if not settings.is_production:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        for name in ("secret_key", "password_salt"):
            if not getattr(settings, name):
                changes[name] = _kept_secret(settings.var_dir / f"{name}.txt")
        changes["secure_cookies"] = settings.secure_cookies and settings.public_url.startswith("https://")
    return Settings(**{field.name: getattr(settings, field.name) for field in fields(Settings)} | changes)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _check(settings: Settings) -> None:
    problems = []
    if settings.mode not in MODES:
        problems.append(f"PREAU_MODE must be one of {', '.join(MODES)}")
    if settings.payment_gateway not in ("local_bank", "paybox"):
        problems.append("PREAU_PAYMENT_GATEWAY must be local_bank or paybox")
    if settings.waiting_room_seats < 0:
        problems.append("PREAU_WAITING_ROOM_SEATS must be 0 or more")
    if settings.s3_bucket and not (settings.s3_key_id and settings.s3_secret):
        problems.append("PREAU_S3_BUCKET needs PREAU_S3_KEY_ID and PREAU_S3_SECRET")
    if settings.is_production:
        problems += _production_problems(settings)
    if problems:
        raise BadSetting("; ".join(problems))


def _production_problems(settings: Settings) -> list[str]:
    checks = {
        "PREAU_SECRET_KEY needs 32 characters or more": len(settings.secret_key) < 32,
        "PREAU_PASSWORD_SALT needs 16 characters or more": len(settings.password_salt) < 16,
        "PREAU_PUBLIC_URL must begin with https://": not settings.public_url.startswith("https://"),
        "PREAU_PAYMENT_GATEWAY cannot be the local bank": settings.payment_gateway == "local_bank",
        "PREAU_PAYBOX_HMAC_KEY is the public test key": settings.paybox_hmac_key == PAYBOX_TEST_KEY,
        "PREAU_MAIL_SERVER is missing": not settings.mail_server,
        "PREAU_SECURE_COOKIES cannot be off": not settings.secure_cookies,
        "PREAU_STAFF_TWO_FACTOR cannot be off": not settings.staff_two_factor,
    }
    return [message for message, is_wrong in checks.items() if is_wrong]
