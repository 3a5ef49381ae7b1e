"""What every test may ask for: a database of each kind, an application, and a visitor."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain import clock
from gateways.payments.local_keys import KEY_FILE
from tests.support.databases import DATABASES, build_schema, make_engine, rolled_back, sqlite_url
from tests.support.pages import Visitor
from tests.support.postgres import Cluster

# A machine that keeps no compiled modules compiles the whole portal again in every process that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LONGEST_FIRST = ("browser", "race", "slow")

# No deadline: a busy machine is no fault of the code, and speed is the benchmarks' affair.
settings.register_profile("preau", deadline=None)
settings.load_profile("preau")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of long tests: shared out among processes, one must not come last and alone.

    Of the browser's files, those without the running portal come first: another process builds its town meanwhile.
    """
    weights: dict[Path, tuple[int, bool]] = {}
    for item in items:
        marks = (item.get_closest_marker(name) for name in LONGEST_FIRST)
        weight = next((place for place, mark in enumerate(marks) if mark), len(LONGEST_FIRST))
        found = weight, "portal" in getattr(item, "fixturenames", ())
        weights[item.path] = min(found, weights.get(item.path, found))
    items.sort(key=lambda item: weights[item.path])


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server, for this process's tests only."""
    cluster = Cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An SQLite database with the schema and no row."""
    engine = build_schema(sqlite_url(tmp_path_factory.mktemp("sqlite") / "preau.sqlite"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def empty_postgresql(postgres: Cluster) -> str:
    """The name of a database with the schema and no row, of which others are made as copies."""
    build_schema(postgres.create_database("empty")).dispose()
    return "empty"


@pytest.fixture(scope="session")
def postgresql_engine(postgres: Cluster, empty_postgresql: str) -> Iterator[Engine]:
    """A PostgreSQL database with the schema and no row."""
    engine = make_engine(postgres.create_database("preau", like=empty_postgresql))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", params=DATABASES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each kind of database in turn, with the schema and no row; leave it as it was."""
    chosen: Engine = request.getfixturevalue(f"{request.param}_engine")
    return chosen


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session on each kind of database; whatever it writes is undone after the test."""
    with rolled_back(engine) as session:
        yield session


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that each application test starts from a copy of."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    engine = build_schema(sqlite_url(path))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def portal_in(folder: Path, empty_database: Path, **more: Any) -> Iterator[Flask]:
    """Give a portal that keeps its empty database and its files in ``folder``; ``more`` are its other settings."""
    # Here, and not above: a test of pure rules has no need of the whole portal.
    from app import create_app
    from views.extensions import db as database

    path = folder / "preau.sqlite"
    shutil.copy(empty_database, path)
    portal = create_app({"mode": "testing", "database_url": sqlite_url(path), "var_dir": folder, **more})
    yield portal
    with portal.app_context():
        database.engine.dispose()


@pytest.fixture(scope="session")
def portal_of_tests(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The portal that ``app`` hands to one test after another: making one takes longer than most tests."""
    with portal_in(tmp_path_factory.mktemp("portal"), empty_database) as portal:
        yield portal


@pytest.fixture
def app(portal_of_tests: Flask, empty_database: Path) -> Iterator[Flask]:
    """The portal on an empty database of its own, remembering nothing of the test before.

    No application context is open: each request must have its own, as in production.
    """
    portal = portal_of_tests
    began_with = [(kept, dict(kept)) for kept in (portal.config, portal.extensions, portal.view_functions)]
    _forget(portal, empty_database)
    yield portal
    for kept, content in began_with:
        kept.clear()
        kept.update(content)


def _forget(portal: Flask, empty_database: Path) -> None:
    """Put an empty database and no file where the portal keeps its own, and empty what it holds in memory."""
    from domain.reservations import catalogue
    from views import reference
    from views.extensions import db as database
    from views.extensions import limiter

    with portal.app_context():
        database.engine.dispose()
    folder = portal.config["PREAU"].var_dir
    for path in folder.iterdir():
        # The bank's own key holds nothing of a test, and is in memory already.
        if path.name != KEY_FILE:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copy(empty_database, folder / "preau.sqlite")
    # A test of production may have left it on.
    limiter.enabled = portal.config["RATELIMIT_ENABLED"]
    catalogue.forget()
    reference.forget()


@pytest.fixture(scope="session")
def shared_app(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One portal for all tests that only look at it: its routes, its templates, its commands."""
    with portal_in(tmp_path_factory.mktemp("shared"), empty_database) as portal:
        yield portal


@pytest.fixture(scope="session")
def store_engine(portal_of_tests: Flask) -> Engine:
    """The engine of ``store``: one, for it keeps the statements that it has compiled."""
    return make_engine(portal_of_tests.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def store(app: Flask, store_engine: Engine) -> Iterator[Session]:
    """A session on the application's database, to arrange rows before a request and to look at them after it.

    Commit what the application must see; ``expire_all`` (or a new query) shows what it wrote.
    """
    with Session(store_engine, expire_on_commit=False) as session:
        yield session
    store_engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A bare HTTP client: for answers that are not pages."""
    return app.test_client()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody with a browser, not signed in; checks each page it opens."""
    return Visitor(app)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let a test say what time it is, for pages and jobs that read the clock."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return set_to
