"""A database of its own for each race, on both engines."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from tests.support.databases import DATABASES, make_engine, sqlite_url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> str:
    """The address of a database of its own with the schema and no row, whose transactions are really committed."""
    if request.param == "sqlite":
        shutil.copy(empty_database, tmp_path / "race.sqlite")
        return sqlite_url(tmp_path / "race.sqlite")
    made: URL = request.getfixturevalue("postgres").create_database(
        f"race_{tmp_path.name}"[:60].lower(), like=request.getfixturevalue("empty_postgresql")
    )
    return made.render_as_string(hide_password=False)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = make_engine(url)
    yield made
    made.dispose()
