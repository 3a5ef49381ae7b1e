"""A new family's way in: an account that its owner opens alone, usable once the e-mail's link is clicked.

What the person says of itself waits on a draft declaration; no family file exists before the declaration's
first task is done.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.actor import Actor
from domain.errors import Refusal
from domain.family.accounts import give_parent_role, is_staff_account, new_uniquifier
from domain.family.names import full_name
from models.accounts import User
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import Family, FamilyState, Guardian


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks for an account; either name may be missing, the telephone is in E.164 form or empty."""

    family_name: str
    given_name: str = ""
    phone: str = ""


class SigningUp(StrEnum):
    """What the mail to the address must say; the page says the same for all."""

    CONFIRM = "confirm"
    HAS_ACCOUNT = "has_account"
    HAS_FAMILY = "has_family"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What became of a demand; ``user`` waits for its link, and is None when no account was made."""

    what: SigningUp
    user: User | None = None


def sign_up(
    session: Session, *, now: datetime, email: str, password_hash: str, identity: Identity
) -> SignedUp:
    """Prepare the account of somebody whom the town does not know; nothing is usable before the link.

    An address that has a working account, or that staff use, is left alone. So is one that a validated family
    gave: its way in is the letter. An account that still waits takes the new password, and the links sent
    before stop working, so that nobody confirms a password that another chose.

    Args:
        email: in lower case.
        password_hash: the chosen password, already hashed.

    Raises:
        Refusal: ``guardian_name_missing``.
    """
    name = full_name(identity.given_name, identity.family_name)
    if not name:
        raise Refusal("guardian_name_missing")
    user = session.scalar(select(User).where(User.email == email))
    if user is not None and _is_settled(session, user):
        return SignedUp(SigningUp.HAS_ACCOUNT)
    if _is_known_adult(session, email):
        return SignedUp(SigningUp.HAS_FAMILY)
    if user is None:
        user = User(email=email, active=True)
        session.add(user)
    user.password, user.display_name, user.fs_uniquifier = password_hash, name, new_uniquifier()
    session.flush()
    give_parent_role(session, user)
    draft = _draft_of(session, user)
    draft.answers = {"identity": asdict(identity)}
    session.flush()
    session.refresh(user, ["roles"])
    _trail(session, now, user)
    return SignedUp(SigningUp.CONFIRM, user)


def _is_settled(session: Session, user: User) -> bool:
    return user.confirmed_at is not None or not user.active or is_staff_account(session, user)


def _is_known_adult(session: Session, email: str) -> bool:
    known = (
        select(Guardian.id)
        .join(Family, Family.id == Guardian.family_id)
        .where(Guardian.email == email, Family.state == FamilyState.VALIDATED)
    )
    return session.scalar(known.limit(1)) is not None


def _draft_of(session: Session, user: User) -> Demarche:
    """Return the draft declaration that the account has already, or a new one."""
    draft = session.scalar(
        select(Demarche).where(
            Demarche.kind == DemarcheKind.FAMILY_DECLARATION,
            Demarche.state == DemarcheState.DRAFT,
            Demarche.user_id == user.id,
        )
    )
    if draft is None:
        draft = Demarche(
            kind=DemarcheKind.FAMILY_DECLARATION, state=DemarcheState.DRAFT, user_id=user.id, answers={}
        )
        session.add(draft)
        session.flush()
    return draft


def _trail(session: Session, now: datetime, user: User) -> None:
    audit.record(
        session,
        actor=Actor(label=f"user:{user.id}", user_id=user.id),
        now=now,
        action="sign_up",
        subject_kind="user",
        subject_id=user.id,
        after={"email": user.email},
    )
