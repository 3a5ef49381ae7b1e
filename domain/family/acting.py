"""An agent acts for a family at the desk: when it begins and ends stands in the family's trail."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from models.family import Family, FamilyState


def start_acting(session: Session, *, actor: Actor, now: datetime, family_id: int) -> Family:
    """Note that an agent begins to act as the parent of a family.

    Raises:
        Refusal: ``not_allowed``, ``family_not_validated``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    family = session.get_one(Family, family_id)
    if family.state is not FamilyState.VALIDATED:
        raise Refusal("family_not_validated", family=family.name)
    _record(session, actor, now, "start_acting", family_id)
    return family


def end_acting(session: Session, *, actor: Actor, now: datetime, family_id: int) -> None:
    """Note that the agent is itself again.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    _record(session, actor, now, "end_acting", family_id)


def _record(session: Session, actor: Actor, now: datetime, action: str, family_id: int) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="family",
        subject_id=family_id,
        family_id=family_id,
    )
    session.flush()
