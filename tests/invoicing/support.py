"""Months issued for tests, and the price lists of the worked figures."""

from datetime import date

from sqlalchemy.orm import Session

from domain.invoicing.operations import issue_next_families, preview_run, start_run
from models.activities import ActivityKind
from models.invoices import InvoiceRun
from models.tariffs import PriceMethod, PriceRule, Tariff, TariffVersion
from models.town import raise_revision
from tests.support.households import ACTOR, Household, instant

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
ON_TIME = instant(date(2026, 12, 5))


def issue(session: Session, month: date = NOVEMBER, limit: int = 100) -> InvoiceRun:
    """Preview a month and issue it to the end."""
    run = preview_run(session, actor=ACTOR, now=ON_TIME, month=month)
    start_run(session, actor=ACTOR, now=ON_TIME, run_id=run.id)
    while issue_next_families(session, actor=ACTOR, now=ON_TIME, run_id=run.id, limit=limit):
        session.flush()
    return run


def owe_ten_meals(house: Household) -> None:
    """Ten meals of November for the elder child, issued: 30,60 €."""
    house.book(house.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    issue(house.session)


def set_price(house: Household, kind: ActivityKind, *prices: tuple[date, int]) -> None:
    """Give an activity flat prices of its own, each from a day on."""
    ends = [*(day for day, _ in prices[1:]), None]
    tariff = Tariff(
        name=f"Tarif d’essai {kind.value}",
        versions=[
            TariffVersion(
                valid_from=day,
                valid_to=end,
                rules=[PriceRule(method=PriceMethod.FLAT, amount_cents=cents, bands=[])],
            )
            for (day, cents), end in zip(prices, ends, strict=True)
        ],
    )
    house.session.add(tariff)
    house.session.flush()
    house.activity(kind).tariff_id = tariff.id
    house.session.flush()
    raise_revision(house.session)
