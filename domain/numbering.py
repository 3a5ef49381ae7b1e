"""Gapless numbers: one locked counter row per series and year."""

from sqlalchemy import insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.town import Counter


def take_numbers(session: Session, series: str, year: int, count: int = 1) -> int:
    """Take ``count`` numbers of a series and year; return the first one.

    The counter row stays locked until the transaction ends, so a rollback gives the numbers back
    and no gap can appear.
    """
    taken = _advance(session, series, year, count)
    if taken is None:
        _start(session, series, year)
        taken = _advance(session, series, year, count)
    if taken is None:
        msg = f"Counter {series}/{year} could not be started"
        raise RuntimeError(msg)
    return taken - count + 1


def _advance(session: Session, series: str, year: int, count: int) -> int | None:
    statement = (
        update(Counter)
        .where(Counter.series == series, Counter.year == year)
        .values(value=Counter.value + count)
        .returning(Counter.value)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).scalar_one_or_none()


def _start(session: Session, series: str, year: int) -> None:
    row = {"series": series, "year": year, "value": 0}
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        session.execute(postgresql.insert(Counter).values(row).on_conflict_do_nothing())
    elif dialect == "sqlite":
        session.execute(sqlite.insert(Counter).values(row).on_conflict_do_nothing())
    else:
        session.execute(insert(Counter).values(row))
