"""What every table shares: aware instants, cents, text enums, and who wrote the row."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite only numbers rows by itself in a column of type INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")

Cents = Annotated[int, mapped_column(BigInteger)]
Pk = Annotated[int, mapped_column(RowId, primary_key=True)]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; refuses a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Check and convert an instant on its way to the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "A naive datetime cannot be stored"
            raise ValueError(msg)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Make the instant aware again on its way out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[StrEnum], name: str) -> Enum:
    """Return a column type that stores a StrEnum's value as text, held by a CHECK constraint called ``name``."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The parent of all tables."""

    # A registry of our own, because Flask-SQLAlchemy refuses a base with a type map.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcDateTime, int: Integer},
    )


class Stamped:
    """Who wrote the row and when, filled from the unit of work's stamp (see ``stamp_session``)."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(80))


class Reference(Stamped):
    """A settings table whose rows every process keeps a copy of; a change raises ``Town.revision``."""


def stamp_session(session: Session, label: str, now: datetime) -> None:
    """Sign every row that this session writes from here on with ``label`` and ``now``."""
    session.info["stamp"] = (label, now)


def current_stamp(session: Session) -> tuple[str, datetime]:
    """Return the label and instant that sign rows written by this session."""
    stamp: tuple[str, datetime] | None = session.info.get("stamp")
    return stamp or ("system", datetime.now(UTC))


@event.listens_for(Session, "before_flush")
def _sign_rows(session: Session, _context: Any, _instances: Any) -> None:
    label, now = current_stamp(session)
    for row in session.new:
        if isinstance(row, Stamped):
            row.created_at = row.created_at or now
            row.created_by = row.created_by or label
            row.updated_at = row.updated_at or now
            row.updated_by = row.updated_by or label
    for row in session.dirty:
        if isinstance(row, Stamped) and session.is_modified(row):
            row.updated_at, row.updated_by = now, label
