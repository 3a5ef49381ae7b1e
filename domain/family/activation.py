"""The letter's one-time secret: how a known family gets its account.

Staff issue a secret for an adult; the adult types it with the code famille, chooses an e-mail and a
password, and clicks the link sent there. Only then is the account attached to the family's file.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.clock import PARIS, local_day
from domain.errors import Refusal
from domain.family.rules import SECRET_ALPHABET, SECRET_LENGTH, read_secret
from models.demarches import Demarche, DemarcheKind, DemarcheState
from models.family import ActivationSecret, Family, FamilyState, Guardian
from models.town import Town

MAX_TRIES = 5

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_DECOY = _hasher.hash("nobody's secret")


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """A secret just made; ``plain`` is shown once, on the letter, and kept nowhere."""

    plain: str
    family_code: str
    guardian_id: int
    family_id: int
    last_day: date


class Answer(StrEnum):
    """What became of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED_NOW = "locked_now"


@dataclass(frozen=True, slots=True)
class Try:
    """The result of a try; ``family_id`` is known when the code famille exists."""

    answer: Answer
    secret: ActivationSecret | None = None
    family_id: int | None = None


def issue_activation_secret(
    session: Session, *, actor: Actor, now: datetime, guardian_id: int
) -> IssuedSecret:
    """Make a new secret for an adult, valid to the end of the town's delay, and revoke the earlier one.

    A call for help of the family's is answered by it.

    Raises:
        Refusal: ``not_allowed``; ``family_not_validated`` when the file has no code famille yet or is closed.
    """
    require_role(actor, Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
    guardian = session.get_one(Guardian, guardian_id)
    family = session.get_one(Family, guardian.family_id)
    if family.state is not FamilyState.VALIDATED or family.code is None:
        raise Refusal("family_not_validated", family=family.name)
    days = session.scalars(select(Town.activation_valid_days)).one()
    last_day = local_day(now) + timedelta(days=days)
    plain = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))
    expires_at = datetime.combine(last_day + timedelta(days=1), time(), PARIS)
    _replace_secret(session, now=now, guardian=guardian, plain=plain, expires_at=expires_at)
    _answer_help(session, actor, now, family.id)
    audit.record(
        session,
        actor=actor,
        now=now,
        action="activation_issued",
        subject_kind="guardian",
        subject_id=guardian.id,
        family_id=family.id,
        after={"last_day": last_day.isoformat()},
    )
    return IssuedSecret(plain, family.code, guardian.id, family.id, last_day)


def _answer_help(session: Session, actor: Actor, now: datetime, family_id: int) -> None:
    """Take the family's call for help off the staff's list: the letter answers it."""
    session.execute(
        update(Demarche)
        .where(
            Demarche.family_id == family_id,
            Demarche.kind == DemarcheKind.ACCESS_HELP,
            Demarche.state == DemarcheState.SUBMITTED,
        )
        .values(state=DemarcheState.ACCEPTED, decided_at=now, decided_by=actor.label)
    )


def issue_unread_secret(
    session: Session, *, now: datetime, guardian: Guardian, expires_at: datetime
) -> ActivationSecret:
    """Make a secret that nobody reads, for a link that proves a mailbox; it revokes the adult's earlier one.

    The caller has checked who asks, and writes the act into the trail.
    """
    return _replace_secret(
        session, now=now, guardian=guardian, plain=secrets.token_hex(), expires_at=expires_at
    )


def _replace_secret(
    session: Session, *, now: datetime, guardian: Guardian, plain: str, expires_at: datetime
) -> ActivationSecret:
    _revoke(session, guardian.id, now)
    row = ActivationSecret(
        family_id=guardian.family_id,
        guardian_id=guardian.id,
        secret_hash=_hasher.hash(plain),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row


def _revoke(session: Session, guardian_id: int, now: datetime) -> None:
    session.execute(
        update(ActivationSecret)
        .where(
            ActivationSecret.guardian_id == guardian_id,
            ActivationSecret.used_at.is_(None),
            ActivationSecret.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


def try_secret(session: Session, *, actor: Actor, now: datetime, code: str, secret: str) -> Try:
    """Check the code famille and the secret; count and audit a wrong one, lock at the fifth.

    The try is counted before the secret is looked at, so that many tries at once gain nothing. Commit
    the transaction whatever the answer. An unknown code takes as long as a known one.
    """
    candidates = _counted_candidates(session, code, now)
    plain = read_secret(secret)
    found = next((row for row in candidates if _matches(row.secret_hash, plain)), None)
    if not candidates:
        _matches(_DECOY, plain)
        family_id = session.scalar(select(Family.id).where(Family.code == code))
        return Try(Answer.WRONG, family_id=family_id)
    family_id = candidates[0].family_id
    if found is not None:
        for row in candidates:
            row.failed_tries = 0
        session.flush()
        return Try(Answer.RIGHT, found, family_id)
    return Try(_note_wrong(session, actor, now, candidates), family_id=family_id)


def _counted_candidates(session: Session, code: str, now: datetime) -> list[ActivationSecret]:
    """Count one try on the code's live secrets, and return those that may still be tried."""
    live = (
        ActivationSecret.family_id.in_(select(Family.id).where(Family.code == code)),
        ActivationSecret.used_at.is_(None),
        ActivationSecret.revoked_at.is_(None),
        ActivationSecret.locked_at.is_(None),
        ActivationSecret.expires_at > now,
        ActivationSecret.failed_tries < MAX_TRIES,
    )
    statement = update(ActivationSecret).where(*live).values(failed_tries=ActivationSecret.failed_tries + 1)
    ids = session.scalars(
        statement.returning(ActivationSecret.id).execution_options(synchronize_session=False)
    ).all()
    rows = select(ActivationSecret).where(ActivationSecret.id.in_(ids)).order_by(ActivationSecret.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _matches(kept_hash: str, plain: str) -> bool:
    try:
        return _hasher.verify(kept_hash, plain)
    except VerifyMismatchError:
        return False


def _note_wrong(session: Session, actor: Actor, now: datetime, rows: list[ActivationSecret]) -> Answer:
    is_locked = any(row.failed_tries >= MAX_TRIES for row in rows)
    if is_locked:
        for row in rows:
            row.locked_at = now
    audit.record(
        session,
        actor=actor,
        now=now,
        action="activation_locked" if is_locked else "activation_wrong_secret",
        subject_kind="family",
        subject_id=rows[0].family_id,
        family_id=rows[0].family_id,
        after={"failed_tries": max(row.failed_tries for row in rows)},
    )
    session.flush()
    return Answer.LOCKED_NOW if is_locked else Answer.WRONG


@dataclass(frozen=True, slots=True)
class LockedCode:
    """A code famille whose secret five wrong tries have locked; staff print a new letter."""

    family_id: int
    family_code: str
    family_name: str
    guardian_id: int
    guardian_name: str
    locked_at: datetime


def live_secret(session: Session, secret_id: int, now: datetime) -> ActivationSecret | None:
    """Return a secret that may still open an account."""
    return session.scalar(
        select(ActivationSecret).where(
            ActivationSecret.id == secret_id,
            ActivationSecret.used_at.is_(None),
            ActivationSecret.revoked_at.is_(None),
            ActivationSecret.locked_at.is_(None),
            ActivationSecret.expires_at > now,
        )
    )


def locked_codes(session: Session) -> list[LockedCode]:
    """Return the codes that wait for a new letter, the latest first."""
    rows = session.execute(
        select(ActivationSecret, Family, Guardian)
        .join(Family, Family.id == ActivationSecret.family_id)
        .join(Guardian, Guardian.id == ActivationSecret.guardian_id)
        .where(ActivationSecret.locked_at.is_not(None), ActivationSecret.revoked_at.is_(None))
        .order_by(ActivationSecret.locked_at.desc())
    )
    return [
        LockedCode(family.id, family.code or "", family.name, adult.id, adult.full_name, secret.locked_at)
        for secret, family, adult in rows
        if secret.locked_at is not None
    ]
