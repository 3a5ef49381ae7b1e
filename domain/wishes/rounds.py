"""Staff make a round: for which days, from when until when, and what each criterion is worth."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.catalogue import catalogue
from domain.wishes.rules import DECLARED, Criterion, Phase, phase
from models.wishes import WishRound, WishSheet

STAFF = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a round says; days are both included, ``quotient_below_cents`` is euros a month in cents."""

    activity_id: int
    name: str
    first_day: date
    last_day: date
    opens_at: datetime
    closes_at: datetime
    points: Mapping[Criterion, int]
    quotient_below_cents: int | None = None


def phase_of(wish_round: WishRound, now: datetime) -> Phase:
    """Return where a round stands."""
    return phase(wish_round.opens_at, wish_round.closes_at, wish_round.published_at, now)


def make_round(session: Session, *, actor: Actor, now: datetime, terms: Terms) -> WishRound:
    """Make a round, and draw the seed that will order equal children: nobody chooses it.

    From now on its days can only be had by wishes, until its answers are published.

    Raises:
        Refusal: ``not_allowed``; ``wish_round_dates``; ``wish_round_without_day``; ``wish_round_overlaps`` (``name``);
            ``wish_round_too_late`` (``deadline``) when the first day could no longer be booked once it closes.
    """
    require_role(actor, *STAFF)
    _check(session, terms)
    made = WishRound(seed=secrets.token_hex(16))
    _write(made, terms)
    session.add(made)
    session.flush()
    _record(session, actor, now, made, "make_wish_round")
    return made


def change_round(session: Session, *, actor: Actor, now: datetime, round_id: int, terms: Terms) -> WishRound:
    """Change a round before it opens; afterwards its end may only be put off, for the rest was published.

    Raises:
        Refusal: those of ``make_round``; ``wish_round_opened``.
    """
    require_role(actor, *STAFF)
    found = session.get_one(WishRound, round_id)
    now_at = phase_of(found, now)
    if now_at is not Phase.COMING:
        is_put_off = now_at is Phase.OPEN and terms.closes_at >= found.closes_at
        if not is_put_off or _said(found) != _said_by(terms):
            raise Refusal("wish_round_opened")
    _check(session, terms, round_id=round_id)
    _write(found, terms)
    session.flush()
    _record(session, actor, now, found, "change_wish_round")
    return found


def delete_round(session: Session, *, actor: Actor, now: datetime, round_id: int) -> None:
    """Delete a round that nobody has answered; its days may be booked as usual again.

    Raises:
        Refusal: ``not_allowed``, ``wish_round_has_wishes``.
    """
    require_role(actor, *STAFF)
    found = session.get_one(WishRound, round_id)
    if session.scalar(select(func.count()).where(WishSheet.round_id == round_id)):
        raise Refusal("wish_round_has_wishes")
    _record(session, actor, now, found, "delete_wish_round")
    session.delete(found)
    session.flush()


def set_declared_aside(
    session: Session, *, actor: Actor, now: datetime, sheet_id: int, codes: list[str], reason: str
) -> WishSheet:
    """Keep what a family declared out of its points, with the reason that it will read; none: all of it counts.

    Raises:
        Refusal: ``not_allowed``, ``wish_round_published``, ``wish_reason_missing``.
    """
    require_role(actor, *STAFF)
    sheet = session.get_one(WishSheet, sheet_id)
    if session.get_one(WishRound, sheet.round_id).published_at is not None:
        raise Refusal("wish_round_published")
    kept = [criterion.value for criterion in DECLARED if criterion in codes and criterion in sheet.declared]
    if kept and not reason:
        raise Refusal("wish_reason_missing")
    before = {"set_aside": sheet.set_aside}
    sheet.set_aside, sheet.set_aside_reason = kept, reason if kept else ""
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="check_wishes",
        subject_kind="child",
        subject_id=sheet.child_id,
        family_id=sheet.family_id,
        before=before,
        after={"set_aside": kept, "reason": sheet.set_aside_reason},
    )
    return sheet


def _check(session: Session, terms: Terms, round_id: int | None = None) -> None:
    if terms.closes_at <= terms.opens_at or terms.last_day < terms.first_day:
        raise Refusal("wish_round_dates")
    activity = catalogue(session).activities[terms.activity_id]
    days = sorted(day for day in activity.opening_days if terms.first_day <= day <= terms.last_day)
    if not days:
        raise Refusal("wish_round_without_day")
    deadline = activity.book_until(days[0])
    if terms.closes_at >= deadline:
        raise Refusal("wish_round_too_late", deadline=deadline)
    other = session.scalars(
        select(WishRound).where(
            WishRound.activity_id == terms.activity_id,
            WishRound.published_at.is_(None),
            WishRound.first_day <= terms.last_day,
            WishRound.last_day >= terms.first_day,
            WishRound.id != (round_id or 0),
        )
    ).first()
    if other is not None:
        raise Refusal("wish_round_overlaps", name=other.name)


def _write(row: WishRound, terms: Terms) -> None:
    row.activity_id, row.name = terms.activity_id, terms.name
    row.first_day, row.last_day = terms.first_day, terms.last_day
    row.opens_at, row.closes_at = terms.opens_at, terms.closes_at
    row.points = {criterion.value: worth for criterion, worth in terms.points.items() if worth}
    row.quotient_below_cents = terms.quotient_below_cents


def _said(row: WishRound) -> tuple[object, ...]:
    """Return what families have read of a round, its end apart."""
    return (
        row.activity_id,
        row.name,
        row.first_day,
        row.last_day,
        row.opens_at,
        dict(row.points),
        row.quotient_below_cents,
    )


def _said_by(terms: Terms) -> tuple[object, ...]:
    row = WishRound()
    _write(row, terms)
    return _said(row)


def _record(session: Session, actor: Actor, now: datetime, row: WishRound, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="wish_round",
        subject_id=row.id,
        after={
            "name": row.name,
            "days": f"{row.first_day.isoformat()}/{row.last_day.isoformat()}",
            "closes_at": row.closes_at.isoformat(),
            "points": dict(row.points),
        },
    )
