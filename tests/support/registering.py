"""Inscriptions to activities for tests: one that waits, and the documents that an activity asks for."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.activities import Activity, ActivityKind, ActivityRegistration, RegistrationState
from models.documents import Document, DocumentRequirement, DocumentState, DocumentType, StoredFile
from models.family import Child
from tests.support.households import Household


def ask_for_study(house: Household, child: Child | None = None) -> int:
    """Ask for the supervised study of a child (the younger), as of 23 November; the service has not answered."""
    wanted = ActivityRegistration(
        child_id=(child or house.younger).id,
        family_id=house.family.id,
        activity_id=house.activity(ActivityKind.SUPERVISED_STUDY).id,
        state=RegistrationState.REQUESTED,
        valid_from=date(2026, 11, 23),
        regulation_version=1,
    )
    house.session.add(wanted)
    house.session.flush()
    return wanted.id


def require_insurance(session: Session, activity: Activity) -> DocumentType:
    """Make an activity ask for the school insurance, without which nobody is registered to it."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "school_insurance")).one()
    session.add(
        DocumentRequirement(
            document_type_id=kind.id, act="registration", activity_id=activity.id, is_blocking=True
        )
    )
    session.flush()
    return kind


def give_insurance(session: Session, house: Household, child: Child, state: DocumentState) -> Document:
    """Let the family give a child's school insurance; its file is elsewhere."""
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "school_insurance")).one()
    file = StoredFile(
        key=f"aa/bb/{child.id}",
        filename="assurance.pdf",
        media_type="application/pdf",
        size=1,
        sha256="0" * 64,
    )
    session.add(file)
    session.flush()
    document = Document(
        document_type_id=kind.id,
        file_id=file.id,
        child_id=child.id,
        given_by_family_id=house.family.id,
        state=state,
        refusal_reason="Illisible" if state is DocumentState.REFUSED else "",
    )
    session.add(document)
    session.flush()
    return document
