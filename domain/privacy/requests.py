"""Rights over one's data: a person asks for a correction or an erasure, and the service answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_family, require_role
from domain.actor import Actor, Role
from domain.demarches.operations import open_demarche, submit_demarche
from domain.errors import Refusal
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Family

SHOWN = 10
OPEN = (DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED)


class Right(StrEnum):
    """What a person may ask about their data (RGPD, articles 16 to 18)."""

    ERASURE = "erasure"
    RECTIFICATION = "rectification"


@dataclass(frozen=True, slots=True)
class RightsCase:
    """A request about one's data, as staff review it."""

    demarche: Demarche
    family: Family
    right: Right
    message: str
    asked_by: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.demarche.state in OPEN


def ask_right(
    session: Session, *, actor: Actor, now: datetime, family_id: int, right: Right, message: str
) -> Demarche:
    """Ask for a correction or an erasure; the service has a month to answer. Asked twice, it is one request.

    Raises:
        Refusal: ``not_your_family``, ``rights_message_missing``.
    """
    require_family(actor, family_id)
    if not message.strip():
        raise Refusal("rights_message_missing")
    answers = {"right": right.value, "message": message.strip()[:2000]}
    mine = select(Demarche).where(
        Demarche.kind == DemarcheKind.DATA_RIGHTS,
        Demarche.family_id == family_id,
        Demarche.user_id == actor.user_id,
        Demarche.state.in_(OPEN),
    )
    for earlier in session.scalars(mine):
        if earlier.answers == answers:
            return earlier
    demarche = submit_demarche(session, actor, now, DemarcheKind.DATA_RIGHTS, family_id)
    demarche.answers = answers
    session.flush()
    _trail(session, actor, now, "ask_data_right", demarche)
    return demarche


def answer_right(
    session: Session, *, actor: Actor, now: datetime, demarche_id: int, accept: bool, reason: str
) -> Demarche:
    """Say that it was done, or why it is not; the person reads the words in either case.

    Raises:
        Refusal: ``not_allowed``, ``reason_missing``, ``demarche_already_decided``.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    if not reason.strip():
        raise Refusal("reason_missing")
    demarche = open_demarche(session, demarche_id)
    demarche.state = DemarcheState.ACCEPTED if accept else DemarcheState.REFUSED
    demarche.reason, demarche.decided_at, demarche.decided_by = reason.strip(), now, actor.label
    session.flush()
    _trail(session, actor, now, "accept_data_right" if accept else "refuse_data_right", demarche)
    return demarche


def rights_case(session: Session, demarche_id: int) -> RightsCase | None:
    """Return a request about one's data; None when there is no such one."""
    row = session.execute(
        select(Demarche, Family, User.display_name)
        .join(Family, Family.id == Demarche.family_id)
        .outerjoin(User, User.id == Demarche.user_id)
        .where(Demarche.id == demarche_id, Demarche.kind == DemarcheKind.DATA_RIGHTS)
    ).one_or_none()
    if row is None:
        return None
    demarche, family, name = row
    answers = demarche.answers
    return RightsCase(demarche, family, Right(answers["right"]), answers["message"], name or "")


def _trail(session: Session, actor: Actor, now: datetime, action: str, demarche: Demarche) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="demarche",
        subject_id=demarche.id,
        family_id=demarche.family_id,
    )
    session.flush()


def own_rights(session: Session, *, user_id: int) -> list[Demarche]:
    """Return what an account asked about its data, the latest first."""
    mine = select(Demarche).where(Demarche.kind == DemarcheKind.DATA_RIGHTS, Demarche.user_id == user_id)
    return list(session.scalars(mine.order_by(Demarche.id.desc()).limit(SHOWN)))


def rights_queue(session: Session) -> list[tuple[Demarche, Family]]:
    """Return the requests about data that wait, the oldest first."""
    rows = session.execute(
        select(Demarche, Family)
        .join(Family, Family.id == Demarche.family_id)
        .where(Demarche.kind == DemarcheKind.DATA_RIGHTS, Demarche.state.in_(OPEN))
        .order_by(Demarche.submitted_at)
    )
    return [(demarche, family) for demarche, family in rows]
