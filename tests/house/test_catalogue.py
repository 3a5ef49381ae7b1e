"""publiccode.yml: what catalogues of public software read (publiccode.yml standard 0.4)."""

from typing import Any

import pytest
import yaml

from tests.house.sources import ROOT
from views.languages import LANGUAGES

REQUIRED = {
    "publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType", "description", "legal",
    "maintenance", "localisation",
}  # fmt: skip


@pytest.fixture(scope="module")
def entry() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_entry_has_the_keys_of_the_standard(entry: dict[str, Any]) -> None:
    assert REQUIRED - set(entry) == set()
    assert entry["publiccodeYmlVersion"] == "0.4"
    assert entry["legal"]["license"] == "AGPL-3.0-or-later"
    assert entry["localisation"]["availableLanguages"] == list(LANGUAGES)
    assert entry["maintenance"]["type"] == "community"
    assert entry["maintenance"]["contacts"][0]["name"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_description_keeps_to_the_lengths_of_the_standard(entry: dict[str, Any], language: str) -> None:
    said = entry["description"][language]

    assert len(said["shortDescription"]) <= 150
    assert 150 <= len(said["longDescription"]) <= 10_000
    assert said["features"]


def test_the_entry_names_our_version(entry: dict[str, Any]) -> None:
    assert f'version = "{entry["softwareVersion"]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
