"""One invoice taken by direct debit, for the rights matrix."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.direct_debits.batches import announce_batch, send_batch
from domain.direct_debits.mandates import Account, sign_mandate
from models.direct_debits import DirectDebit
from models.documents import StoredFile
from tests.support.households import ACTOR, Household

Keep = Callable[[Session, bytes, str], StoredFile]


def send_one_debit(house: Household, now: datetime, keep: Keep) -> dict[str, int]:
    """Let the family sign, and hand its invoice to the bank; return the numbers of each."""
    session = house.session
    account = Account("Alice Martin", "FR76 3000 4000 0312 3456 7890 143")
    mandate = sign_mandate(session, actor=ACTOR, now=now, family_id=house.family.id, account=account)
    mandate.file_id = keep(session, b"%PDF-1.4", "application/pdf").id
    batch = announce_batch(session, actor=ACTOR, now=now, collection_on=local_day(now) + timedelta(days=14))
    send_batch(session, actor=ACTOR, now=now, batch_id=batch.id)
    batch.file_id = keep(session, b"<Document/>", "application/xml").id
    debit = session.scalars(select(DirectDebit.id)).one()
    return {"mandate": mandate.id, "debit_batch": batch.id, "debit": debit}
