"""SEPA direct debit: a family's mandate, the batches handed to the bank, and each debit of an invoice."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Cents, Pk, Stamped, text_enum


class MandateOrigin(StrEnum):
    """How a mandate was signed."""

    ONLINE = "online"
    PAPER = "paper"


class BatchState(StrEnum):
    """Where a batch of debits stands."""

    ANNOUNCED = "announced"
    SENT = "sent"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class DebitState(StrEnum):
    """Where the debit of an invoice stands."""

    ANNOUNCED = "announced"
    WITHDRAWN = "withdrawn"
    SENT = "sent"
    COLLECTED = "collected"
    RETURNED = "returned"


class SepaMandate(Base, Stamped):
    """A family's mandate for direct debit; one at a time. Its account never changes: another one is signed."""

    __tablename__ = "sepa_mandate"
    __table_args__ = (
        CheckConstraint("revoked_on IS NULL OR revoked_on >= signed_on", name="range"),
        Index("ix_sepa_mandate_family_id", "family_id"),
        Index(
            "uq_sepa_mandate_live",
            "family_id",
            unique=True,
            sqlite_where=text("revoked_on IS NULL"),
            postgresql_where=text("revoked_on IS NULL"),
        ),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    # Référence unique du mandat.
    rum: Mapped[str] = mapped_column(String(35), unique=True)
    origin: Mapped[MandateOrigin] = mapped_column(text_enum(MandateOrigin, "origin"))
    holder: Mapped[str] = mapped_column(String(70))
    iban: Mapped[str] = mapped_column(String(34))
    bic: Mapped[str] = mapped_column(String(11), default="")
    signed_on: Mapped[date]
    revoked_on: Mapped[date | None]
    revoked_reason: Mapped[str] = mapped_column(String(200), default="")
    # The last day on which it was used: unused for 36 months, it lapses.
    last_used_on: Mapped[date | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    def __str__(self) -> str:
        return self.rum


class DebitBatch(Base, Stamped):
    """The debits of one day, announced to families, then handed to the bank in one file."""

    __tablename__ = "debit_batch"
    __table_args__ = (
        CheckConstraint("(state IN ('sent', 'settled')) = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    collection_on: Mapped[date]
    state: Mapped[BatchState] = mapped_column(text_enum(BatchState, "state"), default=BatchState.ANNOUNCED)
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    # What the file calls itself, by which the bank's answers name it.
    message_id: Mapped[str] = mapped_column(String(35), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    def __str__(self) -> str:
        return self.number


class DirectDebit(Base, Stamped):
    """An invoice that a batch collects; announced for ``announced_cents``, it never takes more."""

    __tablename__ = "direct_debit"
    __table_args__ = (
        CheckConstraint("amount_cents > 0 AND amount_cents <= announced_cents", name="amount"),
        CheckConstraint("state <> 'collected' OR payment_id IS NOT NULL", name="collected"),
        CheckConstraint("(state = 'returned') = (returned_on IS NOT NULL)", name="returned"),
        Index("ix_direct_debit_batch_id", "batch_id"),
        Index("ix_direct_debit_family_id", "family_id"),
        Index(
            "uq_direct_debit_live",
            "invoice_id",
            unique=True,
            sqlite_where=text("state IN ('announced', 'sent')"),
            postgresql_where=text("state IN ('announced', 'sent')"),
        ),
    )

    id: Mapped[Pk]
    batch_id: Mapped[int] = mapped_column(ForeignKey("debit_batch.id"))
    mandate_id: Mapped[int] = mapped_column(ForeignKey("sepa_mandate.id"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    announced_cents: Mapped[Cents]
    amount_cents: Mapped[Cents]
    end_to_end_id: Mapped[str] = mapped_column(String(35), unique=True)
    state: Mapped[DebitState] = mapped_column(text_enum(DebitState, "state"), default=DebitState.ANNOUNCED)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), unique=True)
    # Why it was withdrawn here, or returned by the bank: four signs of the bank's own list.
    reason_code: Mapped[str] = mapped_column(String(4), default="")
    returned_on: Mapped[date | None]
