"""Saint-Préau's direct debits: mandates, a batch that the bank has credited but for one, and others that wait."""

from collections.abc import Sequence
from datetime import date, timedelta

from schwifty import IBAN
from sqlalchemy import select

from demo.families import Builder
from domain.clock import local_day
from domain.dates import at_minutes
from domain.direct_debits.batches import announce_batch, send_batch, settle_batch
from domain.direct_debits.mandates import Account, sign_mandate
from domain.direct_debits.returns import return_debit
from domain.direct_debits.rules import banking_day_from
from models.direct_debits import DirectDebit
from models.family import Guardian
from models.invoices import Invoice
from views.debit_documents import keep_debit_file

COLLECTED, WAITING = 30, 12
NOTICE = timedelta(days=14)
MORNING = 9 * 60


def collect_by_debit(builder: Builder, today: date) -> None:
    """Let families who owe something sign, and collect from the first of them two weeks ago."""
    payers = _payers(builder, COLLECTED + WAITING)
    if not payers:  # in a very small town everybody may have paid
        return
    signed_on = today - timedelta(days=60)
    _sign(builder, payers[:COLLECTED], signed_on)
    announced_on = today - timedelta(days=20)
    _collect(builder, announced_on, banking_day_from(announced_on + NOTICE))
    _sign(builder, payers[COLLECTED:], signed_on)


def _payers(builder: Builder, count: int) -> Sequence[Guardian]:
    """Return the adults of families with something to pay; those that sign in choose for themselves."""
    owing = select(Invoice.family_id).where(Invoice.paid_cents < Invoice.total_cents)
    return builder.session.scalars(
        select(Guardian)
        .where(
            Guardian.rank == 1,
            Guardian.family_id.in_(owing),
            Guardian.family_id.not_in(builder.persona_families),
        )
        .order_by(Guardian.family_id)
        .limit(count)
    ).all()


def _sign(builder: Builder, payers: Sequence[Guardian], signed_on: date) -> None:
    now = at_minutes(signed_on, MORNING)
    for payer in payers:
        # An account that exists nowhere, at a bank that does.
        iban = IBAN.generate("FR", "30004", f"{payer.id:011d}", "00031")
        sign_mandate(
            builder.session,
            actor=builder.actor,
            now=now,
            family_id=payer.family_id,
            account=Account(payer.full_name, str(iban)),
            signed_on=signed_on,
        )


def _collect(builder: Builder, announced_on: date, collection_on: date) -> None:
    """Collect on a day; the last debit comes back."""
    session, actor = builder.session, builder.actor
    told = at_minutes(announced_on, MORNING)
    batch = announce_batch(session, actor=actor, now=told, collection_on=collection_on)
    orders = send_batch(session, actor=actor, now=told + timedelta(days=7), batch_id=batch.id)
    keep_debit_file(batch, orders)
    credited = at_minutes(collection_on, MORNING)
    settle_batch(session, actor=actor, now=credited, batch_id=batch.id)
    last = session.scalars(select(DirectDebit.id).order_by(DirectDebit.id.desc()).limit(1)).one()
    return_debit(
        session,
        actor=actor,
        now=credited + timedelta(days=2),
        debit_id=last,
        reason_code="AM04",
        on=local_day(credited) + timedelta(days=2),
    )
