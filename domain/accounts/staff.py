"""Accounts of staff: who works in the back office, as what, and at which sites."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from domain import audit
from domain.accounts.sessions import end_all_sessions
from domain.actor import STAFF_ROLES, Actor, Role
from domain.errors import Refusal
from models.accounts import Role as RoleRow
from models.accounts import StaffSite, User, UserRole

UNIQUIFIER_BYTES = 32


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What an administrator writes about a colleague.

    Args:
        site_ids: the sites whose children the colleague sees in the roll-call; empty means all.
    """

    display_name: str
    email: str
    roles: frozenset[Role]
    site_ids: frozenset[int] = frozenset()
    active: bool = True


def create_staff(session: Session, *, actor: Actor, now: datetime, facts: StaffFacts) -> User:
    """Open a colleague's account, without a password: the e-mail that follows lets them choose one.

    Raises:
        Refusal: ``staff_only_administrator``, ``staff_needs_role``, ``staff_email_taken``.
    """
    _check(session, actor, facts, but_id=0)
    user = User(
        email=facts.email.lower(),
        display_name=facts.display_name,
        active=facts.active,
        fs_uniquifier=secrets.token_hex(UNIQUIFIER_BYTES),
        # The town vouches for the address, and the password can only be chosen from its mailbox.
        confirmed_at=now,
    )
    session.add(user)
    session.flush()
    _set_roles(session, user, facts.roles)
    _set_sites(session, user.id, facts.site_ids)
    _trail(session, actor, now, "staff_created", user.id, after=_plain(facts))
    return user


def update_staff(session: Session, *, actor: Actor, now: datetime, user_id: int, facts: StaffFacts) -> None:
    """Change a colleague's account; roles taken away and a closed account sign out everywhere.

    Raises:
        Refusal: ``staff_only_administrator``, ``staff_needs_role``, ``staff_email_taken``, ``staff_not_found``,
            ``staff_last_administrator`` when nobody else could manage the accounts.
    """
    user = _staff(session, user_id)
    _check(session, actor, facts, but_id=user.id)
    before = StaffFacts(
        user.display_name,
        user.email,
        frozenset(Role(name) for name in user.role_names) & STAFF_ROLES,
        sites_of(session, user.id),
        user.active,
    )
    keeps = facts.active and Role.ADMINISTRATOR in facts.roles
    if Role.ADMINISTRATOR in before.roles and before.active and not keeps:
        _refuse_the_last(session, user.id)
    user.display_name, user.email, user.active = facts.display_name, facts.email.lower(), facts.active
    _set_roles(session, user, facts.roles)
    _set_sites(session, user.id, facts.site_ids)
    if not facts.active or before.roles - facts.roles:
        end_all_sessions(session, actor=actor, now=now, user_id=user.id)
    _trail(session, actor, now, "staff_changed", user.id, before=_plain(before), after=_plain(facts))


def reset_second_factor(session: Session, *, actor: Actor, now: datetime, user_id: int) -> None:
    """Forget a lost telephone: the next sign-in asks for a new one. Open browsers are signed out.

    Raises:
        Refusal: ``staff_only_administrator``, ``staff_not_found``.
    """
    _administrator(actor)
    user = session.get(User, user_id)
    if user is None:
        raise Refusal("staff_not_found")
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
    end_all_sessions(session, actor=actor, now=now, user_id=user.id)
    _trail(session, actor, now, "second_factor_reset", user.id)


def sites_of(session: Session, user_id: int) -> frozenset[int]:
    """Return the sites of a member of staff; none means all."""
    return frozenset(session.scalars(select(StaffSite.site_id).where(StaffSite.user_id == user_id)))


def _administrator(actor: Actor) -> None:
    if actor.user_id is not None and Role.ADMINISTRATOR not in actor.roles:
        raise Refusal("staff_only_administrator")


def _check(session: Session, actor: Actor, facts: StaffFacts, *, but_id: int) -> None:
    _administrator(actor)
    if not facts.roles & STAFF_ROLES:
        raise Refusal("staff_needs_role")
    taken = select(User.id).where(User.email == facts.email.lower(), User.id != but_id)
    if session.scalar(taken) is not None:
        raise Refusal("staff_email_taken")


def _staff(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None or not user.is_staff:
        raise Refusal("staff_not_found")
    return user


def _refuse_the_last(session: Session, user_id: int) -> None:
    others = (
        select(func.count())
        .select_from(UserRole)
        .join(RoleRow, RoleRow.id == UserRole.role_id)
        .join(User, User.id == UserRole.user_id)
        .where(RoleRow.name == Role.ADMINISTRATOR.value, User.active, User.id != user_id)
    )
    if not session.scalar(others):
        raise Refusal("staff_last_administrator")


def _set_roles(session: Session, user: User, roles: Collection[Role]) -> None:
    """Give these roles of staff, and keep the parent's."""
    wanted = {role.value for role in roles} | ({Role.PARENT.value} & user.role_names)
    user.roles = list(session.scalars(select(RoleRow).where(RoleRow.name.in_(wanted))))
    session.flush()


def _set_sites(session: Session, user_id: int, site_ids: Collection[int]) -> None:
    session.execute(delete(StaffSite).where(StaffSite.user_id == user_id))
    session.add_all(StaffSite(user_id=user_id, site_id=site_id) for site_id in sorted(site_ids))
    session.flush()


def _plain(facts: StaffFacts) -> dict[str, object]:
    return {
        "display_name": facts.display_name,
        "email": facts.email,
        "roles": sorted(facts.roles),
        "sites": sorted(facts.site_ids),
        "active": facts.active,
    }


def _trail(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    user_id: int,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="user",
        subject_id=user_id,
        before=before,
        after=after,
    )
    session.flush()
