"""A little of the year before: Wednesdays that were paid in 2025, so that a tax certificate can be downloaded."""

from datetime import date, time, timedelta

from sqlalchemy import select

from demo.families import Builder
from demo.money import issue_month
from demo.settings import FIRST_DAY, WEDNESDAY
from domain.calendar.operations import seed_school_year
from domain.clock import local_day
from domain.dates import age_in_months, at
from domain.payments.transfers import record_transfer
from domain.reservations.opening import open_days, register_child
from domain.reservations.operations import Choice, reserve_days
from models.activities import Activity, ActivityDay, ActivityFormula, ActivityKind, OpenPeriod
from models.base import stamp_session
from models.family import Child, ChildFamily
from models.invoices import Invoice
from models.tariffs import PriceMethod, PriceRule, Tariff, TariffVersion

SEPTEMBER, OCTOBER = date(2025, 9, 1), date(2025, 10, 1)
NEW_YEAR = date(2025, 1, 1)
THREE_YEARS, SIX_YEARS = 36, 72
MEAL_CENTS = 350


def remember_last_year(builder: Builder) -> None:
    """Let the young children of the people that sign in spend the Wednesdays of October 2025 at the centre; paid."""
    session, actor = builder.session, builder.actor
    began = at(SEPTEMBER, time(9))
    stamp_session(session, actor.label, began)
    children = _young_children(builder)
    activity = _wednesdays(builder)
    open_days(session, actor=actor, now=began, activity_id=activity.id)
    for child_id, family_id in children:
        _spend(builder, activity, child_id, family_id)
    billed_at = at(date(2025, 11, 5), time(9))
    issue_month(builder, OCTOBER, billed_at)
    invoices = session.execute(
        select(Invoice.id, Invoice.family_id, Invoice.total_cents).where(Invoice.month == OCTOBER)
    ).all()
    for invoice_id, family_id, total_cents in invoices:
        paid_at = billed_at + timedelta(days=7)
        record_transfer(
            session,
            actor=actor,
            now=paid_at,
            family_id=family_id,
            amount_cents=total_cents,
            received_on=local_day(paid_at),
            bank_reference=f"VIR {family_id:05d} CANTINE",
            invoice_ids=[invoice_id],
        )
    activity.is_active = False
    stamp_session(session, actor.label, builder.now)
    session.flush()


def _young_children(builder: Builder) -> list[tuple[int, int]]:
    """Return the children of the people that sign in who were three by then and under six on 1 January 2025."""
    rows = builder.session.execute(
        select(Child.id, Child.born_on, ChildFamily.family_id)
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .where(ChildFamily.family_id.in_(builder.persona_families))
        .order_by(Child.id)
    )
    return [
        (child_id, family_id)
        for child_id, born_on, family_id in rows
        if age_in_months(born_on, OCTOBER) >= THREE_YEARS and age_in_months(born_on, NEW_YEAR) < SIX_YEARS
    ]


def _wednesdays(builder: Builder) -> Activity:
    session = builder.session
    year = seed_school_year(
        session, actor=builder.actor, now=at(SEPTEMBER, time(9)), first_year=2025, zone="B"
    )
    price = PriceRule(method=PriceMethod.FLAT, amount_cents=1260, bands=[])
    version = TariffVersion(
        valid_from=SEPTEMBER, valid_to=FIRST_DAY, deliberation="Délibération du 23 juin 2025", rules=[price]
    )
    tariff = Tariff(
        name="Accueil de loisirs du mercredi 2025",
        unit_name="journée",
        units_name="journées",
        versions=[version],
    )
    session.add(tariff)
    session.flush()
    activity = Activity(
        school_year_id=year.id,
        site_id=builder.setting.sites["Centre de loisirs des Prés"].id,
        kind=ActivityKind.WEDNESDAY_LEISURE,
        name="Accueil de loisirs du mercredi",
        short_name="Mercredi",
        period=OpenPeriod.SCHOOL,
        weekdays=WEDNESDAY,
        starts_at=time(8, 0),
        ends_at=time(18, 0),
        places=150,
        min_age_months=THREE_YEARS,
        max_age_months=155,
        tariff_id=tariff.id,
    )
    session.add(activity)
    session.flush()
    day = ActivityFormula(
        activity_id=activity.id, key="day", name="Journée avec repas", starts_at=time(8, 0), ends_at=time(18, 0),
        has_meal=True, meal_share_cents=MEAL_CENTS,
    )  # fmt: skip
    session.add(day)
    session.flush()
    return activity


def _spend(builder: Builder, activity: Activity, child_id: int, family_id: int) -> None:
    """Register a child and book its Wednesdays of October."""
    who = {
        "actor": builder.actor,
        "now": at(SEPTEMBER, time(9)),
        "child_id": child_id,
        "family_id": family_id,
    }
    register_child(builder.session, activity_id=activity.id, **who)
    formula_id = builder.session.scalars(
        select(ActivityFormula.id).where(ActivityFormula.activity_id == activity.id)
    ).one()
    days = builder.session.scalars(
        select(ActivityDay.id).where(
            ActivityDay.activity_id == activity.id,
            ActivityDay.day >= OCTOBER,
            ActivityDay.day < date(2025, 11, 1),
            ActivityDay.closed_reason.is_(None),
        )
    )
    reserve_days(builder.session, choices=[Choice(day_id, formula_id) for day_id in days], **who)
