"""What screens read of mandates and debits."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.direct_debits import DebitBatch, DebitState, DirectDebit, SepaMandate
from models.invoices import Invoice

LIVE = (DebitState.ANNOUNCED, DebitState.SENT)


@dataclass(frozen=True, slots=True)
class ComingDebit:
    """A debit that a family may expect: of which invoice, how much, and when."""

    invoice_id: int
    invoice_number: str
    collection_on: date
    amount_cents: int


def coming_debits(session: Session, family_id: int) -> list[ComingDebit]:
    """Return what a family was told of and the bank has not taken yet, the nearest first."""
    rows = session.execute(
        select(DirectDebit.invoice_id, Invoice.number, DebitBatch.collection_on, DirectDebit.amount_cents)
        .join(DebitBatch, DebitBatch.id == DirectDebit.batch_id)
        .join(Invoice, Invoice.id == DirectDebit.invoice_id)
        .where(DirectDebit.family_id == family_id, DirectDebit.state.in_(LIVE))
        .order_by(DebitBatch.collection_on, Invoice.number)
    )
    return [ComingDebit(*row) for row in rows]


def family_mandates(session: Session, family_id: int) -> list[SepaMandate]:
    """Return a family's mandates, the newest first."""
    return list(
        session.scalars(
            select(SepaMandate).where(SepaMandate.family_id == family_id).order_by(SepaMandate.id.desc())
        )
    )
