"""Saint-Préau's money: the months that are over are invoiced, and most families have paid."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from demo.families import Builder
from demo.till import Taking, take
from domain.clock import local_day
from domain.dates import add_months, at_minutes
from domain.invoicing.operations import issue_next_families, preview_run, start_run
from domain.payments.operations import allocate_credit
from models.invoices import Invoice
from models.payments import PaymentMeans
from models.town import Town

BATCH = 100
PAID_SHARE = 0.8
FIRST_DELAY_DAYS = 15
LATEST_DAYS = 12
MEANS = (
    PaymentMeans.CHEQUE,
    PaymentMeans.CASH,
    PaymentMeans.CARD_DESK,
    PaymentMeans.CARD_ONLINE,
    PaymentMeans.CARD_ONLINE,
    PaymentMeans.CARD_ONLINE,
)


def issue_months(builder: Builder, first: date, end: date, today: date) -> int:
    """Issue each month of ``[first, end[`` on the fifth of the next; return how many invoices."""
    count = 0
    month = first
    town = builder.session.get_one(Town, 1)
    usual_days = town.payment_delay_days
    while month < end:
        is_last = add_months(month, 1) >= end
        # The council gave families more time since: the first month is overdue by now.
        town.payment_delay_days = usual_days if is_last else FIRST_DELAY_DAYS
        now = at_minutes(add_months(month, 1) + timedelta(days=4), 9 * 60)
        count += issue_month(builder, month, now)
        _pay(builder, month, now, today, is_last=is_last)
        builder.session.commit()
        month = add_months(month, 1)
    return count


def issue_month(builder: Builder, month: date, now: datetime) -> int:
    """Preview a month, issue it to the end, and return how many invoices it made."""
    session, actor = builder.session, builder.actor
    run = preview_run(session, actor=actor, now=now, month=month)
    start_run(session, actor=actor, now=now, run_id=run.id)
    while batch := issue_next_families(session, actor=actor, now=now, run_id=run.id, limit=BATCH):
        families = [invoice.family_id for invoice in batch.invoices]
        allocate_credit(session, actor=actor, now=now, family_ids=families)
        session.commit()
    session.commit()
    return run.invoice_count


def _pay(builder: Builder, month: date, now: datetime, today: date, *, is_last: bool) -> None:
    """Let most families pay; the people that sign in still have the last month to pay."""
    session, dice = builder.session, builder.dice
    invoices = session.execute(
        select(Invoice.id, Invoice.family_id, Invoice.total_cents)
        .where(Invoice.month == month, Invoice.total_cents > 0)
        .order_by(Invoice.id)
    ).all()
    takings = []
    for invoice_id, family_id, total_cents in invoices:
        is_persona = family_id in builder.persona_families
        forgets = is_last or family_id in builder.forgetful
        if (forgets and is_persona) or (not is_persona and dice.random() > PAID_SHARE):
            continue
        day = working_day(local_day(now) + timedelta(days=dice.randint(1, LATEST_DAYS)))
        if day < today:
            takings.append(Taking(day, family_id, invoice_id, total_cents, dice.choice(MEANS)))
    take(builder, takings)


def working_day(day: date) -> date:
    """Return a day, or the Monday after it when it falls on a week-end."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day
