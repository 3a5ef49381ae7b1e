"""The statements of the rights matrix: one of an account, a batch of certificates, a year that is being issued."""

from collections.abc import Callable
from datetime import date, datetime

from domain.clock import local_day
from domain.statements.operations import issue_account
from domain.statements.yearly import start_tax_run
from models.messages import PrintBatch, PrintedKind
from tests.support.households import ACTOR, Household


def issue_statements(house: Household, now: datetime, keep_file: Callable[[], int]) -> dict[str, int]:
    """Give the family a statement of its account, and begin a year's certificates; return the number of each."""
    session = house.session
    statement = issue_account(
        session,
        actor=ACTOR,
        now=now,
        family_id=house.family.id,
        first_on=date(2026, 1, 1),
        last_on=local_day(now),
    )
    statement.file_id = keep_file()
    batch = PrintBatch(
        kind=PrintedKind.TAX_CERTIFICATES,
        month=date(2025, 1, 1),
        invoice_count=1,
        ready_at=now,
        file_id=keep_file(),
    )
    session.add(batch)
    session.flush()
    run = start_tax_run(session, actor=ACTOR, now=now, year=2024)
    return {"statement": statement.id, "tax_batch": batch.id, "tax_run": run.id}
