"""What screens read of recovery."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from domain.recovery.overdue import overdue_invoices


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the régie: families to remind, invoices to hand over."""

    families: int
    for_tresor: int


def waiting_recovery(session: Session, now: datetime) -> Waiting:
    """Count what a run of today would send, and what may be handed over."""
    free = [one for one in overdue_invoices(session, now=now) if one.hold is None]
    return Waiting(
        families=len({one.family_id for one in free if one.level is not None}),
        for_tresor=sum(1 for one in free if one.is_for_tresor),
    )
