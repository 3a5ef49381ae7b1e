"""Privacy: the record of purges, and of people who asked for their data."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped


class PurgeRun(Base, Stamped):
    """What a purge removed, by kind of record."""

    __tablename__ = "purge_run"

    id: Mapped[Pk]
    ran_at: Mapped[datetime]
    is_dry: Mapped[bool] = mapped_column(Boolean)
    removed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DataRequest(Base, Stamped):
    """A person asked for everything that is held about them."""

    __tablename__ = "data_request"

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(200), default="")
