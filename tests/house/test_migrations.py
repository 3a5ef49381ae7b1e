"""The migrations go up, down and up again on both databases, and end at what the models say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, inspect

from models import Base
from tests.house.sources import ROOT
from tests.support.databases import DATABASES, build_schema, sqlite_url
from tests.support.postgres import Cluster
from views.extensions import db, migrate

pytestmark = pytest.mark.slow


@pytest.fixture(params=DATABASES)
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database without tables."""
    with portal_on(request.param, request, tmp_path) as portal:
        yield portal


@pytest.fixture(scope="module", params=DATABASES)
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a database that the migrations have built, for tests that only look at it."""
    with portal_on(request.param, request, tmp_path_factory.mktemp("migrated")) as portal:
        upgrade()
        yield portal


@contextmanager
def portal_on(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Flask]:
    """Give an application in its context, on a new database of this kind."""
    if kind == "sqlite":
        url = sqlite_url(folder / "migrated.sqlite")
    else:
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.create_database(f"db_{folder.name}").render_as_string(hide_password=False)

    from app import create_app

    portal = create_app({"mode": "testing", "database_url": url, "var_dir": folder})
    with portal.app_context():
        yield portal
        db.session.remove()
        db.engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_go_up_down_and_up_again(bare: Flask) -> None:
    upgrade()
    assert tables(db.engine) == set(Base.metadata.tables)

    downgrade(revision="base")
    assert tables(db.engine) == set()

    upgrade()
    assert tables(db.engine) == set(Base.metadata.tables)


def test_migrations_leave_nothing_to_generate(migrated: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_build_what_the_models_say(
    migrated: Flask, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Compared with the tables that the models create, checks and partial indexes included."""
    if db.engine.dialect.name == "sqlite":
        url: Any = sqlite_url(tmp_path / "models.sqlite")
    else:
        url = request.getfixturevalue("postgres").create_database(f"models_{tmp_path.name}")
    expected = build_schema(url)

    found = {name: shape(db.engine, name) for name in tables(db.engine)}
    wanted = {name: shape(expected, name) for name in tables(expected)}
    guards, wanted_guards = triggers(db.engine), triggers(expected)
    expected.dispose()

    assert found == wanted
    # A migration that rebuilds a table on SQLite drops its triggers: it must make them again.
    assert guards == wanted_guards != {}


def triggers(engine: Engine) -> dict[str, str]:
    """Return what each trigger does, and the function that it calls."""
    asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if engine.dialect.name == "postgresql":
        asked = (
            "SELECT tgname, pg_get_triggerdef(pg_trigger.oid) || prosrc FROM pg_trigger"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
        )
    with engine.connect() as connection:
        return {name: " ".join(sql.split()) for name, sql in connection.exec_driver_sql(asked)}


def shape(engine: Engine, table: str) -> dict[str, Any]:
    """Return everything that the database knows of a table, in an order that does not matter."""
    asked = inspect(engine)
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"]) for column in asked.get_columns(table)
        },
        "key": asked.get_pk_constraint(table)["constrained_columns"],
        "checks": {
            check["name"]: " ".join(check["sqltext"].split()) for check in asked.get_check_constraints(table)
        },
        "uniques": {unique["name"]: unique["column_names"] for unique in asked.get_unique_constraints(table)},
        "indexes": {
            index["name"]: (index["column_names"], index["unique"], _condition(index))
            for index in asked.get_indexes(table)
        },
        "foreign keys": {
            key["name"]: (key["constrained_columns"], key["referred_table"], key["options"])
            for key in asked.get_foreign_keys(table)
        },
    }


def _condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def test_migrations_are_flask_migrates_own() -> None:
    assert migrate.directory == "migrations"
    assert (ROOT / "migrations" / "alembic.ini").exists()
    assert "current_app" in (ROOT / "migrations" / "env.py").read_text(encoding="utf-8")
