"""The trail of acts: written by each operation, in its own transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.actor import Actor
from models.audit import AuditEntry


def record(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    family_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write one act down: who, when, on what, with the values before and after (JSON-ready)."""
    session.add(
        AuditEntry(
            at=now,
            by=actor.label,
            action=action,
            family_id=family_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            on_behalf=(actor.is_staff or actor.on_behalf_of_family_id is not None) and family_id is not None,
            before=before,
            after=after,
        )
    )
