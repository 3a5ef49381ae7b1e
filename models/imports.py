"""Imports: a file that staff brought, its check, and the rows that could not be taken."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class ImportKind(StrEnum):
    """What the file holds."""

    FAMILIES = "families"
    SECTORS = "sectors"


class ImportRun(Base, Stamped):
    """One file: checked (dry run), then applied or left."""

    __tablename__ = "import_run"

    id: Mapped[Pk]
    kind: Mapped[ImportKind] = mapped_column(text_enum(ImportKind, "kind"))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    applied_at: Mapped[datetime | None]
    row_count: Mapped[int] = mapped_column(Integer, default=0)
    # What its check found, in words; empty before. ``counts`` and ``problems`` are what writing it came to.
    found: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
