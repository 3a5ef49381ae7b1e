"""Long work of the back office, handed to the worker: what was asked, by whom, how far it is, how it ended."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class JobKind(StrEnum):
    """What the worker does."""

    IMPORT_CHECK = "import_check"
    IMPORT_FAMILIES = "import_families"
    IMPORT_SECTORS = "import_sectors"
    MONTH_PREVIEW = "month_preview"
    MONTH_RECOUNT = "month_recount"
    EVENT_MAILS = "event_mails"
    DEBIT_MAILS = "debit_mails"
    DEBIT_FILE = "debit_file"
    DEBIT_PAYMENTS = "debit_payments"
    DEBIT_RETURNS = "debit_returns"
    REMINDERS = "reminders"
    HANDOVER = "handover"
    WISHES = "wishes"
    EXPORT = "export"


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


_OPEN = text("state IN ('waiting', 'running')")


class Job(Base, Stamped):
    """One long act; ``created_by`` asked for it. One at a time of a kind and subject.

    ``place`` and ``result`` are written with each step, in its transaction: a job that is taken up again goes on
    where the last step ended. ``holder`` is the worker that has it; its sign of life is ``beat_at``.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done_count BETWEEN 0 AND total_count", name="progress"),
        CheckConstraint("(finished_at IS NOT NULL) = (state IN ('done', 'failed'))", name="finished"),
        Index("uq_job_open", "kind", "subject", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_state", "state"),
    )

    id: Mapped[Pk]
    kind: Mapped[JobKind] = mapped_column(text_enum(JobKind, "kind"))
    subject: Mapped[str] = mapped_column(String(80))
    # What was asked, with all that the worker needs for it.
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(text_enum(JobState, "state"), default=JobState.WAITING)
    done_count: Mapped[int] = mapped_column(Integer, default=0)
    total_count: Mapped[int] = mapped_column(Integer, default=0)
    place: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    holder: Mapped[str] = mapped_column(String(36), default="")
    beat_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    # Why it stopped, in words.
    failure: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
