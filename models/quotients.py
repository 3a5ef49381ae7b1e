"""Quotient familial: a history, never overwritten."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Cents, Pk, Stamped, text_enum


class QuotientSource(StrEnum):
    """Where the figure comes from."""

    CAF = "caf"
    MSA = "msa"
    TAX_NOTICE = "tax_notice"
    IMPORT = "import"
    STAFF = "staff"


class QuotientFamilial(Base, Stamped):
    """A family's quotient, euros a month in cents, in force on ``[valid_from, valid_to[``."""

    __tablename__ = "quotient_familial"
    __table_args__ = (
        CheckConstraint("value_cents >= 0", name="value"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        Index("ix_quotient_familial_family", "family_id", "valid_from"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    value_cents: Mapped[Cents]
    source: Mapped[QuotientSource] = mapped_column(text_enum(QuotientSource, "source"))
    reference_month: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(String(200), default="")
