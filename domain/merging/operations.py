"""Merging, as the service does it: looked at first, then done, and written down whole."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.books import open_books
from domain.errors import Refusal
from domain.family.operations import refresh_search
from domain.merging.families import join_families
from domain.merging.people import Outcome, join_adults, join_children
from domain.merging.rows import Values
from models.family import Child, ChildFamily, Family, Guardian

Mergers = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)


class Merged(StrEnum):
    """What is merged."""

    FAMILY = "family"
    GUARDIAN = "guardian"
    CHILD = "child"


ROWS: dict[Merged, Any] = {
    Merged.FAMILY: Family,
    Merged.GUARDIAN: Guardian,
    Merged.CHILD: Child,
}


def preview_merge(
    session: Session, *, actor: Actor, now: datetime, kind: Merged, kept_id: int, lost_id: int
) -> Outcome:
    """Return what ``merge`` would do: it is done, counted and undone, so that the preview cannot be wrong.

    Raises:
        Refusal: see ``merge``.
    """
    attempt = session.begin_nested()
    try:
        return merge(session, actor=actor, now=now, kind=kind, kept_id=kept_id, lost_id=lost_id)
    finally:
        attempt.rollback()
        session.expire_all()


def merge(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    kind: Merged,
    kept_id: int,
    lost_id: int,
    note: str = "",
) -> Outcome:
    """Make one of two: all that named the one names the other, and the trail keeps whole what is no more.

    Args:
        note: a line for the notes of the kept file, when files are merged.

    Raises:
        Refusal: ``not_allowed``, ``merge_with_itself``, ``merge_gone``, ``merge_adults_apart``; see
            ``join_families``, ``join_adults`` and ``join_children``.
    """
    require_role(actor, *Mergers)
    if kept_id == lost_id:
        raise Refusal("merge_with_itself")
    kept, lost = _locked(session, kind, kept_id, lost_id)
    outcome = Outcome()
    with open_books(session, f"merge_{kind.value}"):
        values = _join(session, now, kept, lost, note, outcome)
    families = _families_of(session, kept)
    for family in families:
        refresh_search(session, family)
    audit.record(
        session,
        actor=actor,
        now=now,
        action=f"merge_{kind.value}",
        subject_kind=kind.value,
        subject_id=kept_id,
        family_id=families[0].id if families else None,
        before={
            "lost": values,
            "people": [one.values for one in outcome.people],
            "set_aside": [{"table": table, **row} for table, row in outcome.moves.set_aside],
            "detached": outcome.detached,
        },
        after={"moved": dict(outcome.moves.moved)},
    )
    session.flush()
    return outcome


def _locked(session: Session, kind: Merged, kept_id: int, lost_id: int) -> tuple[Any, Any]:
    """Return both rows, held until the transaction ends, in an order that two agents share."""
    model = ROWS[kind]
    rows = {
        row.id: row
        for row in session.scalars(
            select(model).where(model.id.in_((kept_id, lost_id))).order_by(model.id).with_for_update()
        )
    }
    if len(rows) < 2:
        raise Refusal("merge_gone")
    return rows[kept_id], rows[lost_id]


def _join(session: Session, now: datetime, kept: Any, lost: Any, note: str, outcome: Outcome) -> Values:
    match kept:
        case Family():
            return join_families(session, now=now, kept=kept, lost=lost, note=note, outcome=outcome)
        case Guardian():
            if kept.family_id != lost.family_id:
                raise Refusal("merge_adults_apart")
            join_adults(session, now=now, kept=kept, lost=lost, outcome=outcome)
        case _:
            join_children(session, kept=kept, lost=lost, outcome=outcome)
    return outcome.people.pop().values


def _families_of(session: Session, kept: Any) -> list[Family]:
    match kept:
        case Family():
            return [kept]
        case Guardian():
            return [session.get_one(Family, kept.family_id)]
        case _:
            members = select(ChildFamily.family_id).where(ChildFamily.child_id == kept.id)
            return list(session.scalars(select(Family).where(Family.id.in_(members)).order_by(Family.id)))
