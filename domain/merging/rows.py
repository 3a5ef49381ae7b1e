"""One row becomes another: everything that names the one afterwards names the other, and nothing is lost.

What names a row is read from the tables' own foreign keys, so that a table added later is moved too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Index, Row, Table, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import TextClause

from domain.errors import Refusal
from models import Base
from models.base import Stamped

STAMPS = frozenset(Stamped.__annotations__)
Values = dict[str, Any]


@dataclass(slots=True)
class Moves:
    """What a merge did.

    Args:
        moved: how many rows of each table now name the kept row.
        set_aside: the rows that said the same as a kept one, whole, under their table's name.
    """

    moved: Counter[str] = field(default_factory=Counter)
    set_aside: list[tuple[str, Values]] = field(default_factory=list)


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    return Base.metadata.tables[model.__tablename__]


def naming_columns(table: Table) -> list[Column[Any]]:
    """Return the columns of every table that name a row of this one by a foreign key.

    What is written anew from other tables (``models/search.py``) is left out: it follows the row that is kept.
    """
    return [
        column
        for other in Base.metadata.sorted_tables
        if not other.info.get("is_derived")
        for column in other.columns
        for key in column.foreign_keys
        if key.column.table is table
    ]


def absorb(session: Session, table: Table, *, kept_id: int, lost_id: int, moves: Moves) -> Values:
    """Make all that names one row name another, then delete the first; return its values, for the trail.

    Where both have a row that may exist only once, and the two say the same, one absorbs the other in turn.

    Raises:
        Refusal: ``merge_collision`` (``table``) when two such rows differ: somebody must decide which is right.
    """
    session.flush()
    for column in naming_columns(table):
        for kept, lost in _colliding(session, column, kept_id, lost_id):
            _set_aside(session, column, kept, lost, moves)
        done = session.execute(update(column.table).where(column == lost_id).values({column: kept_id}))
        if done.rowcount:  # type: ignore[attr-defined]
            moves.moved[_table(column).name] += done.rowcount  # type: ignore[attr-defined]
    key = _single_key(table)
    values = _values(session.execute(select(table).where(key == lost_id)).one())
    session.execute(delete(table).where(key == lost_id))
    session.expire_all()
    return values


def set_row_aside(session: Session, table: Table, row_id: int, kept_id: int, moves: Moves) -> None:
    """Let one row stand for another of the same table, and keep the values of the other for the trail."""
    values = absorb(session, table, kept_id=kept_id, lost_id=row_id, moves=moves)
    moves.set_aside.append((table.name, values))


def _set_aside(session: Session, column: Column[Any], kept: Row[Any], lost: Row[Any], moves: Moves) -> None:
    table = _table(column)
    if not _says_the_same(table, column, kept, lost):
        raise Refusal("merge_collision", table=table.name)
    keys = list(table.primary_key.columns)
    if len(keys) == 1:
        set_row_aside(session, table, lost._mapping[keys[0]], kept._mapping[keys[0]], moves)
        return
    # A row known by several columns is named by nobody.
    session.execute(delete(table).where(*(key == lost._mapping[key] for key in keys)))
    moves.set_aside.append((table.name, _values(lost)))


def _says_the_same(table: Table, column: Column[Any], kept: Row[Any], lost: Row[Any]) -> bool:
    """Whether two rows differ only by their key, their stamps and whom they name."""
    ignored = STAMPS | {column.name} | ({"id"} & set(table.columns.keys()))
    return all(kept._mapping[one] == lost._mapping[one] for one in table.columns if one.name not in ignored)


def _colliding(
    session: Session, column: Column[Any], kept_id: int, lost_id: int
) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """Give the pairs of rows of which only one may exist once both name the kept row; each pair once."""
    table = _table(column)
    seen: set[Any] = set()
    for others, where in _unique_sets(session, column):
        kept_rows = {_key(row, others): row for row in _rows(session, column, kept_id, where)}
        for lost in _rows(session, column, lost_id, where):
            key = _key(lost, others)
            identity = tuple(lost._mapping[one] for one in table.primary_key.columns)
            # Two NULLs are never the same.
            if None not in key and key in kept_rows and identity not in seen:
                seen.add(identity)
                yield kept_rows[key], lost


def _unique_sets(
    session: Session, column: Column[Any]
) -> Iterator[tuple[list[Column[Any]], TextClause | None]]:
    """Give what the table holds unique together with this column, and under which condition."""
    table = _table(column)
    dialect = session.get_bind().dialect.name
    found: list[tuple[Iterable[Any], TextClause | None]] = [(table.primary_key.columns, None)]
    found += [(one.columns, None) for one in table.constraints if isinstance(one, UniqueConstraint)]
    found += [
        (one.columns, one.dialect_options[dialect].get("where"))
        for one in table.indexes
        if isinstance(one, Index) and one.unique
    ]
    for columns, where in found:
        listed = list(columns)
        if column in listed:
            yield [one for one in listed if one is not column], where


def _rows(session: Session, column: Column[Any], row_id: int, where: TextClause | None) -> list[Row[Any]]:
    statement = select(_table(column)).where(column == row_id)
    return list(session.execute(statement if where is None else statement.where(where)))


def _key(row: Row[Any], columns: Iterable[Column[Any]]) -> tuple[Any, ...]:
    return tuple(row._mapping[one] for one in columns)


def _table(column: Column[Any]) -> Table:
    table = column.table
    if not isinstance(table, Table):
        msg = f"{column} is of no table"
        raise TypeError(msg)
    return table


def _single_key(table: Table) -> Column[Any]:
    (key,) = table.primary_key.columns
    return key


def _values(row: Row[Any]) -> Values:
    """Return a row as the trail keeps it."""
    return {name: _plain(value) for name, value in _named(row._mapping).items() if value is not None}


def _named(mapping: Mapping[Any, Any]) -> Values:
    return {str(name): value for name, value in mapping.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
