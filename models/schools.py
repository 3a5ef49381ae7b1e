"""Sites and schools, classes, enrolments, and the carte scolaire."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Pk, Reference, Stamped, text_enum


class Level(StrEnum):
    """A level of maternelle or élémentaire."""

    PS = "PS"
    MS = "MS"
    GS = "GS"
    CP = "CP"
    CE1 = "CE1"
    CE2 = "CE2"
    CM1 = "CM1"
    CM2 = "CM2"


class SchoolKind(StrEnum):
    """Which levels a school teaches."""

    NURSERY = "MAT"
    ELEMENTARY = "ELEM"
    PRIMARY = "PRIM"


class EnrolmentState(StrEnum):
    """Where a school enrolment stands."""

    REQUESTED = "requested"
    VALIDATED = "validated"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LEFT = "left"


class Site(Base, Reference):
    """A place where activities happen: a school, a leisure centre."""

    __tablename__ = "site"
    __table_args__ = (CheckConstraint("school_weekdays BETWEEN 0 AND 127", name="weekdays"),)

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    # Bit n set: class is held on weekday n (Monday is 0). 27 is Mon, Tue, Thu, Fri: the 4-day week.
    school_weekdays: Mapped[int] = mapped_column(Integer, default=27)

    def __str__(self) -> str:
        return self.name


class School(Base, Reference):
    """A school of the town; stands on a site."""

    __tablename__ = "school"

    id: Mapped[Pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    uai: Mapped[str] = mapped_column(String(8), unique=True)
    kind: Mapped[SchoolKind] = mapped_column(text_enum(SchoolKind, "kind"))

    site: Mapped[Site] = relationship(lazy="raise_on_sql")

    def __str__(self) -> str:
        return self.name


class SchoolClass(Base, Stamped):
    """A class of a school in a year."""

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("school_id", "school_year_id", "name"),)

    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    teacher: Mapped[str] = mapped_column(String(120), default="")


class SchoolEnrolment(Base, Stamped):
    """A child is enrolled in a school for a year (inscription scolaire)."""

    __tablename__ = "school_enrolment"
    __table_args__ = (
        CheckConstraint("state <> 'validated' OR school_id IS NOT NULL", name="validated_has_school"),
        Index(
            "uq_school_enrolment_live",
            "child_id",
            "school_year_id",
            unique=True,
            sqlite_where=text("state IN ('requested', 'validated')"),
            postgresql_where=text("state IN ('requested', 'validated')"),
        ),
        Index("ix_school_enrolment_school", "school_year_id", "school_id", "state"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    # None while the service looks for the school of an address that the carte scolaire does not know.
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id"))
    school_class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="SET NULL"))
    demarche_id: Mapped[int | None] = mapped_column(ForeignKey("demarche.id", ondelete="SET NULL"))
    level: Mapped[Level] = mapped_column(text_enum(Level, "level"))
    state: Mapped[EnrolmentState] = mapped_column(
        text_enum(EnrolmentState, "state"), default=EnrolmentState.VALIDATED
    )
    decided_at: Mapped[datetime | None]


class EnrolmentRequest(Base, Stamped):
    """What a family asked when it enrolled a child, and what the carte scolaire said of its address that day."""

    __tablename__ = "enrolment_request"

    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("school_enrolment.id", ondelete="CASCADE"), primary_key=True
    )
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(Text, default="")
    sector_school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    # The segment that decided, copied because the map may be replaced afterwards; empty when none did.
    segment: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Why the map gave no school (domain/schools/rules.py, Unlocated); kept when staff have decided.
    unlocated: Mapped[str] = mapped_column(String(20), default="")
    is_domicile_sworn: Mapped[bool] = mapped_column(default=False)


class EnrolmentCampaign(Base, Reference):
    """When families may ask for a school on line, for a school year and a kind of school, ``[opens_at, closes_at[``."""

    __tablename__ = "enrolment_campaign"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="range"),
        UniqueConstraint("school_year_id", "kind"),
    )

    id: Mapped[Pk]
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id"))
    # PRIM stands for both maternelle and élémentaire.
    kind: Mapped[SchoolKind] = mapped_column(text_enum(SchoolKind, "kind"), default=SchoolKind.PRIMARY)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text, default="")


class ExemptionMotive(Base, Reference):
    """A motive that a family may give for another school than the sector's; data, edited by staff."""

    __tablename__ = "exemption_motive"

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class SchoolSector(Base, Stamped):
    """A segment of street that leads to a school, in one year's carte scolaire."""

    __tablename__ = "school_sector"
    __table_args__ = (
        CheckConstraint("parity IN ('P', 'I', 'PI')", name="parity"),
        CheckConstraint(
            "last_number IS NULL OR first_number IS NULL OR last_number >= first_number", name="range"
        ),
        Index("ix_school_sector_lookup", "school_year_id", "kind", "street_key"),
    )

    id: Mapped[Pk]
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_year.id", ondelete="CASCADE"))
    kind: Mapped[SchoolKind] = mapped_column(text_enum(SchoolKind, "kind"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    street: Mapped[str] = mapped_column(String(160))
    street_key: Mapped[str] = mapped_column(String(160))
    street_ref: Mapped[str] = mapped_column(String(40), default="")
    first_number: Mapped[int | None] = mapped_column(Integer)
    first_suffix: Mapped[str] = mapped_column(String(8), default="")
    last_number: Mapped[int | None] = mapped_column(Integer)
    last_suffix: Mapped[str] = mapped_column(String(8), default="")
    parity: Mapped[str] = mapped_column(String(2), default="PI")
    priority: Mapped[int] = mapped_column(Integer, default=1)


class SectorExemption(Base, Stamped):
    """A request for another school than the sector's (dérogation), and its decision."""

    __tablename__ = "sector_exemption"

    id: Mapped[Pk]
    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("school_enrolment.id", ondelete="CASCADE"), unique=True
    )
    wanted_school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    motive: Mapped[str] = mapped_column(String(80))
    details: Mapped[str] = mapped_column(Text, default="")
    is_granted: Mapped[bool | None]
    decided_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
