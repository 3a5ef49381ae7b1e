"""Accounts of parents: made by the activation page, usable once the e-mail's link is clicked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor, Role
from domain.errors import Refusal
from models.accounts import STAFF_ROLE_NAMES, User, UserRole
from models.accounts import Role as RoleRow
from models.family import ActivationSecret, Family, Guardian

MAX_FAILED_SIGN_INS = 10
LOCK_MINUTES = 15
UNIQUIFIER_BYTES = 32


class Opening(StrEnum):
    """What the mail to the chosen address must say; the page says the same for all."""

    CONFIRM = "confirm"
    ATTACH = "attach"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that waits for its link; ``user`` is None when the address cannot be used."""

    opening: Opening
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Activated:
    """An adult that now has an account; ``former_email`` is the account that it replaces."""

    user: User
    guardian: Guardian
    family: Family
    former_email: str | None


def open_account(
    session: Session, *, now: datetime, secret: ActivationSecret, email: str, password_hash: str
) -> Opened:
    """Prepare the account of the adult whose secret was just proved; nothing is usable before the link.

    A new address gets an unconfirmed account. An address that already has one keeps its password and is
    only offered to be attached. An account of staff, or of the family's other adult, cannot be used.

    Args:
        email: in lower case.
        password_hash: the chosen password, already hashed.
    """
    user = session.scalar(select(User).where(User.email == email))
    guardian = session.get_one(Guardian, secret.guardian_id)
    if user is None:
        user = User(email=email, fs_uniquifier=new_uniquifier(), active=True)
        session.add(user)
    elif user.confirmed_at is not None:
        is_usable = (
            user.active
            and not is_staff_account(session, user)
            and not _is_other_adult(session, user, guardian)
        )
        return Opened(Opening.ATTACH, user) if is_usable else Opened(Opening.NOT_POSSIBLE)
    user.password = password_hash
    user.display_name = guardian.full_name
    # Links sent for an earlier try stop working, so nobody confirms a password that another chose.
    user.fs_uniquifier = new_uniquifier()
    session.flush()
    return Opened(Opening.CONFIRM, user)


def new_uniquifier() -> str:
    """Return a fresh mark of an account: links and sessions signed with the former one are dead."""
    return secrets.token_hex(UNIQUIFIER_BYTES)


def is_staff_account(session: Session, user: User) -> bool:
    """Whether the account holds a role of staff."""
    staff = select(UserRole.user_id).join(RoleRow, RoleRow.id == UserRole.role_id)
    return (
        session.scalar(staff.where(UserRole.user_id == user.id, RoleRow.name.in_(STAFF_ROLE_NAMES)).limit(1))
        is not None
    )


def _is_other_adult(session: Session, user: User, guardian: Guardian) -> bool:
    others = select(Guardian.id).where(
        Guardian.family_id == guardian.family_id, Guardian.user_id == user.id, Guardian.id != guardian.id
    )
    return session.scalar(others) is not None


def activate_account(
    session: Session, *, now: datetime, secret_id: int, user_id: int, fs_uniquifier: str
) -> Activated:
    """Confirm the e-mail and attach the account to the adult of the secret; the secret is then used up.

    Raises:
        Refusal: ``activation_link_used``, ``activation_link_replaced``, ``activation_secret_expired``,
            ``email_of_other_adult``.
    """
    user = session.get(User, user_id)
    if user is None or user.fs_uniquifier != fs_uniquifier:
        raise Refusal("activation_link_replaced")
    secret = _take_secret(session, secret_id, now)
    guardian = session.get_one(Guardian, secret.guardian_id)
    family = session.get_one(Family, secret.family_id)
    if _is_other_adult(session, user, guardian):
        raise Refusal("email_of_other_adult")
    former = _detach_former(session, guardian, user, family)
    user.confirmed_at = user.confirmed_at or now
    user.display_name = user.display_name or guardian.full_name
    guardian.user_id = user.id
    guardian.email = user.email
    give_code(session, user, family)
    give_parent_role(session, user)
    actor = Actor(label=f"user:{user.id}", user_id=user.id)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="account_activated",
        subject_kind="guardian",
        subject_id=guardian.id,
        family_id=family.id,
        before={"email": former},
        after={"email": user.email},
    )
    session.flush()
    return Activated(user, guardian, family, former)


def _take_secret(session: Session, secret_id: int, now: datetime) -> ActivationSecret:
    """Use the secret up, in one statement, so that two clicks at once cannot both win."""
    taken = session.execute(
        update(ActivationSecret)
        .where(
            ActivationSecret.id == secret_id,
            ActivationSecret.used_at.is_(None),
            ActivationSecret.revoked_at.is_(None),
            ActivationSecret.expires_at > now,
        )
        .values(used_at=now)
        .returning(ActivationSecret.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    secret = session.get(ActivationSecret, secret_id, populate_existing=True)
    if taken is not None and secret is not None:
        return secret
    if secret is not None and secret.used_at is not None:
        raise Refusal("activation_link_used")
    if secret is not None and secret.revoked_at is None:
        raise Refusal("activation_secret_expired")
    raise Refusal("activation_link_replaced")


def _detach_former(session: Session, guardian: Guardian, user: User, family: Family) -> str | None:
    """Take the adult's earlier account off the file; return its address."""
    if guardian.user_id is None or guardian.user_id == user.id:
        return None
    former = session.get_one(User, guardian.user_id)
    if former.username == family.code:
        former.username = None
        session.flush()
    return former.email


def give_code(session: Session, user: User, family: Family) -> None:
    """Let the account sign in with the code famille, when no other adult does and it has no code yet."""
    holder = session.scalar(select(User.id).where(User.username == family.code))
    if holder is None and user.username is None:
        user.username = family.code


def give_parent_role(session: Session, user: User) -> None:
    """Make the account a parent's, if it is not one yet."""
    role_id = session.scalars(select(RoleRow.id).where(RoleRow.name == Role.PARENT.value)).one()
    if session.get(UserRole, (user.id, role_id)) is None:
        session.add(UserRole(user_id=user.id, role_id=role_id))


def note_failed_sign_in(session: Session, *, now: datetime, user_id: int) -> bool:
    """Count a wrong password; lock the account for a while at the tenth. Return whether it locked now."""
    count = session.execute(
        update(User)
        .where(User.id == user_id)
        .values(failed_sign_ins=User.failed_sign_ins + 1)
        .returning(User.failed_sign_ins)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    if count < MAX_FAILED_SIGN_INS:
        return False
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(failed_sign_ins=0, locked_until=now + timedelta(minutes=LOCK_MINUTES))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session,
        actor=Actor(label="anonymous", user_id=0),
        now=now,
        action="sign_in_locked",
        subject_kind="user",
        subject_id=user_id,
    )
    session.flush()
    return True


def is_locked(user: User, now: datetime) -> bool:
    """Whether the account refuses every password for now."""
    return user.locked_until is not None and user.locked_until > now


def forgive_failed_sign_ins(user: User) -> None:
    """Forget wrong passwords after a right one, or after a new password chosen through the mailbox."""
    if user.failed_sign_ins or user.locked_until is not None:
        user.failed_sign_ins = 0
        user.locked_until = None
