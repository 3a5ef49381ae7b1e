"""Activities, their days with the counter of places, and the inscription that opens them to a child."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, Cents, Pk, Reference, Stamped, text_enum
from models.schools import Site


class ActivityKind(StrEnum):
    """What the town offers around school."""

    MORNING_CHILDCARE = "morning_childcare"
    CANTEEN = "canteen"
    EVENING_CHILDCARE = "evening_childcare"
    SUPERVISED_STUDY = "supervised_study"
    EVENING_LEISURE = "evening_leisure"
    WEDNESDAY_LEISURE = "wednesday_leisure"
    HOLIDAY_LEISURE = "holiday_leisure"


class OpenPeriod(StrEnum):
    """In which part of the year an activity opens."""

    SCHOOL = "school"
    HOLIDAYS = "holidays"


class NoticeKind(StrEnum):
    """The two forms of a deadline, and the lack of one."""

    DAYS_BEFORE = "days_before"
    WEEKLY = "weekly"
    NONE = "none"


class DayBase(StrEnum):
    """Which days a deadline counts."""

    CALENDAR = "calendar"
    WORKING = "working"
    SCHOOL = "school"
    OPENING = "opening"


class RegistrationState(StrEnum):
    """Where an inscription to an activity stands."""

    REQUESTED = "requested"
    VALIDATED = "validated"
    REFUSED = "refused"
    ENDED = "ended"


def _is_care(context: Any) -> bool:
    """Whether a new activity is care rather than food, when nobody said."""
    return bool(context.get_current_parameters()["kind"] != ActivityKind.CANTEEN)


class NoticeRule(Base, Reference):
    """A delay to book or to cancel; ``at_minutes`` counts from midnight and may be 1440 (24:00)."""

    __tablename__ = "notice_rule"
    __table_args__ = (
        CheckConstraint("at_minutes BETWEEN 0 AND 1440", name="at"),
        CheckConstraint("count >= 0", name="count"),
        CheckConstraint("kind <> 'weekly' OR weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("kind <> 'days_before' OR base IS NOT NULL", name="base"),
    )

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[NoticeKind] = mapped_column(text_enum(NoticeKind, "kind"))
    base: Mapped[DayBase | None] = mapped_column(text_enum(DayBase, "day_base"))
    # Days of the base (days_before) or weeks (weekly).
    count: Mapped[int] = mapped_column(Integer, default=0)
    weekday: Mapped[int | None] = mapped_column(Integer)
    at_minutes: Mapped[int] = mapped_column(Integer, default=0)

    def __str__(self) -> str:
        return self.name


class Activity(Base, Reference):
    """What a family can reserve at a site during a school year."""

    __tablename__ = "activity"
    __table_args__ = (
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays"),
        CheckConstraint("places >= 0", name="places"),
        CheckConstraint("min_age_months <= max_age_months", name="ages"),
        CheckConstraint("late_after_minutes >= 0", name="late_after"),
        UniqueConstraint("school_year_id", "site_id", "name"),
    )

    id: Mapped[Pk]
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    kind: Mapped[ActivityKind] = mapped_column(text_enum(ActivityKind, "kind"))
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(24))
    period: Mapped[OpenPeriod] = mapped_column(text_enum(OpenPeriod, "period"), default=OpenPeriod.SCHOOL)
    # Bit n set: opens on weekday n (Monday is 0).
    weekdays: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    places: Mapped[int] = mapped_column(Integer)
    min_age_months: Mapped[int] = mapped_column(Integer, default=0)
    max_age_months: Mapped[int] = mapped_column(Integer, default=216)
    levels: Mapped[str] = mapped_column(String(60), default="")
    needs_registration: Mapped[bool] = mapped_column(Boolean, default=True)
    is_auto_validated: Mapped[bool] = mapped_column(Boolean, default=True)
    has_waiting_list: Mapped[bool] = mapped_column(Boolean, default=True)
    offer_hours: Mapped[int] = mapped_column(Integer, default=24)
    opens_at: Mapped[datetime | None]
    booking_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice_rule.id"))
    cancel_notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice_rule.id"))
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"), index=True)
    under_six_per_staff: Mapped[int | None] = mapped_column(Integer)
    six_and_over_per_staff: Mapped[int | None] = mapped_column(Integer)
    # Whether what is paid for it opens the tax credit for child care (art. 200 quater B CGI); meals never do.
    counts_for_tax: Mapped[bool] = mapped_column(Boolean, default=_is_care)
    # How many minutes after the end a late pick-up is billed; None: it is not billed here.
    late_after_minutes: Mapped[int | None] = mapped_column(Integer)
    # Whether siblings picked up late on the same day are billed once.
    is_late_by_family: Mapped[bool] = mapped_column(Boolean, default=True)
    # How many adults are planned; None when staff did not say.
    staff_count: Mapped[int | None] = mapped_column(Integer)
    regulation: Mapped[str] = mapped_column(Text, default="")
    regulation_version: Mapped[int] = mapped_column(Integer, default=1)
    position: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    site: Mapped[Site] = relationship(lazy="raise_on_sql")
    booking_notice: Mapped[NoticeRule | None] = relationship(
        foreign_keys=[booking_notice_id], lazy="raise_on_sql"
    )
    cancel_notice: Mapped[NoticeRule | None] = relationship(
        foreign_keys=[cancel_notice_id], lazy="raise_on_sql"
    )

    def __str__(self) -> str:
        return self.name


class ActivityRegulation(Base, Stamped):
    """A règlement as it was published; an inscription names the version that its family accepted."""

    __tablename__ = "activity_regulation"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class ActivityFormula(Base, Reference):
    """A way to attend an activity: whole or half day, with or without the meal."""

    __tablename__ = "activity_formula"
    __table_args__ = (
        CheckConstraint("meal_share_cents >= 0", name="meal_share"),
        UniqueConstraint("activity_id", "key"),
    )

    id: Mapped[Pk]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(24))
    name: Mapped[str] = mapped_column(String(80))
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    has_meal: Mapped[bool] = mapped_column(Boolean, default=False)
    # What of the price of a day is its meal, and so opens no tax credit.
    meal_share_cents: Mapped[Cents] = mapped_column(default=0)

    def __str__(self) -> str:
        return self.name

    # What a child who came without a booking is billed, when the hours of the stay do not tell.
    is_for_unreserved: Mapped[bool] = mapped_column(Boolean, default=False)


class AgeGroup(Base, Reference):
    """A part of an activity with places of its own, e.g. 3-5 years."""

    __tablename__ = "age_group"
    __table_args__ = (CheckConstraint("min_age_months <= max_age_months", name="ages"),)

    id: Mapped[Pk]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    min_age_months: Mapped[int] = mapped_column(Integer)
    max_age_months: Mapped[int] = mapped_column(Integer)
    places: Mapped[int] = mapped_column(Integer)


class ActivityDay(Base, Stamped):
    """One opening day of an activity; ``taken`` counts its live reservations and never passes ``places``."""

    __tablename__ = "activity_day"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken_positive"),
        CheckConstraint("taken <= places", name="not_oversold"),
        # What lets a reservation carry activity and day, and the schema hold them true.
        UniqueConstraint("id", "activity_id", "day"),
        Index(
            "uq_activity_day_whole",
            "activity_id",
            "day",
            unique=True,
            sqlite_where=text("age_group_id IS NULL"),
            postgresql_where=text("age_group_id IS NULL"),
        ),
        Index("uq_activity_day_group", "activity_id", "day", "age_group_id", unique=True),
        Index("ix_activity_day_day", "day", "activity_id"),
    )

    id: Mapped[Pk]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    age_group_id: Mapped[int | None] = mapped_column(ForeignKey("age_group.id", ondelete="CASCADE"))
    day: Mapped[date]
    places: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    closed_reason: Mapped[str | None] = mapped_column(String(200))

    activity: Mapped[Activity] = relationship(lazy="raise_on_sql")


class ActivityRegistration(Base, Stamped):
    """A child's inscription to an activity for the year; validated, it opens the right to reserve."""

    __tablename__ = "activity_registration"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        Index(
            "uq_activity_registration_live",
            "child_id",
            "activity_id",
            "family_id",
            unique=True,
            sqlite_where=text("state IN ('requested', 'validated')"),
            postgresql_where=text("state IN ('requested', 'validated')"),
        ),
        Index("ix_activity_registration_activity_id", "activity_id", "state"),
        Index("ix_activity_registration_family_id", "family_id"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    state: Mapped[RegistrationState] = mapped_column(
        text_enum(RegistrationState, "state"), default=RegistrationState.REQUESTED
    )
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    regulation_version: Mapped[int | None] = mapped_column(Integer)
    regulation_accepted_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")


@event.listens_for(Session, "before_flush")
def _publish_regulations(session: Session, _context: Any, _instances: Any) -> None:
    """Give a changed règlement its next version: what a family accepted before stays as it was read."""
    for row in session.dirty:
        if isinstance(row, Activity) and inspect(row).attrs.regulation.history.has_changes():
            row.regulation_version += 1


@event.listens_for(Session, "after_flush")
def _keep_regulations(session: Session, _context: Any) -> None:
    """Keep the text of every version, in the transaction that publishes it."""
    for row in [*session.new, *session.dirty]:
        if (
            isinstance(row, Activity)
            and row.regulation
            and inspect(row).attrs.regulation.history.has_changes()
        ):
            session.add(
                ActivityRegulation(activity_id=row.id, version=row.regulation_version, text=row.regulation)
            )
