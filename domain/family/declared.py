"""What the service sees of declarations: the queue, and one with all that its answer needs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.documents.needs import NeededDocument
from domain.documents.queue import ReviewedDocument, family_documents
from domain.family.duplicates import Duplicate, find_duplicates
from domain.family.names import full_name
from domain.family.review import missing_documents
from domain.family.sheet import FamilySheet, family_sheet
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.documents import DocumentState
from models.family import Child, Family
from models.health import HealthSheet


@dataclass(frozen=True, slots=True)
class QueuedDeclaration:
    """A declaration in the service's list."""

    id: int
    number: str
    state: DemarcheState
    submitted_at: datetime
    decided_at: datetime | None
    family_name: str


@dataclass(frozen=True, slots=True)
class DeclaredChild:
    """A child as declared: ``health`` is its latest sheet; ``level`` (of school) and ``has_pai`` have no row yet."""

    child: Child
    health: HealthSheet | None
    level: str
    has_pai: bool


@dataclass(frozen=True, slots=True)
class ElsewhereParent:
    """The parent who lives elsewhere, as noted for the service; telephones in E.164 form or empty."""

    full_name: str
    phone: str
    phone_alt: str
    email: str


@dataclass(frozen=True, slots=True)
class DeclarationCase:
    """A declaration whole.

    Args:
        missing: what it asks for and the service has not accepted.
    """

    demarche: Demarche
    sheet: FamilySheet
    children: list[DeclaredChild]
    documents: list[ReviewedDocument]
    missing: list[NeededDocument]
    duplicates: list[Duplicate]
    elsewhere: ElsewhereParent | None

    @property
    def is_open(self) -> bool:
        """Whether the service may still answer."""
        return self.demarche.state in (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)

    @property
    def blocking(self) -> list[NeededDocument]:
        """The documents without which the file cannot be validated."""
        return [need for need in self.missing if need.is_blocking]

    @property
    def undecided(self) -> list[ReviewedDocument]:
        """The documents that wait for a look."""
        return [one for one in self.documents if one.state is DocumentState.SUBMITTED]


def declaration_count(session: Session) -> int:
    """Return how many declarations wait for the service."""
    statement = select(func.count(Demarche.id)).where(
        Demarche.kind == DemarcheKind.FAMILY_DECLARATION, Demarche.state == DemarcheState.SUBMITTED
    )
    return session.scalar(statement) or 0


def queued_declarations(session: Session, state: DemarcheState) -> list[QueuedDeclaration]:
    """Return the declarations in a state: those that wait for the service, or for their family; the oldest first."""
    rows = session.execute(
        select(Demarche, Family.name)
        .join(Family, Family.id == Demarche.family_id)
        .where(Demarche.kind == DemarcheKind.FAMILY_DECLARATION, Demarche.state == state)
        .order_by(Demarche.submitted_at, Demarche.id)
    )
    return [
        QueuedDeclaration(
            id=demarche.id,
            number=demarche.number or "",
            state=demarche.state,
            submitted_at=demarche.submitted_at or demarche.created_at,
            decided_at=demarche.decided_at,
            family_name=name,
        )
        for demarche, name in rows
    ]


def find_case(session: Session, demarche_id: int, now: datetime, today: date) -> DeclarationCase | None:
    """Return a declaration that was sent, with all that its answer needs; None for anything else."""
    demarche = session.get(Demarche, demarche_id)
    if (
        demarche is None
        or demarche.kind is not DemarcheKind.FAMILY_DECLARATION
        or demarche.family_id is None
        or demarche.state is DemarcheState.DRAFT
    ):
        return None
    sheet = family_sheet(session, demarche.family_id, today)
    return DeclarationCase(
        demarche=demarche,
        sheet=sheet,
        children=_children(session, sheet, demarche.answers),
        documents=family_documents(session, demarche.family_id),
        missing=missing_documents(session, demarche, now),
        duplicates=find_duplicates(session, demarche.family_id),
        elsewhere=_elsewhere(demarche.answers),
    )


def _children(session: Session, sheet: FamilySheet, answers: dict[str, Any]) -> list[DeclaredChild]:
    ids = [child.id for child in sheet.children]
    health = {
        row.child_id: row
        for row in session.scalars(
            select(HealthSheet).where(HealthSheet.child_id.in_(ids)).order_by(HealthSheet.school_year_id)
        )
    }
    noted = answers.get("children", {})
    return [
        DeclaredChild(
            child=child,
            health=health.get(child.id),
            level=said.get("level", ""),
            has_pai=bool(said.get("has_pai")),
        )
        for child in sheet.children
        for said in [noted.get(str(child.id), {})]
    ]


def _elsewhere(answers: dict[str, Any]) -> ElsewhereParent | None:
    other: dict[str, str] = answers.get("other_parent", {})
    if other.get("situation") != "elsewhere":
        return None
    return ElsewhereParent(
        full_name=full_name(other.get("given_name", ""), other.get("family_name", "")),
        phone=other.get("phone", ""),
        phone_alt=other.get("phone_alt", ""),
        email=other.get("email", ""),
    )
