"""Staff answer school enrolments: the sector found by hand, the derogation, the acceptance or the refusal."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import local_day
from domain.errors import Refusal
from domain.schools.requests import OPEN_STATES, close_request
from domain.schools.rules import Level, teaches
from models.demarches import Demarche, DemarcheState
from models.schools import EnrolmentRequest, EnrolmentState, School, SchoolEnrolment, SectorExemption


class Decision(StrEnum):
    """What staff answer.

    ``GRANT`` and ``DENY`` are about a derogation: a denied one leaves the child enrolled in the sector's school.
    """

    ACCEPT = "accept"
    GRANT = "grant"
    DENY = "deny"
    REFUSE = "refuse"


ABOUT_EXEMPTIONS = (Decision.GRANT, Decision.DENY)
GIVE_A_REASON = (Decision.DENY, Decision.REFUSE)


def set_sector_school(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, school_id: int, seen: int | None
) -> None:
    """Say by hand which school is the sector's, for an address that the map does not know or gets wrong.

    Args:
        seen: the school that the agent saw on the screen; another agent's choice is not overwritten unread.

    Raises:
        Refusal: ``not_allowed``, ``school_wrong_level``, ``sector_changed_meanwhile``,
            ``demarche_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    enrolment = _enrolment(session, demarche_id)
    school = session.get_one(School, school_id)
    if not teaches(school.kind.value, Level(enrolment.level.value)):
        raise Refusal("school_wrong_level", school=school.name, level=enrolment.level.value)
    is_open = exists().where(Demarche.id == demarche_id, Demarche.state.in_(OPEN_STATES))
    changed = session.execute(
        update(EnrolmentRequest)
        .where(
            EnrolmentRequest.enrolment_id == enrolment.id,
            EnrolmentRequest.sector_school_id.is_not_distinct_from(seen),
            is_open,
        )
        .values(sector_school_id=school_id, segment={})
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        row = session.get_one(Demarche, demarche_id, populate_existing=True)
        if row.state not in OPEN_STATES:
            raise Refusal("demarche_already_decided", number=row.number, state=row.state.value)
        raise Refusal("sector_changed_meanwhile")
    session.expire_all()
    _enrolment(session, demarche_id).school_id = school_id
    after = {"sector_school_id": school_id}
    _audit(session, actor, now, "school_sector_decided", demarche_id, {"sector_school_id": seen}, after)


def decide_request(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, decision: Decision, reason: str = ""
) -> SchoolEnrolment:
    """Answer a request, once: the enrolment is validated in a school, or refused.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``sector_undecided``, ``decision_not_possible`` (a derogation is
            granted or denied, an enrolment without one is accepted), ``demarche_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    why = reason.strip()
    if decision in GIVE_A_REASON and not why:
        raise Refusal("reason_missing")
    is_yes = decision in (Decision.ACCEPT, Decision.GRANT)
    # The request is closed first: of two agents, the second stops here and reads nothing stale below.
    close_request(
        session,
        actor=actor,
        now=now,
        demarche_id=demarche_id,
        state=DemarcheState.ACCEPTED if is_yes else DemarcheState.REFUSED,
        reason=why,
    )
    enrolment = _enrolment(session, demarche_id)
    exemption = session.scalar(select(SectorExemption).where(SectorExemption.enrolment_id == enrolment.id))
    if decision is not Decision.REFUSE and (exemption is not None) != (decision in ABOUT_EXEMPTIONS):
        raise Refusal("decision_not_possible")
    school_id = None if decision is Decision.REFUSE else _school_for(session, enrolment, exemption, decision)
    enrolment.state = EnrolmentState.REFUSED if school_id is None else EnrolmentState.VALIDATED
    enrolment.school_id = school_id or enrolment.school_id
    enrolment.decided_at = now
    if exemption is not None:
        exemption.is_granted = decision is Decision.GRANT
        exemption.decided_on = local_day(now)
        exemption.reason = why
    session.flush()
    after = {"decision": decision.value, "school_id": school_id, "reason": why}
    _audit(session, actor, now, "school_enrolment_decided", demarche_id, None, after)
    return enrolment


def _school_for(
    session: Session, enrolment: SchoolEnrolment, exemption: SectorExemption | None, decision: Decision
) -> int:
    if decision is Decision.GRANT and exemption is not None:
        return exemption.wanted_school_id
    school_id = session.get_one(EnrolmentRequest, enrolment.id).sector_school_id
    if school_id is None:
        raise Refusal("sector_undecided")
    return school_id


def _enrolment(session: Session, demarche_id: int) -> SchoolEnrolment:
    return session.scalars(select(SchoolEnrolment).where(SchoolEnrolment.demarche_id == demarche_id)).one()


def _audit(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    demarche_id: int,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="demarche",
        subject_id=demarche_id,
        family_id=session.get_one(Demarche, demarche_id).family_id,
        before=before,
        after=after,
    )
    session.flush()
