"""Every setting is documented, and a bad one stops the program."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config import BadSetting, Settings, load_settings
from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "settings.md"


def variable(name: str) -> str:
    return "DATABASE_URL" if name == "database_url" else f"PREAU_{name.upper()}"


def test_the_page_of_settings_names_each_of_them_and_no_other() -> None:
    documented = set(re.findall(r"`(PREAU_\w+|DATABASE_URL)`", PAGE.read_text(encoding="utf-8")))

    assert documented == {variable(field.name) for field in fields(Settings)}


def test_an_environment_that_says_nothing_gives_a_portal_to_try(tmp_path: Path) -> None:
    settings = load_settings({"var_dir": tmp_path})

    assert settings.mode == "demo"
    assert settings.database_url.startswith("sqlite:///")
    assert len(settings.secret_key) >= 32


def test_a_kept_secret_is_the_same_the_next_day(tmp_path: Path) -> None:
    assert load_settings({"var_dir": tmp_path}).secret_key == load_settings({"var_dir": tmp_path}).secret_key


def test_a_value_of_the_wrong_type_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PREAU_PORT", "five thousand")

    with pytest.raises(BadSetting, match="PREAU_PORT"):
        load_settings({"var_dir": tmp_path})


SAFE = {
    "mode": "production",
    "secret_key": "s" * 32,
    "password_salt": "p" * 16,
    "public_url": "https://famille.exemple.fr",
    "payment_gateway": "paybox",
    "paybox_hmac_key": "A" * 128,
    "mail_server": "smtp.exemple.fr",
    "database_url": "postgresql:///preau",
}


def test_production_starts_with_safe_settings() -> None:
    assert load_settings(SAFE).is_production


@pytest.mark.parametrize(
    "change",
    [
        {"secret_key": ""},
        {"password_salt": "short"},
        {"public_url": "http://famille.exemple.fr"},
        {"payment_gateway": "local_bank"},
        {"paybox_hmac_key": "0123456789ABCDEF" * 8},
        {"mail_server": ""},
        {"secure_cookies": False},
        {"mode": "prod"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_production_refuses_to_start_with(change: dict[str, object]) -> None:
    with pytest.raises(BadSetting):
        load_settings(SAFE | change)
