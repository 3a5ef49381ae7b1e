"""Privacy: how long data is kept, the record of purges, files to remove, and people who asked for their data."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class RetentionKind(StrEnum):
    """What is kept for a while and then goes."""

    REFUSED_REQUESTS = "refused_requests"
    DRAFTS = "drafts"
    UNCONFIRMED_ACCOUNTS = "unconfirmed_accounts"
    HEALTH = "health"
    DOCUMENTS = "documents"
    DEPARTED_FAMILIES = "departed_families"
    ACCOUNTING = "accounting"
    LOGS = "logs"
    SECRETS = "secrets"
    MAILS = "mails"
    IMPORTS = "imports"


class RetentionPeriod(Base, Stamped):
    """How many months the town keeps a kind of data, when it is not the usual number (domain/privacy/rules)."""

    __tablename__ = "retention_period"
    __table_args__ = (CheckConstraint("months >= 0", name="months"),)

    kind: Mapped[RetentionKind] = mapped_column(text_enum(RetentionKind, "kind"), primary_key=True)
    months: Mapped[int] = mapped_column(Integer)


class PurgeRun(Base, Stamped):
    """A purge: by whom, when, and how many rows of each part; no personal data. One at a time."""

    __tablename__ = "purge_run"
    __table_args__ = (
        CheckConstraint("is_open = (finished_at IS NULL)", name="open"),
        Index(
            "uq_purge_run_open",
            "is_open",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )

    id: Mapped[Pk]
    ran_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    is_open: Mapped[bool] = mapped_column(default=True)
    removed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # How many rows were due when it began.
    due_count: Mapped[int] = mapped_column(Integer, default=0)

    @property
    def removed_count(self) -> int:
        """How many rows it has removed, or taken the names out of."""
        return sum(self.removed.values())

    @property
    def total_count(self) -> int:
        """How many rows it removes in all: what one part frees may fall due to another."""
        return max(self.due_count, self.removed_count)


class DoomedFile(Base):
    """A file whose row is gone: its bytes go once that is committed, and then this row."""

    __tablename__ = "doomed_file"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class DataRequest(Base, Stamped):
    """A person asked for everything that is held about them: by the account, or at the desk for an adult."""

    __tablename__ = "data_request"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (guardian_id IS NULL)", name="one_person"),
        CheckConstraint("(ready_at IS NULL) = (expires_at IS NULL)", name="ready"),
    )

    id: Mapped[Pk]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    # At the desk: how the person proved who they are.
    note: Mapped[str] = mapped_column(String(200), default="")
