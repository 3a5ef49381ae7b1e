"""A family whose younger child is under six on 1 January 2026, its November issued in December, paid as a test says."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.statements.operations import issue_tax_certificate
from models.activities import ActivityKind
from models.invoices import Invoice, InvoiceKind
from models.payments import Payment, PaymentMeans
from models.statements import Statement
from tests.invoicing.support import NOVEMBER
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.money import take_money

SPRING = instant(date(2027, 3, 1))


def household(db: Session) -> Household:
    """Léo eats; Jade, under six on 1 January 2026, eats and stays in the evening; November is issued."""
    return make_household(db, lived=_book_november)


def _book_november(house: Household) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    house.book(house.younger, ActivityKind.CANTEEN, NOVEMBER, 10)
    house.book(house.younger, ActivityKind.EVENING_CHILDCARE, NOVEMBER, 5)


def pay(
    db: Session, house: Household, cents: int, day: date, means: PaymentMeans = PaymentMeans.CHEQUE
) -> Payment:
    return take_money(
        db, actor=ACTOR, now=instant(day), family_id=house.family.id, means=means, amount_cents=cents
    )


def total_of(db: Session) -> int:
    return db.scalars(select(Invoice.total_cents).where(Invoice.kind == InvoiceKind.INVOICE)).one()


def certificate_of(db: Session, house: Household, year: int, now: datetime = SPRING) -> Statement:
    return issue_tax_certificate(db, actor=ACTOR, now=now, family_id=house.family.id, year=year)
