"""Health: the yearly sheet and the PAI, visible only to those who need them."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, Stamped


class HealthSheet(Base, Stamped):
    """A child's fiche sanitaire for one school year."""

    __tablename__ = "health_sheet"
    __table_args__ = (UniqueConstraint("child_id", "school_year_id"),)

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id"))
    allergies: Mapped[str] = mapped_column(Text, default="")
    care_notes: Mapped[str] = mapped_column(Text, default="")
    doctor: Mapped[str] = mapped_column(String(200), default="")
    vaccines_up_to_date: Mapped[bool] = mapped_column(Boolean, default=False)


class Pai(Base, Stamped):
    """A projet d'accueil individualisé, on ``[valid_from, valid_to[``."""

    __tablename__ = "pai"
    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="range"),
        UniqueConstraint("child_id", "valid_from"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    instructions: Mapped[str] = mapped_column(Text, default="")
    brings_packed_meal: Mapped[bool] = mapped_column(Boolean, default=False)
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="SET NULL"), index=True
    )
    valid_from: Mapped[date]
    valid_to: Mapped[date]
