"""Custody: which family a shared child is with on a day, and what each adult may do."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped, text_enum


class CustodyPattern(StrEnum):
    """How a child's time is shared between two families."""

    EVEN_WEEKS = "even_weeks"
    ODD_WEEKS = "odd_weeks"
    ALTERNATE_FROM_START = "alternate_from_start"


class CustodyArrangement(Base, Stamped):
    """On ``[valid_from, valid_to[`` the child is with ``family_id`` in the pattern's weeks, else with the other."""

    __tablename__ = "custody_arrangement"
    __table_args__ = (
        CheckConstraint("family_id <> other_family_id", name="two_families"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        CheckConstraint("share_percent IS NULL OR share_percent BETWEEN 0 AND 100", name="share"),
        UniqueConstraint("child_id", "valid_from"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    other_family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    pattern: Mapped[CustodyPattern] = mapped_column(text_enum(CustodyPattern, "pattern"))
    # When set, every day is billed to both by this percentage (first family) instead of by custody day.
    share_percent: Mapped[int | None] = mapped_column(Integer)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class GuardianRight(Base, Stamped):
    """What an adult may do for a child on ``[valid_from, valid_to[``; no row means the family's full rights."""

    __tablename__ = "guardian_right"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        UniqueConstraint("guardian_id", "child_id", "valid_from"),
        Index("ix_guardian_right_child_id", "child_id"),
    )

    id: Mapped[Pk]
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    has_parental_authority: Mapped[bool] = mapped_column(Boolean, default=True)
    may_reserve: Mapped[bool] = mapped_column(Boolean, default=True)
    may_see_health: Mapped[bool] = mapped_column(Boolean, default=True)
    may_pick_up: Mapped[bool] = mapped_column(Boolean, default=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
