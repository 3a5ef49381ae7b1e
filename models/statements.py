"""What a family is given on paper of its year: tax certificates, attendance and account statements; and their yearly run."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class StatementKind(StrEnum):
    """What a statement attests."""

    TAX = "tax"
    ATTENDANCE = "attendance"
    ACCOUNT = "account"


class Statement(Base, Stamped):
    """A statement as it was issued; never changed. When its facts change, another one replaces it."""

    __tablename__ = "statement"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="range"),
        CheckConstraint("(kind = 'attendance') = (child_id IS NOT NULL)", name="child"),
        Index("ix_statement_family_id", "family_id", "kind", "first_on"),
        Index("ix_statement_unprinted", "kind", "first_on", "batch_id"),
    )

    id: Mapped[Pk]
    kind: Mapped[StatementKind] = mapped_column(text_enum(StatementKind, "kind"))
    number: Mapped[str] = mapped_column(String(24), unique=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    # The days that it is about, both included; for a tax certificate the whole year.
    first_on: Mapped[date]
    last_on: Mapped[date]
    issued_at: Mapped[datetime]
    # Whom it is addressed to, as of the issue, and everything that it says.
    head: Mapped[dict[str, Any]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("statement.id"), unique=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    # The batch that prints it.
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("print_batch.id"), index=True)

    def __str__(self) -> str:
        return self.number


class TaxRun(Base, Stamped):
    """The tax certificates of a whole year, issued family by family; it goes on after the last family seen."""

    __tablename__ = "tax_run"
    __table_args__ = (
        CheckConstraint("seen_count BETWEEN 0 AND family_count", name="progress"),
        Index(
            "uq_tax_run_open",
            "year",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    year: Mapped[int] = mapped_column(Integer)
    last_family_id: Mapped[int] = mapped_column(Integer, default=0)
    family_count: Mapped[int] = mapped_column(Integer, default=0)
    seen_count: Mapped[int] = mapped_column(Integer, default=0)
    # How many families have a certificate of the year, and how many of them are new.
    holder_count: Mapped[int] = mapped_column(Integer, default=0)
    issued_count: Mapped[int] = mapped_column(Integer, default=0)
    finished_at: Mapped[datetime | None]
