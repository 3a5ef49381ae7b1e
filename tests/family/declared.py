"""A declaration that waits for the service, as a parent leaves it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.demarches.operations import SERIES
from domain.family.names import search_key
from domain.numbering import take_numbers
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.documents import (
    Document,
    DocumentRequirement,
    DocumentState,
    DocumentType,
    StoredFile,
)
from models.family import Child, ChildFamily, Family, FamilyAddress, FamilyState, Guardian
from tests.accounts.people import make_user

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SENT = NOW - timedelta(days=3)


@dataclass
class Declared:
    """The declaration and its rows."""

    demarche: Demarche
    family: Family
    guardian: Guardian
    child: Child
    user: User

    @property
    def path(self) -> str:
        """The page of the service's answer."""
        return f"/admin/declarations/{self.demarche.id}"


def declare(
    session: Session,
    *,
    name: str = "Nguyen",
    email: str = "linh@example.com",
    phone: str = "+33612345678",
    child_name: str = "Maï",
    born_on: date = date(2022, 2, 28),
    sent_at: datetime = SENT,
    answers: dict[str, Any] | None = None,
) -> Declared:
    """A sent declaration: one adult with an account, an address in the town, one child, no document."""
    family = Family(name=name, state=FamilyState.SUBMITTED)
    session.add(family)
    session.flush()
    session.add(
        FamilyAddress(
            family_id=family.id, line1="3 rue du Bac", postcode="45110", city="Saint-Préau",
            valid_from=sent_at.date(),
        )
    )  # fmt: skip
    guardian = Guardian(
        family_id=family.id, rank=1, family_name=name, given_name="Linh", email=email, phone=phone
    )
    child = Child(
        given_name=child_name, family_name=name, born_on=born_on, search_text=search_key(name, child_name)
    )
    session.add_all([guardian, child])
    session.flush()
    session.add(ChildFamily(child_id=child.id, family_id=family.id, valid_from=sent_at.date()))
    user = make_user(session, email, guardian=guardian)
    demarche = Demarche(
        number=f"D2026-{take_numbers(session, SERIES, 2026):06d}",
        kind=DemarcheKind.FAMILY_DECLARATION,
        state=DemarcheState.SUBMITTED,
        family_id=family.id,
        user_id=user.id,
        answers=answers or {},
        submitted_at=sent_at,
    )
    session.add(demarche)
    session.flush()
    return Declared(demarche, family, guardian, child, user)


def ask_for_proof(session: Session) -> DocumentType:
    """Make a declaration ask for the proof of address, and not be validated without it."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "proof_of_address")).one()
    session.add(DocumentRequirement(document_type_id=kind.id, act="family_declaration", is_blocking=True))
    session.flush()
    return kind


def give_proof(
    session: Session,
    declared: Declared,
    *,
    key: str = "aa/bb/cc",
    state: DocumentState = DocumentState.SUBMITTED,
) -> Document:
    """The proof of address that the family gave; its file is under ``key`` of the store."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "proof_of_address")).one()
    file = StoredFile(key=key, filename="bail.png", media_type="image/png", size=10, pages=1, sha256="0" * 64)
    session.add(file)
    session.flush()
    document = Document(
        document_type_id=kind.id,
        family_id=declared.family.id,
        given_by_family_id=declared.family.id,
        file_id=file.id,
        state=state,
        created_at=SENT,
    )
    session.add(document)
    session.flush()
    return document
