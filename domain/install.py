"""The first acts of an installation: the town, its school year, the roles, and staff accounts."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor, Role
from domain.calendar.operations import seed_school_year
from domain.clock import local_day
from domain.errors import Refusal
from domain.recovery.defaults import ensure_levels
from models.accounts import Role as RoleRow
from models.accounts import User
from models.town import Town

TITLES = {
    Role.ADMINISTRATOR: "Administrateur",
    Role.SCHOOL_AGENT: "Agent scolaire",
    Role.REGISSEUR: "Régisseur",
    Role.ACTIVITY_LEADER: "Animateur",
    Role.PARENT: "Parent",
}
SUMMER_ENDS_IN = 7


def ensure_roles(session: Session) -> dict[str, RoleRow]:
    """Write the roles that are missing; return them all by name."""
    held = {role.name: role for role in session.scalars(select(RoleRow))}
    for role, title in TITLES.items():
        if role.value not in held:
            held[role.value] = RoleRow(name=role.value, description=title)
            session.add(held[role.value])
    session.flush()
    return held


def install_town(
    session: Session, *, actor: Actor, now: datetime, name: str, insee_code: str, postcode: str, zone: str
) -> Town:
    """Write the town of this installation, its roles, and the present school year of its zone.

    Raises:
        Refusal: ``town_already_there``.
    """
    if session.scalar(select(Town.id)) is not None:
        raise Refusal("town_already_there")
    ensure_roles(session)
    town = Town(id=1, name=name, insee_code=insee_code, postcode=postcode, school_zone=zone)
    session.add(town)
    session.flush()
    ensure_levels(session)
    today = local_day(now)
    first_year = today.year if today.month >= SUMMER_ENDS_IN else today.year - 1
    seed_school_year(session, actor=actor, now=now, first_year=first_year, zone=zone)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="install_town",
        subject_kind="town",
        subject_id=1,
        after={"name": name},
    )
    return town


def create_staff_account(
    session: Session, *, actor: Actor, now: datetime, email: str, name: str, role: Role, password_hash: str
) -> User:
    """Write an account of staff, usable at once.

    Raises:
        Refusal: ``email_taken_by_account``, ``not_a_staff_role``.
    """
    address = email.strip().lower()
    if role is Role.PARENT:
        raise Refusal("not_a_staff_role")
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        raise Refusal("email_taken_by_account", email=address)
    user = User(
        email=address,
        display_name=name,
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now,
        roles=[ensure_roles(session)[role.value]],
    )
    session.add(user)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="create_staff_account",
        subject_kind="user",
        subject_id=user.id,
        after={"role": role.value},
    )
    return user
