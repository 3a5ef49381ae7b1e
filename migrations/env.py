"""Alembic's way in: the database and the tables of the application that runs the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

database = current_app.extensions["migrate"].db


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table: dropping the old one would otherwise empty what refers to it.

    Raises:
        RuntimeError: a migration left a reference to nothing.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.commit()
    yield
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"the migration leaves references to nothing: {broken[:5]}")


def run_migrations() -> None:
    """Run the migrations on the application's own engine."""
    with database.engine.connect() as connection, _without_cascades(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=str(database.engine.url),
        target_metadata=database.metadata,
        literal_binds=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    run_migrations()
