"""The town itself, its policies, and the counters that give gapless numbers."""

from datetime import date, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Cents, Pk, Reference, text_enum

# Where a session keeps the revision that it has read (domain/revision.py).
REVISION_KEPT = "settings_revision"


class RetroactivePolicy(StrEnum):
    """What a new quotient does to months already invoiced."""

    CREDIT = "credit"
    NEXT_INVOICE = "next_invoice"
    REFUSED = "refused"


class AccessibilityState(StrEnum):
    """What an audit found of the criteria of the RGAA; without an audit a site counts as not compliant."""

    NON_COMPLIANT = "non_compliant"
    PARTIAL = "partially_compliant"
    COMPLIANT = "compliant"


class Town(Base, Reference):
    """The commune of this installation; one row. Its policies are data that staff edit."""

    __tablename__ = "town"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("collection_threshold_cents >= 0", name="threshold_positive"),
        CheckConstraint("payment_delay_days >= 0", name="delay_positive"),
        CheckConstraint("tax_age_limit BETWEEN 1 AND 18", name="tax_age_limit"),
        CheckConstraint("sepa_notice_days BETWEEN 1 AND 60", name="sepa_notice"),
        CheckConstraint("invoicing_alarm_day BETWEEN 1 AND 28", name="invoicing_alarm"),
        CheckConstraint("handover_after_days >= 0 AND handover_min_cents >= 0", name="handover"),
    )

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(120))
    insee_code: Mapped[str] = mapped_column(String(5))
    postcode: Mapped[str] = mapped_column(String(10))
    siret: Mapped[str] = mapped_column(String(14), default="")
    school_zone: Mapped[str] = mapped_column(String(1), default="B")
    service_name: Mapped[str] = mapped_column(String(120), default="Service Scolaire-Enfance-Jeunesse")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    # A free sentence after the hours of each weekday (``ServiceHours``), or alone where there are none.
    opening_hours: Mapped[str] = mapped_column(Text, default="")
    # What the law of 21 June 2004 (article 6) and the GDPR (article 13) make a site say of who keeps it.
    publication_director: Mapped[str] = mapped_column(String(160), default="")
    host: Mapped[str] = mapped_column(Text, default="")
    dpo_contact: Mapped[str] = mapped_column(Text, default="")
    accessibility_state: Mapped[AccessibilityState] = mapped_column(
        text_enum(AccessibilityState, "accessibility_state"), default=AccessibilityState.NON_COMPLIANT
    )
    accessibility_audited_on: Mapped[date | None]
    accent_color: Mapped[str] = mapped_column(String(7), default="#0F6B5C")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    logo_media_type: Mapped[str] = mapped_column(String(40), default="")
    collection_threshold_cents: Mapped[Cents] = mapped_column(default=1500)
    payment_delay_days: Mapped[int] = mapped_column(Integer, default=30)
    justification_hours: Mapped[int] = mapped_column(Integer, default=72)
    justification_limit_days: Mapped[int] = mapped_column(Integer, default=10)
    waiting_days: Mapped[int] = mapped_column(Integer, default=2)
    late_cancel_free_if_retaken: Mapped[bool] = mapped_column(Boolean, default=False)
    # A projet éducatif territorial eases the legal staff ratios (Code de l'action sociale et des familles, R227-16).
    has_pedt: Mapped[bool] = mapped_column(Boolean, default=False)
    retroactive_policy: Mapped[RetroactivePolicy] = mapped_column(
        text_enum(RetroactivePolicy, "retroactive_policy"), default=RetroactivePolicy.CREDIT
    )
    # Why the commune refuses; families read it.
    retroactive_reason: Mapped[str] = mapped_column(Text, default="")
    # Direct debit: the town's creditor identifier (ICS), its account, and how many days before a debit families are told.
    sepa_creditor_id: Mapped[str] = mapped_column(String(35), default="")
    sepa_iban: Mapped[str] = mapped_column(String(34), default="")
    sepa_bic: Mapped[str] = mapped_column(String(11), default="")
    sepa_notice_days: Mapped[int] = mapped_column(Integer, default=14)
    # Tax certificates: the age that a child must not have reached on 1 January (art. 200 quater B CGI).
    tax_age_limit: Mapped[int] = mapped_column(Integer, default=6)
    # The last day of the month on which the month before is issued without alarm.
    invoicing_alarm_day: Mapped[int] = mapped_column(Integer, default=10)
    # Hand-over to the Trésor public: days after the last reminder, least sum, what the file calls the debt, and
    # what families read of whom to pay.
    handover_after_days: Mapped[int] = mapped_column(Integer, default=15)
    handover_min_cents: Mapped[Cents] = mapped_column(default=1500)
    handover_nature: Mapped[str] = mapped_column(String(120), default="")
    tresor_contact: Mapped[str] = mapped_column(Text, default="")
    activation_valid_days: Mapped[int] = mapped_column(Integer, default=60)
    # Whether the worker purges by itself; otherwise it only reminds.
    purges_by_itself: Mapped[bool] = mapped_column(Boolean, default=False)
    # Raised by every change of settings, so that each process knows when its copy is stale.
    revision: Mapped[int] = mapped_column(Integer, default=1)

    def __str__(self) -> str:
        return self.name


class ServiceHours(Base, Reference):
    """From when to when the town's desk is open on a weekday (0 is Monday); a day may have several rows."""

    __tablename__ = "service_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes_at > opens_at", name="range"),
        UniqueConstraint("weekday", "opens_at"),
    )

    id: Mapped[Pk]
    weekday: Mapped[int] = mapped_column(Integer)
    opens_at: Mapped[time]
    closes_at: Mapped[time]


class Counter(Base):
    """The last number given in a series and year; locked by the UPDATE that takes the next one."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[int] = mapped_column(Integer, default=0)


def raise_revision(session: Session) -> None:
    """Tell every process that its copy of the settings is stale."""
    session.info.pop(REVISION_KEPT, None)
    statement = update(Town).values(revision=Town.revision + 1)
    session.execute(statement.execution_options(synchronize_session=False))


@event.listens_for(Session, "before_flush")
def _settings_changed(session: Session, _context: Any, _instances: Any) -> None:
    """Raise the revision when a settings row changes."""
    changed = [*session.new, *session.deleted, *(row for row in session.dirty if session.is_modified(row))]
    if any(isinstance(row, Reference) for row in changed):
        raise_revision(session)
