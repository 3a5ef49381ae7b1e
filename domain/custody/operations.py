"""A child in two homes, and what each adult may do: written by staff, dated, kept in the trail.

What is over stays written: a change closes what held until its day, and never rewrites the past.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.custody.rules import AdultRights
from domain.errors import Refusal
from domain.family.operations import refresh_search
from models.custody import CustodyArrangement, CustodyPattern, GuardianRight
from models.family import ChildFamily, Family, FamilyState, Guardian

EDITORS = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
MAX_FAMILIES = 2


def attach_child(
    session: Session, *, actor: Actor, now: datetime, child_id: int, family_id: int, valid_from: date
) -> ChildFamily:
    """Put a child into a second family's file, from a day on.

    Raises:
        Refusal: ``not_allowed``, ``family_not_validated``, ``child_already_there``, ``two_families_already``.
    """
    require_role(actor, *EDITORS)
    family = session.get_one(Family, family_id)
    if family.state is not FamilyState.VALIDATED:
        raise Refusal("family_not_validated", family=family.name)
    held = _memberships(session, child_id, valid_from)
    if any(row.family_id == family_id for row in held):
        raise Refusal("child_already_there", family=family.name)
    if len(held) >= MAX_FAMILIES:
        raise Refusal("two_families_already")
    row = ChildFamily(child_id=child_id, family_id=family_id, valid_from=valid_from)
    session.add(row)
    session.flush()
    refresh_search(session, family)
    _record(
        session, actor, now, "attach_child", child_id, [family_id], after={"from": valid_from.isoformat()}
    )
    return row


def detach_child(
    session: Session, *, actor: Actor, now: datetime, child_id: int, family_id: int, valid_to: date
) -> None:
    """Take a child out of one of its two families, from a day on; the calendar between them ends too.

    Raises:
        Refusal: ``not_allowed``, ``child_not_there``, ``only_family``, ``custody_ends_before``.
    """
    require_role(actor, *EDITORS)
    held = _memberships(session, child_id, valid_to)
    row = next((one for one in held if one.family_id == family_id), None)
    if row is None:
        raise Refusal("child_not_there")
    if len(held) == 1:
        raise Refusal("only_family")
    if valid_to <= row.valid_from:
        raise Refusal("custody_ends_before", day=row.valid_from)
    row.valid_to = valid_to
    for arrangement in _arrangements(session, child_id):
        if arrangement.valid_from >= valid_to:
            session.delete(arrangement)
        elif arrangement.valid_to is None or arrangement.valid_to > valid_to:
            arrangement.valid_to = valid_to
    session.flush()
    _record(session, actor, now, "detach_child", child_id, [family_id], after={"to": valid_to.isoformat()})


def set_arrangement(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    pattern: CustodyPattern,
    valid_from: date,
    share_percent: int | None = None,
) -> CustodyArrangement:
    """Write from when, and in which weeks, a child of two families is with ``family_id``.

    What held until that day ends there; a calendar already written for later begins after this one.

    Args:
        share_percent: every day is billed to both, this part of it to ``family_id``; None: each pays its days.

    Raises:
        Refusal: ``not_allowed``, ``custody_needs_two_families``, ``share_out_of_range``.
    """
    require_role(actor, *EDITORS)
    families = {row.family_id for row in _memberships(session, child_id, valid_from)}
    if len(families) != MAX_FAMILIES or family_id not in families:
        raise Refusal("custody_needs_two_families", day=valid_from)
    if share_percent is not None and not 0 <= share_percent <= 100:
        raise Refusal("share_out_of_range")
    other_id = next(iter(families - {family_id}))
    known = _arrangements(session, child_id)
    row = next((one for one in known if one.valid_from == valid_from), None)
    before = _facts(row) if row else None
    for one in known:
        if one.valid_from < valid_from and (one.valid_to is None or one.valid_to > valid_from):
            one.valid_to = valid_from
    if row is None:
        row = CustodyArrangement(child_id=child_id, valid_from=valid_from)
        session.add(row)
    row.family_id, row.other_family_id, row.pattern = family_id, other_id, pattern
    row.share_percent = share_percent
    row.valid_to = min((one.valid_from for one in known if one.valid_from > valid_from), default=None)
    session.flush()
    _record(session, actor, now, "set_custody", child_id, families, before=before, after=_facts(row))
    return row


def end_arrangement(
    session: Session, *, actor: Actor, now: datetime, child_id: int, valid_to: date
) -> CustodyArrangement:
    """End the calendar that holds on a day: from then on, every day is both families' again.

    Raises:
        Refusal: ``not_allowed``, ``custody_not_there``, ``custody_ends_before``.
    """
    require_role(actor, *EDITORS)
    row = next(
        (
            one
            for one in _arrangements(session, child_id)
            if one.valid_from <= valid_to and (one.valid_to is None or one.valid_to > valid_to)
        ),
        None,
    )
    if row is None:
        raise Refusal("custody_not_there", day=valid_to)
    if valid_to == row.valid_from:
        raise Refusal("custody_ends_before", day=row.valid_from)
    before = _facts(row)
    row.valid_to = valid_to
    session.flush()
    families = [row.family_id, row.other_family_id]
    _record(session, actor, now, "end_custody", child_id, families, before=before, after=_facts(row))
    return row


def set_guardian_right(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    guardian_id: int,
    child_id: int,
    rights: AdultRights,
    valid_from: date,
    valid_to: date | None = None,
) -> GuardianRight:
    """Write what an adult may do for a child from a day on; it counts from the very next page asked for.

    Without parental authority an adult neither books nor sees health, whatever is ticked.

    Args:
        valid_to: the day on which the adult has its full rights again; None: until changed.

    Raises:
        Refusal: ``not_allowed``, ``guardian_not_of_child``, ``custody_ends_before``.
    """
    require_role(actor, *EDITORS)
    guardian = session.get_one(Guardian, guardian_id)
    if not any(row.family_id == guardian.family_id for row in _memberships(session, child_id, valid_from)):
        raise Refusal("guardian_not_of_child")
    if valid_to is not None and valid_to <= valid_from:
        raise Refusal("custody_ends_before", day=valid_from)
    for one in _rights(session, guardian_id, child_id):
        if one.valid_from > valid_from:
            session.delete(one)
        elif one.valid_from < valid_from and (one.valid_to is None or one.valid_to > valid_from):
            one.valid_to = valid_from
    session.flush()
    row = next((one for one in _rights(session, guardian_id, child_id) if one.valid_from == valid_from), None)
    if row is None:
        row = GuardianRight(guardian_id=guardian_id, child_id=child_id, valid_from=valid_from)
        session.add(row)
    for name, value in asdict(_consistent(rights)).items():
        setattr(row, name, value)
    row.valid_to = valid_to
    session.flush()
    after = {**asdict(_consistent(rights)), "guardian": guardian.full_name, "from": valid_from.isoformat()}
    _record(session, actor, now, "set_adult_rights", child_id, [guardian.family_id], after=after)
    return row


def withdraw_guardian(
    session: Session, *, actor: Actor, now: datetime, guardian_id: int, child_id: int, valid_from: date
) -> GuardianRight:
    """Take every right over a child from an adult, as a judgment does; see ``set_guardian_right``."""
    nothing = AdultRights(
        has_parental_authority=False, may_reserve=False, may_see_health=False, may_pick_up=False
    )
    return set_guardian_right(
        session,
        actor=actor,
        now=now,
        guardian_id=guardian_id,
        child_id=child_id,
        rights=nothing,
        valid_from=valid_from,
    )


def _consistent(rights: AdultRights) -> AdultRights:
    if rights.has_parental_authority:
        return rights
    return AdultRights(
        has_parental_authority=False,
        may_reserve=False,
        may_see_health=False,
        may_pick_up=rights.may_pick_up,
    )


def _memberships(session: Session, child_id: int, day: date) -> list[ChildFamily]:
    """Return the child's places in families that hold on a day or begin later."""
    return list(
        session.scalars(
            select(ChildFamily)
            .where(
                ChildFamily.child_id == child_id,
                or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > day),
            )
            .order_by(ChildFamily.id)
        )
    )


def _arrangements(session: Session, child_id: int) -> list[CustodyArrangement]:
    found = select(CustodyArrangement).where(CustodyArrangement.child_id == child_id)
    return list(session.scalars(found.order_by(CustodyArrangement.valid_from)))


def _rights(session: Session, guardian_id: int, child_id: int) -> list[GuardianRight]:
    found = select(GuardianRight).where(
        GuardianRight.guardian_id == guardian_id, GuardianRight.child_id == child_id
    )
    return list(session.scalars(found.order_by(GuardianRight.valid_from)))


def _facts(row: CustodyArrangement) -> dict[str, Any]:
    return {
        "family": row.family_id,
        "pattern": row.pattern.value,
        "share_percent": row.share_percent,
        "from": row.valid_from.isoformat(),
        "to": row.valid_to.isoformat() if row.valid_to else None,
    }


def _record(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    child_id: int,
    family_ids: Iterable[int],
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write the act into the trail of each family that it concerns."""
    for family_id in sorted(family_ids):
        audit.record(
            session,
            actor=actor,
            now=now,
            action=action,
            subject_kind="child",
            subject_id=child_id,
            family_id=family_id,
            before=before,
            after=after,
        )
    session.flush()
