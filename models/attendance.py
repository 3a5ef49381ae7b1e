"""Roll-call: who came, when, and what excuses an absence."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class Presence(StrEnum):
    """What the roll-call says of a child."""

    PRESENT = "present"
    ABSENT = "absent"


class EventKind(StrEnum):
    """A staff event that credits every child concerned."""

    STRIKE = "strike"
    CLASS_CLOSED = "class_closed"
    OUTING = "outing"
    OTHER = "other"


class Attendance(Base, Stamped):
    """What the roll-call noted of a child on an activity day, booked or not."""

    __tablename__ = "attendance"
    __table_args__ = (
        ForeignKeyConstraint(
            ["activity_day_id", "activity_id", "day"],
            ["activity_day.id", "activity_day.activity_id", "activity_day.day"],
        ),
        UniqueConstraint("child_id", "activity_day_id"),
        CheckConstraint("left_at IS NULL OR arrived_at IS NULL OR left_at >= arrived_at", name="times"),
        Index("ix_attendance_day", "day", "activity_id"),
        Index("ix_attendance_family_day", "family_id", "day"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    activity_day_id: Mapped[int]
    activity_id: Mapped[int]
    day: Mapped[date]
    presence: Mapped[Presence] = mapped_column(text_enum(Presence, "presence"))
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    # By the tablet's clock: of two marks the later stands, in whatever order they arrive.
    noted_at: Mapped[datetime | None]
    # Given by the tablet that made the entry, so that sending it again changes nothing.
    client_key: Mapped[str | None] = mapped_column(String(64), unique=True)


class AbsenceJustification(Base, Stamped):
    """An absence of ``[starts_on, ends_on]`` was justified at an instant; never a diagnosis."""

    __tablename__ = "absence_justification"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="range"),
        Index("ix_absence_justification_child", "child_id", "starts_on"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    justified_at: Mapped[datetime]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    is_accepted: Mapped[bool | None]
    # Why the service refused it; the family reads it.
    reason: Mapped[str] = mapped_column(Text, default="")


class RollCall(Base, Stamped):
    """The leader closed the roll-call of an activity day."""

    __tablename__ = "roll_call"

    activity_day_id: Mapped[int] = mapped_column(
        ForeignKey("activity_day.id", ondelete="CASCADE"), primary_key=True
    )
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(String(80))


class ActivityEvent(Base, Stamped):
    """A strike, closed class or outing that frees families from paying a day."""

    __tablename__ = "activity_event"
    __table_args__ = (
        UniqueConstraint("activity_day_id", "school_class_id"),
        Index(
            "uq_activity_event_whole",
            "activity_day_id",
            unique=True,
            sqlite_where=text("school_class_id IS NULL"),
            postgresql_where=text("school_class_id IS NULL"),
        ),
    )

    id: Mapped[Pk]
    activity_day_id: Mapped[int] = mapped_column(ForeignKey("activity_day.id", ondelete="CASCADE"))
    school_class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"))
    kind: Mapped[EventKind] = mapped_column(text_enum(EventKind, "kind"))
    reason: Mapped[str] = mapped_column(String(200), default="")
