"""Money in: tries, bank notifications, payments, allocations, refunds, and the ledger."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Pk, Stamped, text_enum
from models.family import Family
from models.invoices import Invoice


class PaymentMeans(StrEnum):
    """How the money came."""

    CARD_ONLINE = "card_online"
    CARD_DESK = "card_desk"
    CASH = "cash"
    CHEQUE = "cheque"
    CESU = "cesu"
    ANCV = "ancv"
    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"
    # Collected by the Trésor public, of an invoice handed over to it.
    TRESOR = "tresor"


class TryState(StrEnum):
    """Where a card payment try stands."""

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    QUARANTINED = "quarantined"


class NotificationVerdict(StrEnum):
    """What the portal made of a bank notification."""

    SETTLED = "settled"
    REFUSED = "refused"
    PENDING = "pending"
    REPEATED = "repeated"
    FORGED = "forged"
    UNKNOWN = "unknown"
    QUARANTINED = "quarantined"


class Alert(StrEnum):
    """Why the régisseur has to look at a notification: money came, and not as it should."""

    OTHER_AMOUNT = "other_amount"
    SECOND_PAYMENT = "second_payment"
    UNKNOWN_REFERENCE = "unknown_reference"
    ALREADY_SETTLED = "already_settled"
    HANDED_OVER = "handed_over"


class LedgerKind(StrEnum):
    """What moved a family's account."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"


class PaymentTry(Base, Stamped):
    """A card payment that a parent started; written before the browser leaves for the bank."""

    __tablename__ = "payment_try"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_payment_try_family_id", "family_id"),
        Index("ix_payment_try_state", "state", "id"),
        Index("ix_payment_try_transaction", "transaction"),
    )

    id: Mapped[Pk]
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    amount_cents: Mapped[Cents]
    currency: Mapped[str] = mapped_column(String(3), default="978")
    state: Mapped[TryState] = mapped_column(text_enum(TryState, "state"), default=TryState.CREATED)
    error_code: Mapped[str] = mapped_column(String(5), default="")
    authorisation: Mapped[str] = mapped_column(String(40), default="")
    transaction: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PaymentTryInvoice(Base):
    """An invoice that a try means to pay, and how much of it."""

    __tablename__ = "payment_try_invoice"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount"),)

    try_id: Mapped[int] = mapped_column(ForeignKey("payment_try.id", ondelete="CASCADE"), primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), primary_key=True)
    amount_cents: Mapped[Cents]


class BankNotification(Base):
    """Every call of the bank as it came, and what was made of it."""

    __tablename__ = "bank_notification"
    __table_args__ = (
        CheckConstraint("handled_at IS NULL OR alert IS NOT NULL", name="handled"),
        Index(
            "ix_bank_notification_waiting",
            "id",
            sqlite_where=text("alert IS NOT NULL AND handled_at IS NULL"),
            postgresql_where=text("alert IS NOT NULL AND handled_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    received_at: Mapped[datetime] = mapped_column(index=True)
    source_ip: Mapped[str] = mapped_column(String(64), default="")
    raw: Mapped[str] = mapped_column(Text)
    try_id: Mapped[int | None] = mapped_column(ForeignKey("payment_try.id"), index=True)
    verdict: Mapped[NotificationVerdict] = mapped_column(text_enum(NotificationVerdict, "verdict"))
    detail: Mapped[str] = mapped_column(String(200), default="")
    # What the bank said, once read; empty for a forgery.
    amount_cents: Mapped[Cents | None]
    transaction: Mapped[str] = mapped_column(String(40), default="")
    # What the régisseur has to look at, and what became of it.
    alert: Mapped[Alert | None] = mapped_column(text_enum(Alert, "alert"))
    handled_at: Mapped[datetime | None]
    handled_by: Mapped[str] = mapped_column(String(80), default="")
    handled_note: Mapped[str] = mapped_column(Text, default="")


class Payment(Base, Stamped):
    """Money received from a family; never changed, only allocated, or undone by a refund."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("allocated_cents >= 0 AND refunded_cents >= 0", name="parts"),
        CheckConstraint("allocated_cents + refunded_cents <= amount_cents", name="not_overallocated"),
        CheckConstraint("(means = 'card_online') = (try_id IS NOT NULL)", name="try"),
        Index("ix_payment_family_id", "family_id", "received_at"),
        Index("ix_payment_received_at", "received_at"),
        Index("ix_payment_bank_reference", "bank_reference"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    means: Mapped[PaymentMeans] = mapped_column(text_enum(PaymentMeans, "means"))
    amount_cents: Mapped[Cents]
    allocated_cents: Mapped[Cents] = mapped_column(default=0)
    refunded_cents: Mapped[Cents] = mapped_column(default=0)
    received_at: Mapped[datetime]
    try_id: Mapped[int | None] = mapped_column(ForeignKey("payment_try.id"), unique=True)
    cash_session_id: Mapped[int | None] = mapped_column(ForeignKey("cash_session.id"), index=True)
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    payer_name: Mapped[str] = mapped_column(String(200), default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))

    family: Mapped[Family] = relationship(lazy="raise_on_sql")

    @property
    def credit_cents(self) -> int:
        """What is left of it for the family's next debts."""
        return self.amount_cents - self.allocated_cents - self.refunded_cents

    def __str__(self) -> str:
        return self.number


class Allocation(Base, Stamped):
    """A part of a payment, or of a credit note, that settles an invoice (imputation)."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("(payment_id IS NULL) <> (credit_note_id IS NULL)", name="one_source"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index("ix_allocation_invoice_id", "invoice_id"),
        Index("ix_allocation_payment_id", "payment_id"),
    )

    id: Mapped[Pk]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    credit_note_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    amount_cents: Mapped[Cents]
    released_at: Mapped[datetime | None]

    payment: Mapped[Payment | None] = relationship(lazy="raise_on_sql")
    invoice: Mapped[Invoice] = relationship(foreign_keys=[invoice_id], lazy="raise_on_sql")


class Refund(Base, Stamped):
    """Money given back to a family: what it paid too much, or what a credit note still gave it."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("(payment_id IS NULL) <> (credit_note_id IS NULL)", name="one_source"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    credit_note_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"), index=True)
    # The desk whose drawer it left, if it did.
    cash_session_id: Mapped[int | None] = mapped_column(ForeignKey("cash_session.id"), index=True)
    amount_cents: Mapped[Cents]
    means: Mapped[PaymentMeans] = mapped_column(text_enum(PaymentMeans, "means"))
    refunded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")


class LedgerEntry(Base):
    """A movement of a family's account: what it owes is the sum of its entries. Append-only."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint(
            "(kind IN ('invoice', 'refund') AND amount_cents >= 0)"
            " OR (kind IN ('credit_note', 'payment') AND amount_cents <= 0)",
            name="sign",
        ),
        UniqueConstraint("kind", "source_id"),
        Index("ix_ledger_entry_family_id", "family_id", "at"),
        Index("ix_ledger_entry_at", "at"),
    )

    id: Mapped[Pk]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    kind: Mapped[LedgerKind] = mapped_column(text_enum(LedgerKind, "kind"))
    source_id: Mapped[int]
    # Positive: the family owes more. Negative: it owes less.
    amount_cents: Mapped[Cents]
