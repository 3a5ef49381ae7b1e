"""Files and supporting documents (pièces justificatives)."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Pk, Reference, Stamped, text_enum


class DocumentSubject(StrEnum):
    """Whom a kind of document is about."""

    FAMILY = "family"
    GUARDIAN = "guardian"
    CHILD = "child"


class Validity(StrEnum):
    """How long a document holds."""

    MONTHS = "months"
    SCHOOL_YEAR = "school_year"
    FOR_EVER = "for_ever"


class DocumentState(StrEnum):
    """Where a document stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


class StoredFile(Base, Stamped):
    """A private file; its bytes are in the file store under ``key``."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size > 0", name="size"), CheckConstraint("pages >= 1", name="pages"))

    id: Mapped[Pk]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    pages: Mapped[int] = mapped_column(Integer, default=1)
    sha256: Mapped[str] = mapped_column(String(64))


class DocumentType(Base, Stamped):
    """A kind of supporting document; data, edited by staff."""

    __tablename__ = "document_type"
    __table_args__ = (
        CheckConstraint("(validity = 'months') = (validity_months IS NOT NULL)", name="months"),
    )

    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    help_text: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[DocumentSubject] = mapped_column(text_enum(DocumentSubject, "subject"))
    validity: Mapped[Validity] = mapped_column(text_enum(Validity, "validity"), default=Validity.FOR_EVER)
    validity_months: Mapped[int | None] = mapped_column(Integer)
    is_health: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return self.name


class DocumentRequirement(Base, Reference):
    """An act asks for a kind of document; ``activity_id`` narrows it to one activity."""

    __tablename__ = "document_requirement"
    __table_args__ = (UniqueConstraint("document_type_id", "act", "activity_id"),)

    id: Mapped[Pk]
    document_type_id: Mapped[int] = mapped_column(ForeignKey("document_type.id", ondelete="CASCADE"))
    act: Mapped[str] = mapped_column(String(40))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), index=True)
    is_blocking: Mapped[bool] = mapped_column(Boolean, default=True)


class Document(Base, Stamped):
    """A supporting document, stored once, serving every act that needs its kind."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN family_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN guardian_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN child_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
        CheckConstraint("state <> 'refused' OR refusal_reason <> ''", name="refusal_says_why"),
        Index("ix_document_state", "state", "id"),
    )

    id: Mapped[Pk]
    document_type_id: Mapped[int] = mapped_column(ForeignKey("document_type.id"), index=True)
    family_id: Mapped[int | None] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    state: Mapped[DocumentState] = mapped_column(
        text_enum(DocumentState, "state"), default=DocumentState.SUBMITTED
    )
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    refusal_reason: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    reminded_at: Mapped[datetime | None]
    # Which family gave it: a child's paper may bear an address that its other family must not read.
    given_by_family_id: Mapped[int | None] = mapped_column(
        ForeignKey("family.id", ondelete="SET NULL"), index=True
    )
    # When the family was told of the review.
    told_at: Mapped[datetime | None]

    type: Mapped[DocumentType] = relationship(lazy="raise_on_sql")
    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql")
