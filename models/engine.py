"""What a connection must be told before the portal may use it."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=15000",
    "PRAGMA cache_size=-32000",
)


def prepare_sqlite(engine: Engine) -> None:
    """Make each SQLite connection keep foreign keys, wait for locks, and begin writes IMMEDIATE."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "savepoint")
    def _on_savepoint(connection: Connection, _name: str) -> None:
        # The driver begins a transaction before a write, not before a savepoint: one that stood alone would commit
        # what it holds as soon as it is released, whatever becomes of the transaction.
        driver = connection.connection.driver_connection
        if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
