"""Families: the file, its addresses, adults, children, and the people they trust."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Pk, Stamped, text_enum


class FamilyState(StrEnum):
    """Where the family's file stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    VALIDATED = "validated"
    REFUSED = "refused"
    DEPARTED = "departed"


class Residence(StrEnum):
    """What an address is to the town, for the price."""

    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    PARTNER = "partner"


class Civility(StrEnum):
    """How a letter addresses an adult."""

    MADAM = "mme"
    SIR = "m"
    NONE = ""


class Sex(StrEnum):
    """As the civil register and ONDE write it."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = ""


class Diet(StrEnum):
    """A choice of menu; never a religious term."""

    STANDARD = "standard"
    NO_PORK = "no_pork"
    NO_MEAT = "no_meat"


class Family(Base, Stamped):
    """A household's file (dossier famille), known by its code famille."""

    __tablename__ = "family"
    __table_args__ = (
        CheckConstraint("code IS NULL OR length(code) = 8", name="code_length"),
        CheckConstraint("state <> 'validated' OR code IS NOT NULL", name="validated_has_code"),
        Index("ix_family_search_text", "search_text"),
        Index("ix_family_state", "state", "id"),
    )

    id: Mapped[Pk]
    code: Mapped[str | None] = mapped_column(String(8), unique=True)
    # The code in the tool that the town used before; what makes an import repeatable.
    former_code: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    search_text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[FamilyState] = mapped_column(text_enum(FamilyState, "state"), default=FamilyState.VALIDATED)
    wants_e_invoice: Mapped[bool] = mapped_column(Boolean, default=False)
    e_invoice_chosen_at: Mapped[datetime | None]
    # The first day on which the family is no longer the town's, and why it left.
    left_on: Mapped[date | None]
    departure_reason: Mapped[str] = mapped_column(String(200), default="")
    # When a purge took everything personal out of the file: only its accounts are left.
    pseudonymised_at: Mapped[datetime | None]
    notes: Mapped[str] = mapped_column(Text, default="")

    addresses: Mapped[list["FamilyAddress"]] = relationship(
        back_populates="family", order_by="FamilyAddress.valid_from", lazy="raise_on_sql"
    )
    guardians: Mapped[list["Guardian"]] = relationship(
        back_populates="family", order_by="Guardian.rank", lazy="raise_on_sql"
    )
    memberships: Mapped[list["ChildFamily"]] = relationship(back_populates="family", lazy="raise_on_sql")

    def __str__(self) -> str:
        return f"{self.name} ({self.code})" if self.code else self.name


class FamilyAddress(Base, Stamped):
    """Where a family lives on ``[valid_from, valid_to[``; the price of a day follows the address of that day."""

    __tablename__ = "family_address"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        UniqueConstraint("family_id", "valid_from"),
        Index(
            "uq_family_address_current",
            "family_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    line1: Mapped[str] = mapped_column(String(200))
    line2: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(10))
    city: Mapped[str] = mapped_column(String(120))
    residence: Mapped[Residence] = mapped_column(
        text_enum(Residence, "residence"), default=Residence.RESIDENT
    )
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    family: Mapped[Family] = relationship(back_populates="addresses", lazy="raise_on_sql")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.line1, self.line2, f"{self.postcode} {self.city}") if part)


class Guardian(Base, Stamped):
    """An adult of the family (responsable légal)."""

    __tablename__ = "guardian"
    __table_args__ = (
        CheckConstraint("rank BETWEEN 1 AND 2", name="rank"),
        UniqueConstraint("family_id", "rank"),
        UniqueConstraint("family_id", "user_id"),
        Index("ix_guardian_user_id", "user_id"),
        Index("ix_guardian_search_text", "search_text"),
        Index("ix_guardian_email", "email"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    rank: Mapped[int] = mapped_column(Integer)
    civility: Mapped[Civility] = mapped_column(text_enum(Civility, "civility"), default=Civility.NONE)
    family_name: Mapped[str] = mapped_column(String(120))
    given_name: Mapped[str] = mapped_column(String(120), default="")
    birth_name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    phone_alt: Mapped[str] = mapped_column(String(20), default="")
    is_payer: Mapped[bool] = mapped_column(Boolean, default=True)
    # E-mails the day before a deadline, for those who ask.
    wants_reminders: Mapped[bool] = mapped_column(Boolean, default=False)
    # The secret part of the address of the adult's calendar; None when there is none.
    calendar_key: Mapped[str | None] = mapped_column(String(43), unique=True)
    search_text: Mapped[str] = mapped_column(Text, default="")

    family: Mapped[Family] = relationship(back_populates="guardians", lazy="raise_on_sql")

    @property
    def full_name(self) -> str:
        """Given name then family name, exactly as typed; either may be missing."""
        return f"{self.given_name} {self.family_name}".strip()

    def __str__(self) -> str:
        return self.full_name


class Child(Base, Stamped):
    """A child; belongs to one family, or to two when its parents live apart."""

    __tablename__ = "child"
    __table_args__ = (
        Index("ix_child_search_text", "search_text"),
        Index("ix_child_born_on", "born_on"),
    )

    id: Mapped[Pk]
    family_name: Mapped[str] = mapped_column(String(120))
    given_name: Mapped[str] = mapped_column(String(120), default="")
    sex: Mapped[Sex] = mapped_column(text_enum(Sex, "sex"), default=Sex.UNKNOWN)
    born_on: Mapped[date]
    diet: Mapped[Diet] = mapped_column(text_enum(Diet, "diet"), default=Diet.STANDARD)
    allows_photos: Mapped[bool] = mapped_column(Boolean, default=False)
    may_leave_alone: Mapped[bool] = mapped_column(Boolean, default=False)
    search_text: Mapped[str] = mapped_column(Text, default="")

    memberships: Mapped[list["ChildFamily"]] = relationship(back_populates="child", lazy="raise_on_sql")

    @property
    def full_name(self) -> str:
        """Given name then family name, exactly as typed; either may be missing."""
        return f"{self.given_name} {self.family_name}".strip()

    def __str__(self) -> str:
        return self.full_name


class ChildFamily(Base, Stamped):
    """A child belongs to a family on ``[valid_from, valid_to[``."""

    __tablename__ = "child_family"
    __table_args__ = (
        UniqueConstraint("child_id", "family_id", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        Index("ix_child_family_family_id", "family_id", "child_id"),
    )

    id: Mapped[Pk]
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    child: Mapped[Child] = relationship(back_populates="memberships", lazy="raise_on_sql")
    family: Mapped[Family] = relationship(back_populates="memberships", lazy="raise_on_sql")


class TrustedPerson(Base, Stamped):
    """Someone a family trusts: may pick a child up, is called in an emergency, or both."""

    __tablename__ = "trusted_person"
    __table_args__ = (CheckConstraint("may_pick_up OR is_emergency_contact", name="has_use"),)

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"), index=True)
    full_name: Mapped[str] = mapped_column(String(200))
    relation: Mapped[str] = mapped_column(String(80), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    may_pick_up: Mapped[bool] = mapped_column(Boolean, default=True)
    is_emergency_contact: Mapped[bool] = mapped_column(Boolean, default=False)


class ActivationSecret(Base, Stamped):
    """The one-time secret of a family's letter; only its hash is kept. Five wrong tries lock it."""

    __tablename__ = "activation_secret"
    __table_args__ = (
        CheckConstraint("failed_tries >= 0", name="tries"),
        Index(
            "uq_activation_secret_live",
            "guardian_id",
            unique=True,
            sqlite_where=text("used_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND revoked_at IS NULL"),
        ),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"))
    secret_hash: Mapped[str] = mapped_column(String(255))
    expires_at: Mapped[datetime]
    failed_tries: Mapped[int] = mapped_column(Integer, default=0)
    locked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
