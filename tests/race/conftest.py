"""A database of its own for each race, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from tests.support.databases import DATABASES, build_schema, sqlite_url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of its own, whose transactions are really committed."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "race.sqlite")
    made: URL = request.getfixturevalue("postgres").create_database(f"race_{tmp_path.name}")
    return made.render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = build_schema(url)
    yield made
    made.dispose()
