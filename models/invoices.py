"""Invoices and credit notes, their lines, what each line bills, and the monthly run. Append-only."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Pk, Stamped, text_enum
from models.family import Family


class RunState(StrEnum):
    """Where a month's run stands."""

    PREVIEWED = "previewed"
    ISSUING = "issuing"
    ISSUED = "issued"
    FAILED = "failed"


class InvoiceKind(StrEnum):
    """An invoice, or the credit note that corrects one."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceState(StrEnum):
    """Where an issued invoice stands."""

    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    REMINDED = "reminded"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class Delivery(StrEnum):
    """How the family gets the invoice."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class LineKind(StrEnum):
    """What a line is for."""

    SERVICE = "service"
    DISCOUNT = "discount"
    VOUCHER = "voucher"
    CARRIED = "carried"
    ADJUSTMENT = "adjustment"


class InvoiceRun(Base, Stamped):
    """The invoicing of one month: previewed with its control total, then issued family by family."""

    __tablename__ = "invoice_run"
    __table_args__ = (
        CheckConstraint("done_count BETWEEN 0 AND family_count", name="progress"),
        Index("ix_invoice_run_month", "month"),
        Index(
            "uq_invoice_run_open",
            "month",
            unique=True,
            sqlite_where=text("state = 'issuing'"),
            postgresql_where=text("state = 'issuing'"),
        ),
    )

    id: Mapped[Pk]
    # The first day of the month billed.
    month: Mapped[date]
    state: Mapped[RunState] = mapped_column(text_enum(RunState, "state"), default=RunState.PREVIEWED)
    family_count: Mapped[int] = mapped_column(Integer, default=0)
    invoice_count: Mapped[int] = mapped_column(Integer, default=0)
    line_count: Mapped[int] = mapped_column(Integer, default=0)
    carried_count: Mapped[int] = mapped_column(Integer, default=0)
    anomaly_count: Mapped[int] = mapped_column(Integer, default=0)
    control_total_cents: Mapped[Cents] = mapped_column(default=0)
    issued_total_cents: Mapped[Cents] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(Integer, default=0)
    due_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(Text, default="")


class InvoiceRunFamily(Base):
    """A family of a run and what became of it; the run goes on from those not done."""

    __tablename__ = "invoice_run_family"
    __table_args__ = (Index("ix_invoice_run_family_todo", "run_id", "is_done", "family_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("invoice_run.id", ondelete="CASCADE"), primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), primary_key=True)
    total_cents: Mapped[Cents] = mapped_column(default=0)
    # What the month comes to now, when it is no longer what the preview said: held until staff decide.
    changed_cents: Mapped[Cents | None]
    is_done: Mapped[bool] = mapped_column(default=False)
    # What stays below the threshold and is kept for the next invoice.
    carried_cents: Mapped[Cents] = mapped_column(default=0)
    anomalies: Mapped[list[Any]] = mapped_column(JSON, default=list)
    anomaly_count: Mapped[int] = mapped_column(Integer, default=0)


class Invoice(Base, Stamped):
    """An issued invoice or credit note. Only what it is paid, and so its state, moves after issue."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series", "fiscal_year", "sequence"),
        UniqueConstraint("run_id", "family_id"),
        CheckConstraint("total_cents >= 0", name="total"),
        CheckConstraint("paid_cents >= 0", name="paid_positive"),
        CheckConstraint("paid_cents <= total_cents", name="not_overpaid"),
        CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="credit_names_invoice"),
        CheckConstraint("sequence > 0", name="sequence"),
        Index("ix_invoice_family_id", "family_id", "issued_at"),
        Index("ix_invoice_state", "state", "due_on"),
        Index("ix_invoice_issued_at", "issued_at"),
        Index("ix_invoice_unprinted", "delivery", "printed_at"),
    )

    id: Mapped[Pk]
    kind: Mapped[InvoiceKind] = mapped_column(text_enum(InvoiceKind, "kind"), default=InvoiceKind.INVOICE)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    series: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int] = mapped_column(Integer)
    sequence: Mapped[int] = mapped_column(Integer)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_run.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    # The invoice that a corrected one stands for; a credit note has cancelled it.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), unique=True)
    # Why a credit note was made; the family reads it.
    reason: Mapped[str] = mapped_column(Text, default="")
    # What the document says of the payer, kept as it was on the day of issue.
    payer_name: Mapped[str] = mapped_column(String(240))
    payer_address: Mapped[str] = mapped_column(Text)
    family_code: Mapped[str] = mapped_column(String(8))
    month: Mapped[date | None]
    issued_at: Mapped[datetime]
    due_on: Mapped[date | None]
    total_cents: Mapped[Cents]
    paid_cents: Mapped[Cents] = mapped_column(default=0)
    state: Mapped[InvoiceState] = mapped_column(text_enum(InvoiceState, "state"), default=InvoiceState.ISSUED)
    delivery: Mapped[Delivery] = mapped_column(text_enum(Delivery, "delivery"))
    printed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    family: Mapped[Family] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["InvoiceLine"]] = relationship(order_by="InvoiceLine.position", lazy="raise_on_sql")

    @property
    def due_cents(self) -> int:
        """What is still to be paid."""
        return self.total_cents - self.paid_cents

    def __str__(self) -> str:
        return self.number


class InvoiceLine(Base):
    """A line of an invoice, with the explanation of its price."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("kind <> 'service' OR amount_cents = quantity * unit_cents", name="amount"),
        Index("ix_invoice_line_child_id", "child_id"),
    )

    id: Mapped[Pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[LineKind] = mapped_column(text_enum(LineKind, "kind"), default=LineKind.SERVICE)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    child_name: Mapped[str] = mapped_column(String(240), default="")
    # On a credit note: the line that it gives back.
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_line.id"), index=True)
    label: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(Integer)
    unit_cents: Mapped[Cents]
    amount_cents: Mapped[Cents]
    explanation: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class InvoiceItem(Base):
    """What a line bills: a reservation, an unreserved attendance, a late pick-up, or a carried amount; each once.

    When two homes share a price, each of them is billed its part, once. ``released_by_id`` names the credit note that undid it, so that a corrected invoice may bill it again.
    """

    __tablename__ = "invoice_item"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN attendance_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN late_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN carried_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        CheckConstraint("home BETWEEN 0 AND 2", name="home"),
        *(
            Index(
                f"uq_invoice_item_{column}",
                column,
                "home",
                unique=True,
                sqlite_where=text(f"{column} IS NOT NULL AND released_by_id IS NULL"),
                postgresql_where=text(f"{column} IS NOT NULL AND released_by_id IS NULL"),
            )
            for column in ("reservation_id", "attendance_id", "late_id", "carried_id")
        ),
        Index("ix_invoice_item_line_id", "line_id"),
    )

    id: Mapped[Pk]
    line_id: Mapped[int] = mapped_column(ForeignKey("invoice_line.id", ondelete="RESTRICT"))
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    # The roll-call whose late pick-up is billed; that it was there at all is another item.
    late_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    carried_id: Mapped[int | None] = mapped_column(ForeignKey("carried_amount.id"))
    # 0: the whole price; 1 and 2: the part of the first, or of the other, of two homes that share it.
    home: Mapped[int] = mapped_column(SmallInteger, default=0)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))


class CarriedAmount(Base, Stamped):
    """A month's sum under the collection threshold, kept for the next invoice with what it is made of."""

    __tablename__ = "carried_amount"
    __table_args__ = (
        UniqueConstraint("run_id", "family_id"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_carried_amount_family_id", "family_id"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("invoice_run.id"))
    month: Mapped[date]
    amount_cents: Mapped[Cents]
    lines: Mapped[list[Any]] = mapped_column(JSON, default=list)


class CarriedItem(Base):
    """A reservation, attendance or late pick-up within a carried amount; each once, and once for each home."""

    __tablename__ = "carried_item"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN attendance_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN late_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        CheckConstraint("home BETWEEN 0 AND 2", name="home"),
        UniqueConstraint("reservation_id", "home"),
        UniqueConstraint("attendance_id", "home"),
        UniqueConstraint("late_id", "home"),
    )

    id: Mapped[Pk]
    carried_id: Mapped[int] = mapped_column(ForeignKey("carried_amount.id", ondelete="CASCADE"), index=True)
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    attendance_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    late_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    home: Mapped[int] = mapped_column(SmallInteger, default=0)
