"""The waiting room of a busy opening day: one small row a browser, and nothing else."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.base import Base, Pk


class QueueTicket(Base):
    """A browser's place: the order of arrival is ``id``; it may act from ``admitted_at`` while it is seen."""

    __tablename__ = "queue_ticket"
    __table_args__ = (Index("ix_queue_ticket_admitted", "admitted_at", "seen_at"),)

    id: Mapped[Pk]
    arrived_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    admitted_at: Mapped[datetime | None]
