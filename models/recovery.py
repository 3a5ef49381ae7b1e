"""Recovery of unpaid invoices: levels of reminders, what was sent, and what was handed over to the Trésor public."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Pk, Reference, Stamped, text_enum
from models.invoices import Delivery, Invoice


class PaperRule(StrEnum):
    """Who gets a reminder on paper; a family that no e-mail reaches always does."""

    NEVER = "never"
    PAPER_FAMILIES = "paper_families"
    EVERYBODY = "everybody"


class ReminderLevel(Base, Reference):
    """A step of the reminders: when, by which way, with which words. The town's own data."""

    __tablename__ = "reminder_level"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        CheckConstraint("after_days BETWEEN 1 AND 730", name="after_days"),
        CheckConstraint("min_cents >= 0", name="min"),
        CheckConstraint("by_email OR paper <> 'never'", name="some_way"),
        UniqueConstraint("level"),
        UniqueConstraint("after_days"),
    )

    id: Mapped[Pk]
    level: Mapped[int] = mapped_column(Integer)
    # After the last day to pay. The days between two levels are also the least between two letters.
    after_days: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    # Plain text with the words of domain/recovery/rules.py in braces; a blank line begins a paragraph.
    body: Mapped[str] = mapped_column(Text)
    by_email: Mapped[bool] = mapped_column(default=True)
    paper: Mapped[PaperRule] = mapped_column(text_enum(PaperRule, "paper"), default=PaperRule.PAPER_FAMILIES)
    # An invoice with less than this to pay is not reminded at this level.
    min_cents: Mapped[Cents] = mapped_column(default=0)

    def __str__(self) -> str:
        return f"{self.level} · {self.title}"


class ReminderRun(Base, Stamped):
    """The reminders of one day, confirmed together."""

    __tablename__ = "reminder_run"
    __table_args__ = (CheckConstraint("reminder_count > 0 AND total_cents > 0", name="some"),)

    id: Mapped[Pk]
    sent_on: Mapped[date]
    reminder_count: Mapped[int] = mapped_column(Integer)
    total_cents: Mapped[Cents]


class Reminder(Base, Stamped):
    """A letter to one family about its overdue invoices, as it was sent. Only its PDF and its printing come later."""

    __tablename__ = "reminder"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        CheckConstraint("total_cents > 0", name="total"),
        Index("ix_reminder_family_id", "family_id", "sent_on"),
        Index("ix_reminder_run_id", "run_id"),
        Index("ix_reminder_unprinted", "delivery", "printed_at"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("reminder_run.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    # The highest of its invoices'.
    level: Mapped[int] = mapped_column(Integer)
    sent_on: Mapped[date]
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    payer_name: Mapped[str] = mapped_column(String(240))
    payer_address: Mapped[str] = mapped_column(Text)
    family_code: Mapped[str] = mapped_column(String(8))
    total_cents: Mapped[Cents]
    by_email: Mapped[bool]
    delivery: Mapped[Delivery] = mapped_column(text_enum(Delivery, "delivery"))
    printed_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    invoices: Mapped[list["ReminderInvoice"]] = relationship(
        order_by="ReminderInvoice.invoice_id", lazy="raise_on_sql"
    )

    def __str__(self) -> str:
        return self.number


class ReminderInvoice(Base):
    """An invoice of a reminder, with what was due of it that day; each level is sent once."""

    __tablename__ = "reminder_invoice"
    __table_args__ = (
        CheckConstraint("due_cents > 0", name="due"),
        CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        UniqueConstraint("invoice_id", "level"),
    )

    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id", ondelete="RESTRICT"), primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    level: Mapped[int] = mapped_column(Integer)
    due_cents: Mapped[Cents]

    invoice: Mapped[Invoice] = relationship(lazy="raise_on_sql")


class RecoveryPause(Base, Stamped):
    """Staff leave a family alone for a time, and say why: neither reminded nor handed over."""

    __tablename__ = "recovery_pause"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_recovery_pause_family_id", "family_id", "until_on"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    reason: Mapped[str] = mapped_column(String(200))
    # The last day of it.
    until_on: Mapped[date]
    lifted_at: Mapped[datetime | None]


class HandoverBatch(Base, Stamped):
    """Invoices handed over to the Trésor public together, with the file that went to it."""

    __tablename__ = "handover_batch"
    __table_args__ = (CheckConstraint("invoice_count > 0 AND total_cents > 0", name="some"),)

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    handed_on: Mapped[date]
    invoice_count: Mapped[int] = mapped_column(Integer)
    total_cents: Mapped[Cents]
    csv_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    xlsx_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    def __str__(self) -> str:
        return self.number


class Handover(Base, Stamped):
    """An invoice that the Trésor public collects, with what was due of it; taken back only with a reason."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("due_cents > 0", name="due"),
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_reason = '')", name="taken_back"),
        Index("ix_handover_batch_id", "batch_id"),
        Index("ix_handover_invoice_id", "invoice_id"),
        Index(
            "uq_handover_live",
            "invoice_id",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    batch_id: Mapped[int] = mapped_column(ForeignKey("handover_batch.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    due_cents: Mapped[Cents]
    taken_back_at: Mapped[datetime | None]
    taken_back_reason: Mapped[str] = mapped_column(String(200), default="")

    invoice: Mapped[Invoice] = relationship(lazy="raise_on_sql")
