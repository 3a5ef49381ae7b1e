"""Differences on issued invoices, kept until the family's next one bills them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from models.corrections import Adjustment


def waiting_adjustments(session: Session, family_ids: Sequence[int]) -> dict[int, list[Adjustment]]:
    """Return the differences that no invoice bills yet, by family, the oldest first."""
    found: dict[int, list[Adjustment]] = defaultdict(list)
    rows = session.scalars(
        select(Adjustment)
        .options(joinedload(Adjustment.corrects))
        .where(Adjustment.family_id.in_(family_ids), Adjustment.invoice_id.is_(None))
        .order_by(Adjustment.id)
    )
    for row in rows:
        found[row.family_id].append(row)
    return found


def bill_adjustments(session: Session, adjustment_ids: Sequence[int], invoice_id: int) -> None:
    """Write down which invoice bills these differences."""
    session.execute(
        update(Adjustment)
        .where(Adjustment.id.in_(adjustment_ids))
        .values(invoice_id=invoice_id)
        .execution_options(synchronize_session=False)
    )


def free_adjustments(session: Session, invoice_id: int) -> None:
    """Let the differences of a cancelled invoice be billed by a later one."""
    session.execute(
        update(Adjustment)
        .where(Adjustment.invoice_id == invoice_id)
        .values(invoice_id=None)
        .execution_options(synchronize_session=False)
    )
