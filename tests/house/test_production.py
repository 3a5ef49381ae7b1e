"""What the program refuses to start with where real families use it."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import create_app
from config import BadSetting
from models.accounts import User
from tests.support.databases import build_schema, sqlite_url

GOOD: dict[str, Any] = {
    "mode": "production",
    "secret_key": "k" * 40,
    "password_salt": "s" * 20,
    "public_url": "https://famille.example.fr",
    "payment_gateway": "paybox",
    "paybox_hmac_key": "AB" * 64,
    "mail_server": "smtp.example.fr",
}


def settings(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    return GOOD | {"database_url": sqlite_url(tmp_path / "town.sqlite"), "var_dir": tmp_path} | changes


def test_a_complete_production_starts_without_development_pages(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path))

    paths = {rule.rule for rule in app.url_map.iter_rules()}
    assert not [path for path in paths if path.startswith(("/dev", "/banque-essai"))]


@pytest.mark.parametrize(
    "changes",
    [
        {"secret_key": ""},
        {"password_salt": "short"},
        {"public_url": "http://famille.example.fr"},
        {"payment_gateway": "local_bank"},
        {"paybox_hmac_key": "0123456789ABCDEF" * 8},
        {"mail_server": ""},
        {"secure_cookies": False},
        {"mode": "prod"},
    ],
)
def test_a_bad_setting_stops_the_start(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(BadSetting):
        create_app(settings(tmp_path, **changes))


def test_the_demonstrations_accounts_stop_the_start(tmp_path: Path) -> None:
    engine = build_schema(sqlite_url(tmp_path / "town.sqlite"))
    with Session(engine) as session:
        session.add(User(email="admin@saint-preau.example", fs_uniquifier="x"))
        session.commit()
    engine.dispose()

    with pytest.raises(BadSetting, match="demonstration"):
        create_app(settings(tmp_path))
