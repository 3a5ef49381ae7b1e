"""What thousands of tests begin with, built by its operations once in each process and copied row by row from then on.

The operations have tests of their own, on both databases. A copy has the same numbers in every test; where the test
has given one of them already, the database refuses the copy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, func, insert, select, tuple_
from sqlalchemy.orm import Session

from domain.reservations import catalogue
from models import Base
from models.town import REVISION_KEPT


@dataclass(frozen=True)
class Rows:
    """The rows of a table.

    Args:
        raw: as SQLite holds them.
        values: as Python does.
    """

    table: Table
    raw: list[tuple[Any, ...]]
    values: list[dict[str, Any]]

    @property
    def target(self) -> str:
        """The table and its columns, in the order of ``raw``."""
        columns = ", ".join(f'"{column.name}"' for column in self.table.columns)
        return f'"{self.table.name}" ({columns})'


class Kept:
    """Rows that an arrangement writes into an empty database.

    Args:
        arrange: writes them, by operations.
    """

    def __init__(self, arrange: Callable[[Session], object]) -> None:
        self._copies: dict[Table, bytes] = {}
        with Session(_workshop()) as session:
            arrange(session)
            session.flush()
            built = [_read(session.connection(), table) for table in Base.metadata.sorted_tables]
            session.rollback()
        self._built = [rows for rows in built if rows.raw]

    def write(self, session: Session) -> None:
        """Write the rows into the session's transaction."""
        session.flush()
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            self._write_postgresql(connection)
        else:
            for rows in self._built:
                places = ", ".join("?" * len(rows.raw[0]))
                connection.exec_driver_sql(f"INSERT INTO {rows.target} VALUES ({places})", rows.raw)
        # What the session and the process have read of the settings was of another town.
        session.info.pop(REVISION_KEPT, None)
        catalogue.forget()

    def _write_postgresql(self, connection: Connection) -> None:
        for rows in self._built:
            if rows.table in self._copies:
                with connection.connection.cursor().copy(f"COPY {rows.target} FROM STDIN") as copy:
                    copy.write(self._copies[rows.table])
            else:
                connection.execute(insert(rows.table), rows.values)
                self._copies[rows.table] = _copy_of(connection, rows)
        # The next row gets the number after these.
        last = [
            func.setval(f"{rows.table.name}_id_seq", max(row["id"] for row in rows.values))
            for rows in self._built
            if "id" in rows.table.columns
        ]
        connection.execute(select(*last))


@cache
def _workshop() -> Engine:
    """A database in memory that is empty again after each use."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    return engine


def _read(connection: Connection, table: Table) -> Rows:
    raw = connection.exec_driver_sql(str(select(table).compile(connection))).all()
    values = connection.execute(select(table)).mappings().all()
    return Rows(table, [tuple(row) for row in raw], [dict(row) for row in values])


def _copy_of(connection: Connection, rows: Rows) -> bytes:
    """Return rows that are there in the form that PostgreSQL reads fastest."""
    key = rows.table.primary_key.columns
    numbers = [tuple(row[column.name] for column in key) for row in rows.values]
    wanted = select(rows.table).where(tuple_(*key).in_(numbers))
    said = wanted.compile(connection, compile_kwargs={"literal_binds": True})
    with connection.connection.cursor().copy(f"COPY ({said}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)
