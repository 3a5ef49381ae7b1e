"""Engines with the portal's schema, made as production makes them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.orm import Session

from models import Base
from models.engine import prepare_sqlite

# `make check` runs on SQLite alone, to be quick; `make test` on both.
DATABASES = os.environ.get("PREAU_TEST_DATABASES", "sqlite postgresql").split()


def make_engine(url: str | URL) -> Engine:
    """Return an engine that treats its connections as the portal does."""
    engine = create_engine(url)
    prepare_sqlite(engine)
    return engine


def build_schema(url: str | URL) -> Engine:
    """Return an engine on a database that has all tables and no row."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    return engine


def sqlite_url(path: Path) -> str:
    """Return the address of a database file."""
    return f"sqlite:///{path}"


def in_parallel(engine: Engine, acts: Sequence[Callable[[Session], Any]]) -> None:
    """Do several things at once, each in a session of its own, and commit each."""

    def run(act: Callable[[Session], Any]) -> None:
        with Session(engine) as session:
            act(session)
            session.commit()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


@contextmanager
def rolled_back(engine: Engine) -> Iterator[Session]:
    """Give a session whose every change, committed or not, is undone at the end."""
    with engine.connect() as connection:
        transaction = connection.begin()
        session = Session(connection, join_transaction_mode="create_savepoint")
        try:
            yield session
        finally:
            session.close()
            transaction.rollback()
