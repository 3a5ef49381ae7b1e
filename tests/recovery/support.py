"""A family that owes 30,60 € since 4 January 2027, and the days on which something is due of it."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.recovery.handovers import hand_over
from domain.recovery.reminders import send_reminders
from models.invoices import Delivery, Invoice, InvoiceState
from models.recovery import HandoverBatch, Reminder
from tests.invoicing.support import owe_ten_meals
from tests.support.households import ACTOR, Household, instant, make_household

DUE_ON = date(2027, 1, 4)
FIRST, SECOND, THIRD = (instant(day) for day in (date(2027, 1, 11), date(2027, 1, 25), date(2027, 2, 8)))
# Fifteen days after the last reminder.
TRESOR = instant(date(2027, 2, 23))


def make_ower(session: Session) -> Household:
    """Build the family; its one invoice is of November."""
    return make_household(session, lived=owe_ten_meals)


def only_invoice(session: Session) -> Invoice:
    return session.scalars(select(Invoice)).one()


def remind(session: Session, now: datetime, families: Collection[int]) -> list[Reminder]:
    return send_reminders(session, actor=ACTOR, now=now, family_ids=families)


def remind_to_the_end(session: Session, house: Household) -> None:
    """Send the three levels, each on its day."""
    for now in (FIRST, SECOND, THIRD):
        remind(session, now, [house.family.id])


def handed_over(session: Session, house: Household) -> HandoverBatch:
    """Remind to the end, then hand the invoice over."""
    remind_to_the_end(session, house)
    return hand_over(session, actor=ACTOR, now=TRESOR, invoice_ids=[only_invoice(session).id])


def old_debt(like: Invoice) -> Invoice:
    """Another invoice of the same family, of 45,00 €, due since 17 October 2026; without lines."""
    return Invoice(
        number="F2026-000900",
        series="F",
        fiscal_year=2026,
        sequence=900,
        family_id=like.family_id,
        payer_name=like.payer_name,
        payer_address=like.payer_address,
        family_code=like.family_code,
        month=date(2026, 9, 1),
        issued_at=instant(date(2026, 9, 17)),
        due_on=date(2026, 10, 17),
        total_cents=4_500,
        state=InvoiceState.ISSUED,
        delivery=Delivery.PAPER,
    )
