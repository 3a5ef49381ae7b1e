"""The calendar: school years, holidays, public holidays, closures. Seeded, then edited by staff."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Reference, text_enum


class ClosureKind(StrEnum):
    """Why a place does not open."""

    BRIDGE = "bridge"
    STRIKE = "strike"
    TRAINING = "training"
    WORKS = "works"
    OTHER = "other"


class SchoolYear(Base, Reference):
    """A school year, first to last day of class, both included."""

    __tablename__ = "school_year"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="range"),)

    id: Mapped[Pk]
    label: Mapped[str] = mapped_column(String(9), unique=True)
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]

    def __str__(self) -> str:
        return self.label


class SchoolHoliday(Base, Reference):
    """A school holiday of a zone, first to last day off, both included."""

    __tablename__ = "school_holiday"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="range"),
        CheckConstraint("zone IN ('A', 'B', 'C')", name="zone"),
        UniqueConstraint("zone", "starts_on"),
    )

    id: Mapped[Pk]
    zone: Mapped[str] = mapped_column(String(1))
    name: Mapped[str] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class PublicHoliday(Base, Reference):
    """A jour férié: never bookable, never billed."""

    __tablename__ = "public_holiday"

    id: Mapped[Pk]
    day: Mapped[date] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(String(80))


class Closure(Base, Reference):
    """Days, both ends included, on which a site (or one activity, or all) does not open."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="range"),)

    id: Mapped[Pk]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ClosureKind] = mapped_column(text_enum(ClosureKind, "kind"), default=ClosureKind.OTHER)
    reason: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
