"""Demarches: what a family asks of the town, numbered, reviewed and answered."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Pk, Stamped, text_enum


class DemarcheKind(StrEnum):
    """What is asked."""

    FAMILY_DECLARATION = "family_declaration"
    ADDRESS_CHANGE = "address_change"
    SCHOOL_ENROLMENT = "school_enrolment"
    SECTOR_EXEMPTION = "sector_exemption"
    CONTESTED_LINE = "contested_line"
    ACCESS_HELP = "access_help"
    DATA_RIGHTS = "data_rights"
    OTHER = "other"


class DemarcheState(StrEnum):
    """Where the request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    COMPLEMENT_ASKED = "complement_asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Demarche(Base, Stamped):
    """A request by a family, with its number and its answer."""

    __tablename__ = "demarche"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR number IS NOT NULL", name="submitted_has_number"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refusal_says_why"),
        Index("ix_demarche_queue", "state", "kind", "submitted_at"),
    )

    id: Mapped[Pk]
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    kind: Mapped[DemarcheKind] = mapped_column(text_enum(DemarcheKind, "kind"))
    state: Mapped[DemarcheState] = mapped_column(
        text_enum(DemarcheState, "state"), default=DemarcheState.DRAFT
    )
    family_id: Mapped[int | None] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text, default="")


class AddressChange(Base, Stamped):
    """A new address that waits for a proof and a decision, because it moves tariff and school sector."""

    __tablename__ = "address_change"
    __table_args__ = (
        Index(
            "uq_address_change_waiting",
            "family_id",
            unique=True,
            sqlite_where=text("is_waiting"),
            postgresql_where=text("is_waiting"),
        ),
    )

    demarche_id: Mapped[int] = mapped_column(ForeignKey("demarche.id", ondelete="CASCADE"), primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    is_waiting: Mapped[bool] = mapped_column(default=True)
    line1: Mapped[str] = mapped_column(String(200))
    line2: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(10))
    city: Mapped[str] = mapped_column(String(120))
    effective_on: Mapped[date]
    proof_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"), index=True)

    demarche: Mapped[Demarche] = relationship(lazy="raise_on_sql")
