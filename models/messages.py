"""What leaves the house: e-mails waiting in the outbox, and batches to print."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk, RowId, Stamped, text_enum


class MailState(StrEnum):
    """Where an e-mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutboxMail(Base, Stamped):
    """An e-mail, written in the transaction of the act that it tells of; the worker sends it."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        Index("ix_outbox_mail_due", "state", "next_try_at"),
    )

    id: Mapped[Pk]
    recipient: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(240))
    text_body: Mapped[str] = mapped_column(Text)
    html_body: Mapped[str] = mapped_column(Text, default="")
    family_id: Mapped[int | None] = mapped_column(ForeignKey("family.id", ondelete="SET NULL"), index=True)
    # The same key is queued once, whatever happens twice.
    once_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    state: Mapped[MailState] = mapped_column(text_enum(MailState, "state"), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")


class DrawnKind(StrEnum):
    """What the worker draws as a PDF."""

    INVOICE = "invoice"
    PRINT_BATCH = "print_batch"
    REMINDER = "reminder"


class DrawingTry(Base):
    """The tries of a PDF that is not drawn yet; written before each try, and gone once it succeeds."""

    __tablename__ = "drawing_try"
    __table_args__ = (CheckConstraint("attempts >= 1", name="attempts"),)

    kind: Mapped[DrawnKind] = mapped_column(text_enum(DrawnKind, "kind"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    attempts: Mapped[int] = mapped_column(Integer)
    next_try_at: Mapped[datetime]
    # Empty while a try is under way, or when the worker died in it.
    error: Mapped[str] = mapped_column(Text, default="")


class PrintedKind(StrEnum):
    """What a batch prints."""

    INVOICES = "invoices"
    TAX_CERTIFICATES = "tax_certificates"


class PrintBatch(Base, Stamped):
    """Paper documents put in one PDF for the printer: a month’s invoices with reminders, or tax certificates.

    ``invoice_count`` counts the invoices, or the certificates.
    """

    __tablename__ = "print_batch"

    id: Mapped[Pk]
    kind: Mapped[PrintedKind] = mapped_column(
        text_enum(PrintedKind, "printed_kind"), default=PrintedKind.INVOICES
    )
    month: Mapped[date | None]
    invoice_count: Mapped[int] = mapped_column(Integer, default=0)
    reminder_count: Mapped[int] = mapped_column(Integer, default=0)
    ready_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))


class PrintBatchInvoice(Base):
    """An invoice of a print batch; printed once."""

    __tablename__ = "print_batch_invoice"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("print_batch.id", ondelete="CASCADE"), index=True)


class PrintBatchReminder(Base):
    """A reminder of a print batch; printed once."""

    __tablename__ = "print_batch_reminder"

    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id"), primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("print_batch.id", ondelete="CASCADE"), index=True)
