"""Versions of a tariff: prepared, put in force in one act, and never changed once an invoice used them."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.pricing.queries import load_tariffs, load_version
from domain.pricing.rules import Band, Method, PriceFacts, PriceRule, Residence, unit_price
from domain.pricing.versions import (
    Terms,
    change_version,
    copy_version,
    delete_version,
    is_used,
    prepare_version,
    put_in_force,
    require_prices,
    versions_in_force,
)
from domain.reservations.catalogue import catalogue
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.tariffs import Tariff, TariffVersion
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, AUGUST, Household, make_household

SEPTEMBER, NEXT = date(2026, 9, 1), date(2027, 9, 1)
CANTEEN = ActivityKind.CANTEEN
WHO = {"actor": ACTOR, "now": AUGUST}
FLAT = PriceRule(Method.FLAT, amount_cents=333)


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


@pytest.fixture
def meals(house: Household) -> Tariff:
    return house.session.get_one(Tariff, house.activity(CANTEEN).tariff_id)


def present(db: Session, meals: Tariff) -> TariffVersion:
    return versions_in_force(db, meals.id)[0]


def refused(act) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def terms(*rules: PriceRule, valid_from: date = NEXT) -> Terms:
    return Terms(valid_from, "Hypothèse A", "Délibération", rules)


def price_of(db: Session, meals: Tariff, day: date) -> int:
    return unit_price(load_tariffs(db)[meals.id], PriceFacts(85_000), day).unit_cents


def test_a_draft_prices_nothing_until_it_is_put_in_force(db: Session, meals: Tariff) -> None:
    draft = copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, title="A", **WHO)
    change_version(db, version_id=draft.id, terms=terms(FLAT), **WHO)

    before = price_of(db, meals, NEXT)
    put_in_force(db, version_id=draft.id, **WHO)

    assert (before, price_of(db, meals, NEXT), price_of(db, meals, date(2027, 8, 31))) == (306, 333, 306)


def test_a_copy_has_every_price_of_its_original(db: Session, meals: Tariff) -> None:
    original = present(db, meals)

    draft = copy_version(db, version_id=original.id, valid_from=NEXT, **WHO)

    assert draft.is_draft
    assert load_version(db, draft).rules == load_version(db, original).rules


def test_putting_in_force_ends_the_version_before_the_day_before(db: Session, meals: Tariff) -> None:
    draft = copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, **WHO)

    put_in_force(db, version_id=draft.id, **WHO)

    spans = [(one.valid_from, one.valid_to) for one in versions_in_force(db, meals.id)]
    assert spans == [(SEPTEMBER, NEXT), (NEXT, None)]
    noted = db.scalars(select(AuditEntry).where(AuditEntry.action == "put_tariff_in_force")).one()
    assert (noted.before["valid_to"], noted.after["valid_from"]) == (None, "2027-09-01")
    assert refused(lambda: put_in_force(db, version_id=draft.id, **WHO)) == "version_in_force"


def test_a_version_between_two_ends_where_the_next_one_begins(db: Session, meals: Tariff) -> None:
    for day in (NEXT, date(2027, 1, 1)):
        draft = copy_version(db, version_id=present(db, meals).id, valid_from=day, **WHO)
        put_in_force(db, version_id=draft.id, **WHO)

    spans = [(one.valid_from, one.valid_to) for one in versions_in_force(db, meals.id)]
    assert spans == [(SEPTEMBER, date(2027, 1, 1)), (date(2027, 1, 1), NEXT), (NEXT, None)]


def test_a_draft_may_have_gaps_but_not_come_into_force_with_them(db: Session, meals: Tariff) -> None:
    draft = prepare_version(db, tariff_id=meals.id, valid_from=NEXT, **WHO)
    holed = PriceRule(Method.BANDS, bands=(Band(0, 60_000, 1), Band(60_100, None, 2)))

    change_version(db, version_id=draft.id, terms=terms(holed), **WHO)

    assert refused(lambda: put_in_force(db, version_id=draft.id, **WHO)) == "version_not_whole"
    change_version(db, version_id=draft.id, terms=terms(FLAT), **WHO)
    put_in_force(db, version_id=draft.id, **WHO)
    outsiders = replace(FLAT, residence=Residence.NON_RESIDENT)
    assert refused(lambda: change_version(db, version_id=draft.id, terms=terms(outsiders), **WHO)) == (
        "version_not_whole"
    )
    assert load_version(db, draft).rules == (FLAT,)


def test_a_rule_without_figure_is_refused_even_in_a_draft(db: Session, meals: Tariff) -> None:
    draft = prepare_version(db, tariff_id=meals.id, valid_from=NEXT, **WHO)

    for rules in ((PriceRule(Method.FLAT),), (FLAT, FLAT)):
        assert refused(
            lambda rules=rules: change_version(db, version_id=draft.id, terms=terms(*rules), **WHO)
        ) == ("price_rule_wrong")


def test_a_version_that_an_invoice_used_changes_no_more(db: Session, house: Household, meals: Tariff) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    version = present(db, meals)
    assert not is_used(db, version)

    issue(db)

    assert is_used(db, version)
    assert (
        refused(lambda: change_version(db, version_id=version.id, terms=terms(FLAT), **WHO)) == "version_used"
    )
    assert refused(lambda: delete_version(db, version_id=version.id, **WHO)) == "version_used"


def test_a_sum_kept_for_the_next_invoice_uses_its_version(
    db: Session, house: Household, meals: Tariff
) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 3)

    issue(db)

    assert is_used(db, present(db, meals))


def test_days_that_are_billed_keep_their_price(db: Session, house: Household, meals: Tariff) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(db)
    in_the_month = copy_version(db, version_id=present(db, meals).id, valid_from=date(2026, 11, 16), **WHO)
    after = copy_version(db, version_id=present(db, meals).id, valid_from=date(2026, 12, 1), **WHO)

    assert refused(lambda: put_in_force(db, version_id=in_the_month.id, **WHO)) == "version_days_billed"
    put_in_force(db, version_id=after.id, **WHO)

    assert not is_used(db, after)


def test_two_versions_never_begin_on_one_day(db: Session, meals: Tariff) -> None:
    drafts = [copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, **WHO) for _ in "ab"]
    put_in_force(db, version_id=drafts[0].id, **WHO)

    assert refused(lambda: put_in_force(db, version_id=drafts[1].id, **WHO)) == "version_same_day"


def test_a_deleted_version_gives_its_days_back_to_the_one_before(db: Session, meals: Tariff) -> None:
    draft = copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, **WHO)
    put_in_force(db, version_id=draft.id, **WHO)

    delete_version(db, version_id=draft.id, **WHO)

    assert [(one.valid_from, one.valid_to) for one in versions_in_force(db, meals.id)] == [(SEPTEMBER, None)]
    assert refused(lambda: delete_version(db, version_id=present(db, meals).id, **WHO)) == "version_needed"


def test_the_pages_of_the_portal_read_a_new_price_at_once(
    db: Session, house: Household, meals: Tariff
) -> None:
    before = catalogue(db).activities[house.activity(CANTEEN).id].tariff
    draft = copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, **WHO)

    put_in_force(db, version_id=draft.id, **WHO)

    after = catalogue(db).activities[house.activity(CANTEEN).id].tariff
    assert (len(before.versions), len(after.versions)) == (1, 2)


def test_a_formula_without_price_is_refused(db: Session, house: Household) -> None:
    leisure = house.activity(ActivityKind.WEDNESDAY_LEISURE).tariff_id
    require_prices(db, tariff_id=leisure, today=NOVEMBER)
    draft = prepare_version(db, tariff_id=leisure, valid_from=NEXT, **WHO)
    only_day = replace(FLAT, formula_key="day")

    change_version(db, version_id=draft.id, terms=terms(only_day), **WHO)

    assert refused(lambda: put_in_force(db, version_id=draft.id, **WHO)) == "version_not_whole"
    empty = Tariff(name="Sans version")
    db.add(empty)
    db.flush()
    assert refused(lambda: require_prices(db, tariff_id=empty.id, today=NOVEMBER)) == "formula_without_price"


@pytest.mark.parametrize(
    ("role", "prepares", "decides"),
    [
        (Role.ADMINISTRATOR, True, True),
        (Role.REGISSEUR, True, False),
        (Role.SCHOOL_AGENT, False, False),
        (Role.ACTIVITY_LEADER, False, False),
    ],
)
def test_who_prepares_and_who_decides(
    db: Session, meals: Tariff, role: Role, prepares: bool, decides: bool
) -> None:
    actor = Actor(label="user:1", user_id=1, roles=frozenset({role}))
    draft = copy_version(db, version_id=present(db, meals).id, valid_from=NEXT, **WHO)
    acts = {
        "prepares": lambda: prepare_version(db, actor=actor, now=AUGUST, tariff_id=meals.id, valid_from=NEXT),
        "decides": lambda: put_in_force(db, actor=actor, now=AUGUST, version_id=draft.id),
    }

    for name, may in (("prepares", prepares), ("decides", decides)):
        if may:
            acts[name]()
        else:
            assert refused(acts[name]) == "not_allowed"
