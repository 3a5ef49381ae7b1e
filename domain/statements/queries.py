"""What the pages of statements show: the years of a family, and what was issued."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.statements.operations import tax_facts
from domain.statements.tax import paid_years
from models.payments import Payment
from models.statements import Statement, StatementKind

# A declaration of income can be put right until the end of the third year after it.
YEARS_BACK = 4


@dataclass(frozen=True, slots=True)
class TaxYear:
    """A year of a family: what its certificate says, or would say today; those issued, the newest first."""

    year: int
    facts: Mapping[str, Any]
    issued: tuple[Statement, ...]
    is_over: bool

    @property
    def has_something(self) -> bool:
        """Whether there is something to attest."""
        return bool(self.facts["children"])

    @property
    def is_changed(self) -> bool:
        """Whether what was issued no longer says what was paid."""
        return bool(self.issued) and self.issued[0].facts != self.facts


def tax_years(session: Session, *, family_id: int, today: date) -> list[TaxYear]:
    """Return the present year, and the years before it with something to attest, the newest first."""
    first = session.scalar(select(func.min(Payment.received_at)).where(Payment.family_id == family_id))
    oldest = max(today.year - YEARS_BACK, local_day(first).year if first else today.year)
    years = range(oldest, today.year + 1)
    paid = paid_years(session, [family_id], years)[family_id]
    issued = session.scalars(
        select(Statement)
        .where(Statement.family_id == family_id, Statement.kind == StatementKind.TAX)
        .order_by(Statement.id.desc())
    ).all()
    found = [
        TaxYear(
            year,
            tax_facts(paid, year),
            tuple(one for one in issued if one.first_on.year == year),
            year < today.year,
        )
        for year in reversed(years)
    ]
    return [one for one in found if one.has_something or one.issued or not one.is_over]
