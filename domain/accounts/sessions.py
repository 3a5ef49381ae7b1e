"""Signed-in browsers: each has a key, is seen in a list, and can be signed out from another."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session, joinedload

from domain import audit
from domain.actor import Actor
from domain.errors import Refusal
from models.accounts import User, UserSession

KEY_BYTES = 32
SEEN_EVERY = timedelta(minutes=10)


def hash_key(key: str) -> str:
    """Return what the database keeps of a browser's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def begin_session(session: Session, *, now: datetime, user_id: int, ip: str, browser: str) -> str:
    """Note that an account signed in; return the key that only this browser holds."""
    key = secrets.token_urlsafe(KEY_BYTES)
    session.add(
        UserSession(
            user_id=user_id,
            key_hash=hash_key(key),
            began_at=now,
            seen_at=now,
            ip=ip[:64],
            browser=browser[:300],
        )
    )
    session.flush()
    return key


# Built once: every page of a signed-in person asks it, roles included.
_SIGNED_IN = (
    select(User, UserSession.id, UserSession.seen_at)
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        User.fs_uniquifier == bindparam("uniquifier"),
        User.active,
        UserSession.key_hash == bindparam("key_hash"),
        UserSession.ended_at.is_(None),
    )
    .options(joinedload(User.roles))
)


def find_signed_in(session: Session, *, uniquifier: str, key: str) -> tuple[User, int, datetime] | None:
    """Return the active account of a browser that is still signed in, the browser's row and its last visit."""
    values = {"uniquifier": uniquifier, "key_hash": hash_key(key)}
    row = session.execute(_SIGNED_IN, values).unique().one_or_none()
    return (row[0], row[1], row[2]) if row is not None else None


def is_due(seen_at: datetime, now: datetime) -> bool:
    """Whether a visit is worth noting: every page would be a write."""
    return now - seen_at >= SEEN_EVERY


def list_sessions(session: Session, *, user_id: int, now: datetime, lifetime: timedelta) -> list[UserSession]:
    """Return the browsers of an account that may still come in, the latest first.

    Args:
        lifetime: how long a cookie lasts without a visit.
    """
    statement = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - lifetime - SEEN_EVERY,
    )
    return list(session.scalars(statement.order_by(UserSession.seen_at.desc(), UserSession.id.desc())))


def end_session(session: Session, *, actor: Actor, now: datetime, session_id: int) -> None:
    """Sign one of one's own browsers out.

    Raises:
        Refusal: ``session_not_found`` when it is not one of the actor's, or has ended.
    """
    ended = _end(session, now, UserSession.id == session_id, UserSession.user_id == actor.user_id)
    if not ended:
        raise Refusal("session_not_found")
    _trail(session, actor, now, actor.user_id, "session_ended")


def end_this_session(session: Session, *, now: datetime, key: str) -> None:
    """Note that a browser has signed out."""
    _end(session, now, UserSession.key_hash == hash_key(key))


def end_all_sessions(
    session: Session, *, actor: Actor, now: datetime, user_id: int, but: str | None = None
) -> int:
    """Sign an account out everywhere; return in how many browsers.

    Args:
        but: the key of the browser that stays.
    """
    conditions = [UserSession.user_id == user_id]
    if but is not None:
        conditions.append(UserSession.key_hash != hash_key(but))
    ended = _end(session, now, *conditions)
    if ended:
        _trail(session, actor, now, user_id, "sessions_ended")
    return len(ended)


def _end(session: Session, now: datetime, *conditions: object) -> Sequence[int]:
    statement = (
        update(UserSession)
        .where(UserSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=now)
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).all()


def _trail(session: Session, actor: Actor, now: datetime, user_id: int | None, action: str) -> None:
    audit.record(session, actor=actor, now=now, action=action, subject_kind="user", subject_id=user_id or 0)
    session.flush()
