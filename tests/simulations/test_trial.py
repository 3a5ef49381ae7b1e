"""A price list tried on what was billed: unchanged it changes nothing, and what it changes is what would be billed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.books import open_books
from domain.errors import Refusal
from domain.family.quotients import record_quotient
from domain.pricing.queries import load_version
from domain.pricing.rules import Band, Method, PriceRule, Residence, read_rule
from domain.pricing.versions import Terms, change_version, copy_version, put_in_force, versions_in_force
from domain.simulations.operations import request_simulation, run_simulation, waiting_simulations
from models.activities import ActivityFormula, ActivityKind
from models.attendance import Presence
from models.audit import AuditEntry
from models.invoices import Invoice, InvoiceLine, LineKind
from models.quotients import QuotientSource
from models.tariffs import SiblingDiscount, SimulationState, TariffSimulation
from tests.invoicing.support import DECEMBER, NOVEMBER, issue
from tests.support.households import ACTOR, AUGUST, Household, instant, make_household

CANTEEN, EVENING = ActivityKind.CANTEEN, ActivityKind.EVENING_CHILDCARE
STUDY, WEDNESDAY = ActivityKind.SUPERVISED_STUDY, ActivityKind.WEDNESDAY_LEISURE
SEPTEMBER, NEXT = date(2026, 9, 1), date(2027, 9, 1)
WHO = {"actor": ACTOR, "now": AUGUST}


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def try_rules(
    house: Household,
    kind: ActivityKind,
    change=lambda rules: rules,
    months: tuple[date, date] = (NOVEMBER, NOVEMBER),
) -> dict:
    """Copy an activity's price list, change the copy, and try it; return what came of it."""
    session = house.session
    [version] = versions_in_force(session, house.activity(kind).tariff_id)
    draft = copy_version(session, version_id=version.id, valid_from=NEXT, **WHO)
    rules = change(load_version(session, draft).rules)
    change_version(session, version_id=draft.id, terms=Terms(NEXT, "Essai", "", tuple(rules)), **WHO)
    asked = request_simulation(
        session, version_id=draft.id, first_month=months[0], last_month=months[1], **WHO
    )
    for _done in run_simulation(session, simulation_id=asked.id):
        session.flush()
    assert asked.result is not None
    return asked.result


def use_everything(house: Household) -> None:
    """Let both children use every activity, in all the ways that make a price."""
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    house.book(house.younger, CANTEEN, NOVEMBER, 14)
    house.book(house.elder, STUDY, NOVEMBER, 8)
    evenings = house.days(EVENING, NOVEMBER, 7)
    house.book(house.younger, EVENING, NOVEMBER, 7)
    for day, minutes in zip(evenings, (20, 30, 31, 90, 92, 119, 180), strict=True):
        came = house.call(house.younger, day, Presence.PRESENT)
        came.arrived_at = instant(day.day, 16)
        came.left_at = came.arrived_at + timedelta(minutes=minutes)
    day, half_day = (
        house.session.scalars(select(ActivityFormula.id).where(ActivityFormula.key == key)).one()
        for key in ("day", "half_day")
    )
    house.book(house.elder, WEDNESDAY, NOVEMBER, 3, day)
    house.book(house.younger, WEDNESDAY, NOVEMBER, 3, half_day)
    unbooked = house.days(CANTEEN, NOVEMBER, 16)[-1]
    house.call(house.younger, unbooked, Presence.PRESENT)
    house.session.flush()


def billed_cents(house: Household, kind: ActivityKind) -> int:
    activities = [one.id for one in house.setting.activities if one.kind == kind]
    lines = house.session.scalar(
        select(func.sum(InvoiceLine.amount_cents)).where(InvoiceLine.activity_id.in_(activities))
    )
    tariff = house.activity(kind).tariff_id
    discounts = [
        line.amount_cents
        for line in house.session.scalars(select(InvoiceLine).where(InvoiceLine.kind == LineKind.DISCOUNT))
        if line.explanation["discount"]["tariff_id"] == tariff
    ]
    return (lines or 0) + sum(discounts)


@pytest.mark.parametrize("kind", [CANTEEN, EVENING, STUDY, WEDNESDAY])
def test_an_unchanged_copy_changes_nothing_to_the_cent(house: Household, kind: ActivityKind) -> None:
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    use_everything(house)
    issue(house.session)

    result = try_rules(house, kind)

    billed = billed_cents(house, kind)
    assert billed > 0
    assert (result["before_cents"], result["after_cents"]) == (billed, billed)
    assert (result["rising"], result["falling"], result["kept_quantity"]) == (0, 0, 0)


def raised(rules):
    """A ceiling and a rate of meals that are dearer."""
    return [
        replace(rule, rate_ppm=4000, ceiling_cents=500) if rule.method is Method.EFFORT else rule
        for rule in rules
    ]


def test_a_higher_rate_brings_what_it_would_have_billed(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(house.session)

    result = try_rules(house, CANTEEN, raised)

    # QF 850: 16 meals at 3,06 €, which at 0,40 % are 3,40 €.
    assert (result["before_cents"], result["after_cents"]) == (16 * 306, 16 * 340)
    [group] = result["groups"]
    assert (group["place"], group["low_cents"], group["high_cents"]) == ("resident", 60_000, 90_000)
    assert (group["families"], group["quantity"], group["family_months"]) == (1, 16, 1)
    assert result["rises"] == [{"family_id": house.family.id, "before_cents": 4896, "after_cents": 5440}]


def test_what_is_simulated_is_what_the_month_would_bill(house: Household) -> None:
    """The same bookings, billed once at each price list: the difference is the one that the trial said."""
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    for month in (NOVEMBER, DECEMBER):
        house.book(house.elder, CANTEEN, month, 10)
        house.book(house.younger, CANTEEN, month, 10)
    issue(house.session)

    result = try_rules(house, CANTEEN, raised)
    [old] = versions_in_force(house.session, house.activity(CANTEEN).tariff_id)
    draft = copy_version(house.session, version_id=old.id, valid_from=DECEMBER, **WHO)
    rules = tuple(raised(load_version(house.session, draft).rules))
    change_version(house.session, version_id=draft.id, terms=Terms(DECEMBER, "", "", rules), **WHO)
    put_in_force(house.session, version_id=draft.id, **WHO)
    issue(house.session, DECEMBER)

    november, december = house.session.scalars(select(Invoice.total_cents).order_by(Invoice.month)).all()
    assert result["after_cents"] - result["before_cents"] == december - november


def test_the_whole_bill_s_discount_follows_the_prices(house: Household) -> None:
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    house.book(house.younger, CANTEEN, NOVEMBER, 10)
    issue(house.session)

    result = try_rules(house, CANTEEN, raised)

    # 34 cents more for 20 meals, and 10 % of the younger's 3,40 € more.
    assert result["after_cents"] - result["before_cents"] == 20 * 34 - 34


def test_a_price_that_begins_to_ask_for_the_quotient_finds_that_of_the_day(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 7)
    issue(house.session)
    record_quotient(
        house.session,
        family_id=house.family.id,
        value_cents=120_000,
        source=QuotientSource.CAF,
        valid_from=DECEMBER,
        **WHO,
    )
    bands = (Band(0, 85_000, 100), Band(85_000, 120_000, 200), Band(120_000, None, 300))

    result = try_rules(house, EVENING, lambda rules: [PriceRule(Method.BANDS, bands=bands), *rules[1:]])

    assert result["after_cents"] == 7 * 200
    assert [(group["low_cents"], group["high_cents"]) for group in result["groups"]] == [(85_000, 120_000)]


def test_outsiders_are_a_group_of_their_own(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    issue(house.session)
    line = house.session.scalars(select(InvoiceLine)).one()
    price = line.explanation["price"] | {"residence": "non_resident", "method": "flat"}
    price.pop("quotient_cents")
    with open_books(house.session, "test"):
        line.explanation = line.explanation | {"price": price}
        line.unit_cents, line.amount_cents = 680, 6800
        house.session.flush()

    result = try_rules(
        house,
        CANTEEN,
        lambda rules: [
            replace(rule, amount_cents=700) if rule.residence is Residence.NON_RESIDENT else rule
            for rule in rules
        ],
    )

    [group] = result["groups"]
    assert (group["place"], group["before_cents"], group["after_cents"]) == ("non_resident", 6800, 7000)


def test_a_presence_that_was_corrected_since_keeps_its_price(house: Household) -> None:
    evening = house.days(EVENING, NOVEMBER, 1)[0]
    house.book(house.younger, EVENING, NOVEMBER, 7)
    house.book(house.younger, CANTEEN, NOVEMBER, 10)
    issue(house.session)
    came = house.call(house.younger, evening, Presence.PRESENT)
    came.arrived_at, came.left_at = instant(evening.day, 16), instant(evening.day, 17)
    house.session.flush()

    result = try_rules(house, EVENING, lambda rules: [replace(rules[0], amount_cents=200), *rules[1:]])

    # Six evenings of two hours at four slices of 85 cents more; the seventh was shortened after the invoice.
    assert result["kept_quantity"] == 1
    assert result["after_cents"] - result["before_cents"] == 6 * 4 * 85


def test_what_is_too_small_to_invoice_is_told_apart(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 3)
    issue(house.session)

    result = try_rules(house, CANTEEN)

    assert (result["quantity"], result["carried_cents"]) == (0, 918)


def test_a_simulation_keeps_the_prices_that_it_tried_and_its_progress(house: Household) -> None:
    session = house.session
    [version] = versions_in_force(session, house.activity(CANTEEN).tariff_id)
    asked = request_simulation(
        session, version_id=version.id, first_month=NOVEMBER, last_month=DECEMBER, **WHO
    )
    assert waiting_simulations(session) == [asked.id]

    done = list(run_simulation(session, simulation_id=asked.id))

    kept = session.scalars(select(TariffSimulation)).one()
    assert (done, kept.done_count, kept.state) == ([1, 2], 2, SimulationState.DONE)
    assert tuple(read_rule(rule) for rule in kept.rules) == load_version(session, version).rules
    assert waiting_simulations(session) == []
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "simulate_tariff")).one()


def test_a_simulation_asks_for_a_whole_grid_and_a_sensible_period(house: Household) -> None:
    session = house.session
    [version] = versions_in_force(session, house.activity(CANTEEN).tariff_id)
    draft = copy_version(session, version_id=version.id, valid_from=NEXT, **WHO)
    change_version(session, version_id=draft.id, terms=Terms(NEXT, "", "", ()), **WHO)
    leader = Actor(label="user:1", user_id=1, roles=frozenset({Role.ACTIVITY_LEADER}))

    def ask(code: str, **facts) -> None:
        with pytest.raises(Refusal) as refusal:
            request_simulation(
                session,
                **(WHO | {"version_id": version.id, "first_month": NOVEMBER, "last_month": NOVEMBER} | facts),
            )
        assert refusal.value.code == code

    ask("version_not_whole", version_id=draft.id)
    ask("simulation_period", last_month=date(2026, 10, 1))
    ask("simulation_period", last_month=date(2029, 1, 1))
    ask("not_allowed", actor=leader)
