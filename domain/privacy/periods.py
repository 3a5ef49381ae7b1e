"""How long this town keeps each kind of data: the usual periods, or its own."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.privacy.rules import USUAL, Kind, check_months
from models.privacy import RetentionKind, RetentionPeriod
from models.town import Town


def periods(session: Session) -> dict[Kind, int]:
    """Return the months that each kind is kept."""
    own = {Kind(row.kind): row.months for row in session.scalars(select(RetentionPeriod))}
    return {kind: own.get(kind, usual.months) for kind, usual in USUAL.items()}


def set_periods(
    session: Session, *, actor: Actor, now: datetime, months: Mapping[Kind, int], by_itself: bool
) -> None:
    """Choose the periods, and whether the worker purges by itself or only reminds.

    Raises:
        Refusal: ``not_allowed``, ``retention_out_of_range`` (``least``, ``most``).
    """
    require_role(actor, Role.ADMINISTRATOR)
    before = periods(session)
    for kind, wanted in months.items():
        check_months(kind, wanted)
        if wanted != before[kind]:
            session.merge(RetentionPeriod(kind=RetentionKind(kind), months=wanted))
    town = session.get_one(Town, 1)
    is_changed = town.purges_by_itself is not by_itself
    town.purges_by_itself = by_itself
    session.flush()
    after = periods(session)
    changed = [kind for kind in before if before[kind] != after[kind]]
    if changed or is_changed:
        audit.record(
            session,
            actor=actor,
            now=now,
            action="set_retention",
            subject_kind="town",
            subject_id=1,
            before={kind.value: before[kind] for kind in changed},
            after={kind.value: after[kind] for kind in changed} | {"by_itself": by_itself},
        )
        session.flush()
