"""What corrects issued invoices: contested lines, quotients revised, and differences kept for the next invoice."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Pk, Stamped, text_enum
from models.invoices import Invoice
from models.town import RetroactivePolicy


class ContestedLine(Base, Stamped):
    """A line of an invoice that its family contests; a line waits for one answer at a time."""

    __tablename__ = "contested_line"
    __table_args__ = (
        Index(
            "uq_contested_line_waiting",
            "line_id",
            unique=True,
            sqlite_where=text("is_waiting"),
            postgresql_where=text("is_waiting"),
        ),
    )

    demarche_id: Mapped[int] = mapped_column(ForeignKey("demarche.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("invoice_line.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(Text)
    is_waiting: Mapped[bool] = mapped_column(default=True)


class QuotientRevision(Base, Stamped):
    """What a new quotient did to the months already invoiced, as the town's policy says; why, when it did nothing."""

    __tablename__ = "quotient_revision"
    __table_args__ = (
        CheckConstraint("policy <> 'refused' OR applied_cents = 0", name="refused_applies_nothing"),
        Index("ix_quotient_revision_family_id", "family_id"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    quotient_id: Mapped[int] = mapped_column(ForeignKey("quotient_familial.id", ondelete="CASCADE"))
    policy: Mapped[RetroactivePolicy] = mapped_column(text_enum(RetroactivePolicy, "policy"))
    # Negative: the family is given back. What it came to, and what was done of it.
    difference_cents: Mapped[Cents]
    applied_cents: Mapped[Cents]
    reason: Mapped[str] = mapped_column(Text, default="")


class Adjustment(Base, Stamped):
    """A difference on an issued invoice, kept for the family's next one; billed once."""

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount"),
        Index("ix_adjustment_family_id", "family_id"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    corrects_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("quotient_revision.id"))
    # Negative: the family is given back.
    amount_cents: Mapped[Cents]
    lines: Mapped[list[Any]] = mapped_column(JSON, default=list)
    # The invoice that bills it, once there is one.
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)

    corrects: Mapped[Invoice] = relationship(foreign_keys=[corrects_id], lazy="raise_on_sql")
