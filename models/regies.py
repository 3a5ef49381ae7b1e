"""The régie: cash sessions and deposit slips."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Cents, Pk, Stamped, text_enum
from models.payments import PaymentMeans


class CashSession(Base, Stamped):
    """The régisseur's desk from opening float to count; closed, its entries are locked."""

    __tablename__ = "cash_session"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (counted_cents IS NULL)", name="closed"),
        CheckConstraint("float_cents >= 0", name="float"),
        Index(
            "uq_cash_session_open",
            "opened_by",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    opened_at: Mapped[datetime] = mapped_column(index=True)
    opened_by: Mapped[str] = mapped_column(String(80))
    # As the deposit slips name the person, whatever becomes of the account.
    cashier_name: Mapped[str] = mapped_column(String(160), default="")
    float_cents: Mapped[Cents]
    closed_at: Mapped[datetime | None]
    counted_cents: Mapped[Cents | None]
    difference_note: Mapped[str] = mapped_column(Text, default="")


class DepositSlip(Base, Stamped):
    """A bordereau de versement: what a session hands over, by means of payment."""

    __tablename__ = "deposit_slip"
    __table_args__ = (
        Index("uq_deposit_slip_means", "cash_session_id", "means", unique=True),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    id: Mapped[Pk]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    cash_session_id: Mapped[int] = mapped_column(ForeignKey("cash_session.id"))
    means: Mapped[PaymentMeans] = mapped_column(text_enum(PaymentMeans, "means"))
    amount_cents: Mapped[Cents]
    deposited_on: Mapped[date | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
