"""Wishes: the window in which families post them, each child's sheet, and the days that it asks for."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Cents, Pk, Reference, Stamped, text_enum


class WishAnswer(StrEnum):
    """What became of a wish."""

    GRANTED = "granted"
    WAITING = "waiting"
    REFUSED = "refused"


class WishRound(Base, Reference):
    """A window in which families post wishes, before staff run the ranked allocation.

    Until ``published_at`` its days cannot be booked otherwise: every process keeps that with the activity.
    """

    __tablename__ = "wish_round"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="range"),
        CheckConstraint("last_day >= first_day", name="days"),
    )

    id: Mapped[Pk]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    first_day: Mapped[date]
    last_day: Mapped[date]
    # How many points each criterion is worth, by its code; see domain/wishes/rules.
    points: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    # Below which quotient familial a family has the points of that criterion.
    quotient_below_cents: Mapped[Cents | None]
    # Orders children of equal points; secret until published, its fingerprint public from the beginning.
    seed: Mapped[str] = mapped_column(String(64), default="")
    published_at: Mapped[datetime | None]

    def __str__(self) -> str:
        return self.name


class WishSheet(Base, Stamped):
    """A child's sheet in a round, for one family: what is declared, then its place and why."""

    __tablename__ = "wish_sheet"
    __table_args__ = (Index("uq_wish_sheet_child", "round_id", "child_id", "family_id", unique=True),)

    id: Mapped[Pk]
    round_id: Mapped[int] = mapped_column(ForeignKey("wish_round.id", ondelete="CASCADE"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    # Codes of the criteria that the family declares, and of those that staff did not accept.
    declared: Mapped[list[str]] = mapped_column(JSON, default=list)
    set_aside: Mapped[list[str]] = mapped_column(JSON, default=list)
    set_aside_reason: Mapped[str] = mapped_column(String(200), default="")
    # Known once published: the place in the ranking, the points by criterion, the draw between equals.
    place: Mapped[int | None] = mapped_column(Integer)
    earned: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    draw: Mapped[str] = mapped_column(String(64), default="")


class Wish(Base, Stamped):
    """A day that a family wishes for a child; ``answer`` is None until the round is published."""

    __tablename__ = "wish"
    __table_args__ = (Index("uq_wish_sheet_day", "sheet_id", "activity_day_id", unique=True),)

    id: Mapped[Pk]
    sheet_id: Mapped[int] = mapped_column(ForeignKey("wish_sheet.id", ondelete="CASCADE"))
    activity_day_id: Mapped[int] = mapped_column(
        ForeignKey("activity_day.id", ondelete="CASCADE"), index=True
    )
    formula_id: Mapped[int | None] = mapped_column(ForeignKey("activity_formula.id"))
    answer: Mapped[WishAnswer | None] = mapped_column(text_enum(WishAnswer, "answer"))
    # Why it was refused: the code of its sentence.
    reason: Mapped[str] = mapped_column(String(40), default="")
