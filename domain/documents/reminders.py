"""Documents that end: marked as over, and their families reminded 30 and 7 days before (DOMAIN.md, 3)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from domain.clock import local_day
from domain.custody.queries import holds_on
from domain.documents.rules import REMINDER_DAYS, reminder_due
from domain.documents.subjects import Subject, subject_of, subjects_of
from models.custody import GuardianRight
from models.documents import Document, DocumentRequirement, DocumentState, DocumentSubject, DocumentType
from models.family import Family, FamilyState, Guardian

# Acts done once: what they asked for is not asked again when it ends.
ONE_OFF_ACTS = ("family_declaration", "address_change", "school_enrolment", "sector_exemption")


@dataclass(frozen=True, slots=True)
class Ending:
    """A document that ends soon, and about whom it is."""

    id: int
    kind_code: str
    kind_name: str
    is_health: bool
    subject: Subject
    last_day: date


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one adult is reminded of."""

    guardian: Guardian
    endings: Sequence[Ending]


def expire_documents(session: Session, *, now: datetime) -> int:
    """Mark the accepted documents whose last day is past; return how many."""
    done = session.execute(
        update(Document)
        .where(Document.state == DocumentState.ACCEPTED, Document.valid_until < local_day(now))
        .values(state=DocumentState.EXPIRED)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def ending_documents(session: Session, *, now: datetime) -> dict[int, list[Ending]]:
    """Return, by family, the documents of which it is reminded today.

    Only what a lasting act asks for, and only while nothing renews it: neither a document that holds longer nor
    one that waits for the service. A person who left the family is not one to give documents about.
    """
    today = local_day(now)
    rows = session.execute(
        select(Document, DocumentType)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .join(Family, Family.id == Document.given_by_family_id)
        .where(
            Document.state == DocumentState.ACCEPTED,
            Document.valid_until >= today,
            Document.valid_until <= today + timedelta(days=max(REMINDER_DAYS)),
            Family.state == FamilyState.VALIDATED,
            DocumentType.is_active,
            is_asked_for(),
            ~is_renewed(),
        )
        .order_by(Document.given_by_family_id, Document.valid_until, Document.id)
    ).all()
    people: dict[int, dict[tuple[DocumentSubject, int], Subject]] = {}
    found: defaultdict[int, list[Ending]] = defaultdict(list)
    for document, kind in rows:
        family_id, last_day = document.given_by_family_id, document.valid_until
        reminded_on = local_day(document.reminded_at) if document.reminded_at else None
        if family_id is None or last_day is None or reminder_due(last_day, today, reminded_on) is None:
            continue
        if family_id not in people:
            people[family_id] = {(one.kind, one.id): one for one in subjects_of(session, family_id, today)}
        person = people[family_id].get(subject_of(document))
        if person is not None:
            found[family_id].append(
                Ending(document.id, kind.code, kind.name, kind.is_health, person, last_day)
            )
    return dict(found)


def reminders_of(session: Session, family_id: int, endings: Sequence[Ending], today: date) -> list[Reminder]:
    """Return what each adult with an e-mail is told: nothing about a child, or its health, without the right."""
    adults = session.scalars(
        select(Guardian).where(Guardian.family_id == family_id, Guardian.email != "").order_by(Guardian.rank)
    ).all()
    rights = session.scalars(
        select(GuardianRight).where(
            GuardianRight.guardian_id.in_([adult.id for adult in adults]), holds_on(today)
        )
    ).all()
    hidden = {(one.guardian_id, one.child_id) for one in rights if not one.has_parental_authority}
    no_health = {(one.guardian_id, one.child_id) for one in rights if not one.may_see_health}
    found = []
    for adult in adults:
        seen = [
            one
            for one in endings
            if one.subject.kind is not DocumentSubject.CHILD
            or (adult.id, one.subject.id) not in (hidden | no_health if one.is_health else hidden)
        ]
        if seen:
            found.append(Reminder(adult, seen))
    return found


def note_reminded(session: Session, endings: Sequence[Ending], now: datetime) -> None:
    """Write down that the family was reminded of these documents."""
    session.execute(
        update(Document)
        .where(Document.id.in_([one.id for one in endings]))
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    )


def is_asked_for() -> ColumnElement[bool]:
    """Return the condition that a lasting act asks for documents of this kind."""
    return exists().where(
        DocumentRequirement.document_type_id == Document.document_type_id,
        DocumentRequirement.act.not_in(ONE_OFF_ACTS),
    )


def is_renewed() -> ColumnElement[bool]:
    """Return the condition that another document holds longer, or waits for the service."""
    other = aliased(Document)
    holds_longer = and_(
        other.state == DocumentState.ACCEPTED,
        or_(other.valid_until.is_(None), other.valid_until > Document.valid_until),
    )
    return exists().where(
        other.document_type_id == Document.document_type_id,
        other.id != Document.id,
        is_about_same(other),
        or_(holds_longer, other.state == DocumentState.SUBMITTED),
    )


def is_about_same(other: Any) -> ColumnElement[bool]:
    """Whether another document is about the same family, adult or child."""
    return or_(
        other.family_id == Document.family_id,
        other.guardian_id == Document.guardian_id,
        other.child_id == Document.child_id,
    )
