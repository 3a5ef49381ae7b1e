"""Whom a document is about, and who may give it and read it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.custody.queries import holds_on
from models.custody import GuardianRight
from models.documents import Document, DocumentSubject, DocumentType
from models.family import Child, ChildFamily, Family, FamilyState, Guardian

# A declaration's documents are given before its family is validated, and again when it was refused.
OPEN_STATES = (FamilyState.DRAFT, FamilyState.SUBMITTED, FamilyState.REFUSED, FamilyState.VALIDATED)
Readers = frozenset({Role.ADMINISTRATOR, Role.SCHOOL_AGENT})


@dataclass(frozen=True, slots=True)
class Subject:
    """A family, one of its adults or one of its children, seen from that family."""

    kind: DocumentSubject
    id: int
    name: str
    family_id: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What an account may see of documents on a day.

    Args:
        families: its own open files, declarations that are not sent yet included.
        hidden_children: children over whom each of its adults lost the authority.
        no_health: children whose health each of its adults may not see.
    """

    families: frozenset[int]
    hidden_children: frozenset[int]
    no_health: frozenset[int]

    def covers(self, subject: Subject, *, is_health: bool) -> bool:
        """Whether the account may give and see a document of this kind about this person."""
        if subject.family_id not in self.families:
            return False
        if subject.kind is not DocumentSubject.CHILD:
            return True
        return subject.id not in self.hidden_children and not (is_health and subject.id in self.no_health)


def sight_of(session: Session, actor: Actor, today: date) -> Sight:
    """Return what a parent's account may see; rights withdrawn today already count.

    An agent who acts for a family at the desk sees all of that family's.
    """
    if actor.on_behalf_of_family_id is not None:
        return Sight(frozenset({actor.on_behalf_of_family_id}), frozenset(), frozenset())
    mine = session.execute(
        select(Guardian.id, Guardian.family_id)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.user_id == actor.user_id, Family.state.in_(OPEN_STATES))
    ).all()
    rights = session.execute(
        select(GuardianRight.child_id, GuardianRight.has_parental_authority, GuardianRight.may_see_health)
        .where(
            GuardianRight.guardian_id.in_([row.id for row in mine]), holds_on(today)
        )
    ).all()  # fmt: skip
    return Sight(
        families=frozenset(row.family_id for row in mine),
        hidden_children=frozenset(row.child_id for row in rights if not row.has_parental_authority),
        no_health=frozenset(row.child_id for row in rights if not row.may_see_health),
    )


def subjects_of(session: Session, family_id: int, today: date) -> list[Subject]:
    """Return a family, its adults by rank and its children from the eldest; three queries."""
    family = session.execute(select(Family.id, Family.name).where(Family.id == family_id)).one()
    adults = session.scalars(select(Guardian).where(Guardian.family_id == family_id).order_by(Guardian.rank))
    found = [Subject(DocumentSubject.FAMILY, family.id, family.name, family_id)]
    found += [Subject(DocumentSubject.GUARDIAN, one.id, one.full_name, family_id) for one in adults]
    children = session.scalars(_children([family_id], today).order_by(Child.born_on, Child.id))
    return found + [Subject(DocumentSubject.CHILD, one.id, one.full_name, family_id) for one in children]


def find_subject(
    session: Session,
    *,
    actor: Actor,
    today: date,
    kind: DocumentSubject,
    subject_id: int,
    is_health: bool = False,
    family_id: int | None = None,
) -> Subject | None:
    """Return the person or family that the actor may give a document about; None for anybody else.

    Args:
        family_id: from which family a shared child is seen; without it, the first that the actor is of.
    """
    is_office = actor.user_id is None or bool(actor.roles & Readers)
    sight = None if is_office else sight_of(session, actor, today)
    for subject in _candidates(session, kind, subject_id, today):
        if family_id is not None and subject.family_id != family_id:
            continue
        if sight is None or sight.covers(subject, is_health=is_health):
            return subject
    return None


def _candidates(session: Session, kind: DocumentSubject, subject_id: int, today: date) -> list[Subject]:
    """Return the same person seen from each family that it is of: two for a shared child."""
    match kind:
        case DocumentSubject.FAMILY:
            family = session.get(Family, subject_id)
            return [Subject(kind, subject_id, family.name, subject_id)] if family else []
        case DocumentSubject.GUARDIAN:
            adult = session.get(Guardian, subject_id)
            return [Subject(kind, subject_id, adult.full_name, adult.family_id)] if adult else []
        case DocumentSubject.CHILD:
            child = session.get(Child, subject_id)
            families = session.scalars(
                select(ChildFamily.family_id)
                .where(ChildFamily.child_id == subject_id, *_member_on(today))
                .order_by(ChildFamily.family_id)
            )
            return [Subject(kind, subject_id, child.full_name, one) for one in families] if child else []


def _member_on(today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        ChildFamily.valid_from <= today,
        or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > today),
    )


def _children(family_ids: list[int], today: date) -> Select[Child]:
    return (
        select(Child)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id.in_(family_ids), *_member_on(today))
    )


def may_read_file(session: Session, *, actor: Actor, today: date, document_id: int) -> bool:
    """Whether the actor may open a document's file.

    The school service may; of parents only the adults of the family that gave it, while the document is about
    their own, and a health document only with the right to see it. A child's other family uses its effect
    without reading it: it may bear an address.
    """
    row = session.execute(
        select(Document, DocumentType.is_health)
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .where(Document.id == document_id)
    ).first()
    if row is None:
        return False
    if actor.user_id is None or actor.roles & Readers:
        return True
    document, is_health = row
    if document.given_by_family_id is None:
        return False
    kind, subject_id = subject_of(document)
    return (
        find_subject(
            session,
            actor=actor,
            today=today,
            kind=kind,
            subject_id=subject_id,
            is_health=is_health,
            family_id=document.given_by_family_id,
        )
        is not None
    )


def subject_of(document: Document) -> tuple[DocumentSubject, int]:
    """Return the kind and the id of whom a document is about."""
    if document.family_id is not None:
        return DocumentSubject.FAMILY, document.family_id
    if document.guardian_id is not None:
        return DocumentSubject.GUARDIAN, document.guardian_id
    if document.child_id is not None:
        return DocumentSubject.CHILD, document.child_id
    msg = f"document {document.id} is about nobody"
    raise ValueError(msg)
