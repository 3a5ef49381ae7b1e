"""Reservations and the waiting list."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.activities import ActivityDay
from models.base import Base, Pk, Stamped, text_enum
from models.family import Child


class ReservationState(StrEnum):
    """Where a reservation stands; ``reserved`` and ``offered`` hold a place."""

    RESERVED = "reserved"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"


LIVE_STATES = (ReservationState.RESERVED, ReservationState.OFFERED)
_LIVE = text("state IN ('reserved', 'offered')")


class WaitingState(StrEnum):
    """Where a place in the waiting list stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    EXPIRED = "expired"
    LEFT = "left"


class Reservation(Base, Stamped):
    """A child is expected on an activity day; the family that booked pays.

    ``activity_id`` and ``day`` repeat the activity day's, held true by the composite foreign key: they let a
    month of a child or a family be read from one index.
    """

    __tablename__ = "reservation"
    __table_args__ = (
        ForeignKeyConstraint(
            ["activity_day_id", "activity_id", "day"],
            ["activity_day.id", "activity_day.activity_id", "activity_day.day"],
        ),
        CheckConstraint("(state IN ('reserved', 'offered')) = (cancelled_at IS NULL)", name="cancelled"),
        Index(
            "uq_reservation_live",
            "child_id",
            "activity_day_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_reservation_child_day", "child_id", "day"),
        Index("ix_reservation_family_day", "family_id", "day"),
        Index("ix_reservation_day", "day", "activity_id"),
        Index("ix_reservation_activity_day", "activity_day_id", "state"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"))
    activity_day_id: Mapped[int]
    activity_id: Mapped[int]
    day: Mapped[date]
    formula_id: Mapped[int | None] = mapped_column(ForeignKey("activity_formula.id"))
    state: Mapped[ReservationState] = mapped_column(
        text_enum(ReservationState, "state"), default=ReservationState.RESERVED
    )
    booked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    child: Mapped[Child] = relationship(lazy="raise_on_sql")
    activity_day: Mapped[ActivityDay] = relationship(lazy="raise_on_sql")


class WaitingEntry(Base, Stamped):
    """A child waits for a place on a full day, in order of arrival (``id``)."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint("(state = 'offered') = (offer_expires_at IS NOT NULL)", name="offer"),
        Index(
            "uq_waiting_entry_live",
            "child_id",
            "activity_day_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'offered')"),
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        Index("ix_waiting_entry_queue", "activity_day_id", "state", "id"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id"), index=True)
    activity_day_id: Mapped[int] = mapped_column(ForeignKey("activity_day.id", ondelete="CASCADE"))
    formula_id: Mapped[int | None] = mapped_column(ForeignKey("activity_formula.id"))
    state: Mapped[WaitingState] = mapped_column(
        text_enum(WaitingState, "state"), default=WaitingState.WAITING
    )
    offer_expires_at: Mapped[datetime | None]
    # When the family was told of the offer; the worker tells those that were not.
    told_at: Mapped[datetime | None]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id", ondelete="SET NULL"))
