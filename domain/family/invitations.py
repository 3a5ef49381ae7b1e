"""Inviting the second adult of a family by e-mail: one link, used once, that opens an account of its own.

The link proves the mailbox, so no second confirmation is asked. It rests on an activation secret that nobody
reads: used, replaced by a letter or expired, the link is dead.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor, Role
from domain.clock import PARIS, local_day
from domain.errors import Refusal
from domain.family.activation import issue_unread_secret
from domain.family.names import search_key
from models.family import Family, Guardian

INVITATION_DAYS = 7
SECOND = 2


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the e-mail's link must carry, and who is invited where."""

    secret_id: int
    guardian_id: int
    guardian_name: str
    family: Family
    email: str
    expires_at: datetime


def second_adult(session: Session, family_id: int) -> Guardian | None:
    """Return the family's second adult, with or without an account."""
    return session.scalar(select(Guardian).where(Guardian.family_id == family_id, Guardian.rank == SECOND))


def may_invite(session: Session, actor: Actor, family_id: int) -> bool:
    """Whether the actor is staff of the desk, an agent acting for the family, or the family's first adult.

    Holds for a file that is still declared, too.
    """
    if actor.user_id is None or actor.roles & {Role.ADMINISTRATOR, Role.SCHOOL_AGENT}:
        return True
    if actor.on_behalf_of_family_id == family_id:
        return True
    first = select(Guardian.id).where(
        Guardian.family_id == family_id, Guardian.rank == 1, Guardian.user_id == actor.user_id
    )
    return session.scalar(first) is not None


def invite_second_adult(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    family_id: int,
    email: str,
    family_name: str = "",
    given_name: str = "",
) -> Invitation:
    """Invite the second adult of a family; without one in the file yet, write it down with these names.

    An earlier invitation, or letter, of this adult stops working. Nothing of the adult's contact changes before
    the link is used.

    Args:
        email: in lower case.

    Raises:
        Refusal: ``not_allowed``, ``invited_has_account``, ``same_email_as_inviter``, ``guardian_name_missing``.
    """
    if not may_invite(session, actor, family_id):
        raise Refusal("not_allowed")
    family = session.get_one(Family, family_id)
    guardian = second_adult(session, family_id)
    if guardian is not None and guardian.user_id is not None:
        raise Refusal("invited_has_account", name=guardian.full_name)
    others = select(Guardian.id).where(
        Guardian.family_id == family_id, Guardian.rank != SECOND, Guardian.email == email
    )
    if session.scalar(others) is not None:
        raise Refusal("same_email_as_inviter")
    if guardian is None:
        guardian = _write_down(session, family_id, family_name, given_name)
    expires_at = datetime.combine(local_day(now) + timedelta(days=INVITATION_DAYS + 1), time(), PARIS)
    secret = issue_unread_secret(session, now=now, guardian=guardian, expires_at=expires_at)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="invite_second_adult",
        subject_kind="guardian",
        subject_id=guardian.id,
        family_id=family_id,
        after={"email": email, "name": guardian.full_name},
    )
    session.flush()
    return Invitation(secret.id, guardian.id, guardian.full_name, family, email, expires_at)


def _write_down(session: Session, family_id: int, family_name: str, given_name: str) -> Guardian:
    if not (family_name.strip() or given_name.strip()):
        raise Refusal("guardian_name_missing")
    guardian = Guardian(
        family_id=family_id,
        rank=SECOND,
        family_name=family_name.strip(),
        given_name=given_name.strip(),
        is_payer=False,
        search_text=search_key(family_name, given_name),
    )
    session.add(guardian)
    session.flush()
    return guardian
