"""Statements of a real family, on each database: what was paid, who came, what the ledger says."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.invoicing.credit import correct_invoice
from domain.payments.operations import allocate_credit
from domain.payments.queries import balance_cents
from domain.statements.account import account_facts
from domain.statements.attendance import attendance_facts
from domain.statements.operations import (
    issue_account,
    issue_attendance,
)
from domain.statements.queries import tax_years
from domain.statements.tax import paid_years
from models.activities import ActivityFormula, ActivityKind
from models.attendance import Attendance, Presence
from models.family import ChildFamily
from models.invoices import Invoice, InvoiceKind, InvoiceLine
from models.payments import Allocation, Payment, PaymentMeans
from tests.invoicing.support import DECEMBER, NOVEMBER, issue
from tests.statements.support import SPRING, certificate_of, household, pay, total_of
from tests.support.households import ACTOR, Household, instant, make_family, make_household
from tests.support.money import take_money


def test_certificate_tells_the_care_of_the_young_child_and_leaves_meals_out(db: Session) -> None:
    house = household(db)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))

    found = certificate_of(db, house, 2026)

    evening = db.scalars(
        select(InvoiceLine.amount_cents).where(InvoiceLine.label == "Garderie du soir")
    ).one()
    [jade] = found.facts["children"]
    assert jade["name"] == "Jade Martin"
    assert jade["lines"] == [["Garderie du soir", evening]]
    assert found.facts["total_cents"] + found.facts["excluded_cents"] == total_of(db)
    assert found.number == "AF2027-000001"


def test_part_payments_over_the_new_year_are_shared_to_the_cent(db: Session) -> None:
    house = household(db)
    issue(db)
    total = total_of(db)
    pay(db, house, 3333, date(2026, 12, 30))
    pay(db, house, total - 3333, date(2027, 1, 6))

    paid = paid_years(db, [house.family.id], [2026, 2027])[house.family.id]

    assert paid.by_year[2026].total_cents + paid.by_year[2026].excluded_cents == 3333
    assert paid.by_year[2027].total_cents + paid.by_year[2027].excluded_cents == total - 3333
    # Jade turned six in June 2026: what was paid in 2027 is no longer for a young child.
    assert paid.by_year[2027].children == ()


def test_same_facts_give_the_same_certificate_and_changed_ones_a_new_version(db: Session) -> None:
    house = household(db)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))
    first = certificate_of(db, house, 2026)
    again = certificate_of(db, house, 2026, SPRING + timedelta(days=1))
    line = db.scalars(select(InvoiceLine.id).where(InvoiceLine.label == "Garderie du soir")).one()
    number = db.scalars(select(Invoice.id)).one()

    correct_invoice(
        db, actor=ACTOR, now=SPRING, invoice_id=number, given_back={line: frozenset()}, reason="Grève."
    )

    assert again.id == first.id
    with pytest.raises(Refusal) as refusal:
        certificate_of(db, house, 2026)
    assert refusal.value.code == "no_tax_certificate"
    [year] = [one for one in tax_years(db, family_id=house.family.id, today=date(2027, 3, 2)) if one.issued]
    assert year.is_changed
    assert first.facts["children"]


def test_a_correction_keeps_the_day_of_the_payment_and_replaces_the_certificate(db: Session) -> None:
    house = household(db)
    house.book(house.younger, ActivityKind.MORNING_CHILDCARE, NOVEMBER, 4)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))
    first = certificate_of(db, house, 2026)
    line = db.scalars(select(InvoiceLine.id).where(InvoiceLine.label == "Garderie du soir")).one()
    correct_invoice(
        db, actor=ACTOR, now=SPRING, invoice_id=db.scalars(select(Invoice.id)).one(),
        given_back={line: frozenset()}, reason="Grève.",
    )  # fmt: skip

    second = certificate_of(db, house, 2026)

    assert second.replaces_id == first.id
    assert [name for name, _cents in second.facts["children"][0]["lines"]] == ["Garderie du matin"]
    credit = sum(row.credit_cents for row in db.scalars(select(Payment)))
    paid = second.facts["total_cents"] + second.facts["excluded_cents"]
    assert paid + credit == sum(row.amount_cents for row in db.scalars(select(Payment)))


def test_meal_within_a_day_at_the_leisure_centre_is_taken_off(db: Session) -> None:
    house = make_household(db)
    centre = house.activity(ActivityKind.WEDNESDAY_LEISURE)
    day = db.scalars(
        select(ActivityFormula).where(ActivityFormula.activity_id == centre.id, ActivityFormula.has_meal)
    ).one()
    day.meal_share_cents = 350
    house.book(house.younger, ActivityKind.WEDNESDAY_LEISURE, NOVEMBER, 2, day.id)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))

    found = certificate_of(db, house, 2026)

    assert found.facts["total_cents"] == total_of(db) - 2 * 350
    assert found.facts["excluded_cents"] == 2 * 350


def test_a_sum_carried_from_another_month_keeps_what_it_is_made_of(db: Session) -> None:
    house = make_household(db)
    house.book(house.younger, ActivityKind.EVENING_CHILDCARE, NOVEMBER, 1)
    house.book(house.younger, ActivityKind.EVENING_CHILDCARE, DECEMBER, 4)
    issue(db)
    issue(db, DECEMBER)
    pay(db, house, total_of(db), date(2026, 12, 20))

    found = certificate_of(db, house, 2026)

    assert found.facts["excluded_cents"] == 0
    assert found.facts["total_cents"] == total_of(db)


def test_vouchers_are_told_apart(db: Session) -> None:
    house = household(db)
    issue(db)
    pay(db, house, 500, date(2026, 12, 8), PaymentMeans.CESU)
    pay(db, house, total_of(db) - 500, date(2026, 12, 9))

    [jade] = certificate_of(db, house, 2026).facts["children"]

    assert jade["cesu_cents"] == 500


@pytest.mark.parametrize(
    ("year", "code"), [(2027, "tax_year_not_over"), (2028, "tax_year_not_over"), (2025, "no_tax_certificate")]
)
def test_no_certificate_before_the_year_is_over_or_without_a_payment(
    db: Session, year: int, code: str
) -> None:
    house = household(db)

    with pytest.raises(Refusal) as refusal:
        certificate_of(db, house, year)

    assert refusal.value.code == code


def test_strangers_and_activity_leaders_get_no_statement(db: Session) -> None:
    house = household(db)
    stranger = Actor("user:1", 1, frozenset({Role.PARENT}), frozenset({house.family.id + 1}))
    leader = Actor("user:2", 2, frozenset({Role.ACTIVITY_LEADER}))

    codes = []
    for actor in (stranger, leader):
        with pytest.raises(Refusal) as refusal:
            issue_account(
                db, actor=actor, now=SPRING, family_id=house.family.id,
                first_on=NOVEMBER, last_on=DECEMBER,
            )  # fmt: skip
        codes.append(refusal.value.code)

    assert codes == ["not_your_family", "not_allowed"]


def test_attendance_tells_own_days_only_and_hours_where_all_are_known(db: Session) -> None:
    house = household(db)
    other = make_family(db, "Moreau")
    db.add(ChildFamily(child_id=house.elder.id, family_id=other.id, valid_from=date(2026, 9, 1)))
    db.flush()
    days = house.days(ActivityKind.CANTEEN, NOVEMBER, 4)
    evenings = house.days(ActivityKind.EVENING_CHILDCARE, NOVEMBER, 1)
    for day, presence in zip(
        days, (Presence.PRESENT, Presence.ABSENT, Presence.PRESENT, Presence.PRESENT), strict=True
    ):
        house.call(house.elder, day, presence)
    came = house.call(house.elder, evenings[0], Presence.PRESENT)
    came.arrived_at, came.left_at = instant(came.day, 16), instant(came.day, 18)
    theirs = db.scalars(select(Attendance).where(Attendance.activity_day_id == days[3].id)).one()
    theirs.family_id = other.id
    db.flush()

    facts = attendance_facts(
        db, family_id=house.family.id, child_id=house.elder.id, first_on=NOVEMBER, last_on=date(2026, 11, 30)
    )

    told = {row["activity"]: (row["days"], row["minutes"]) for row in facts["activities"]}
    assert told == {
        "Restauration": ([days[0].day.isoformat(), days[2].day.isoformat()], None),
        "Garderie du soir": ([came.day.isoformat()], 120),
    }


@pytest.mark.parametrize(
    ("first_on", "last_on", "code"),
    [
        (date(2026, 11, 2), date(2026, 11, 1), "period_ends_before"),
        (date(2015, 1, 1), date(2026, 11, 1), "period_too_long"),
        (date(2026, 11, 2), date(2027, 3, 2), "period_not_over"),
    ],
)
def test_periods_that_make_no_sense_are_refused(
    db: Session, first_on: date, last_on: date, code: str
) -> None:
    house = household(db)

    with pytest.raises(Refusal) as refusal:
        issue_attendance(
            db, actor=ACTOR, now=SPRING, family_id=house.family.id, child_id=house.elder.id,
            first_on=first_on, last_on=last_on,
        )  # fmt: skip

    assert refusal.value.code == code


def test_another_familys_child_is_not_attested(db: Session) -> None:
    house = household(db)
    other = make_family(db, "Roux")

    with pytest.raises(Refusal) as refusal:
        issue_attendance(
            db, actor=ACTOR, now=SPRING, family_id=other.id, child_id=house.elder.id,
            first_on=NOVEMBER, last_on=DECEMBER,
        )  # fmt: skip

    assert refusal.value.code == "not_your_child"


def test_account_opens_moves_and_closes_as_the_ledger_does(db: Session) -> None:
    house = household(db)
    issue(db)
    total = total_of(db)
    pay(db, house, total + 500, date(2026, 12, 9))

    facts = account_facts(db, family_id=house.family.id, first_on=DECEMBER, last_on=date(2026, 12, 31))
    later = account_facts(db, family_id=house.family.id, first_on=date(2027, 1, 1), last_on=date(2027, 1, 31))

    assert [(row["kind"], row["amount_cents"], row["balance_cents"]) for row in facts["rows"]] == [
        ("invoice", total, total),
        ("payment", -total - 500, -500),
    ]
    assert facts["rows"][1]["shares"] == [[facts["rows"][0]["number"], total]]
    assert (facts["opening_cents"], facts["closing_cents"]) == (0, -500)
    assert (later["opening_cents"], later["closing_cents"], later["rows"]) == (-500, -500, [])


ACTS = st.lists(
    st.tuples(st.sampled_from(("pay", "correct", "spend")), st.integers(1, 9_000), st.integers(0, 9)),
    max_size=6,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS, st.integers(0, 60), st.integers(0, 60))
def test_whatever_happened_the_account_closes_at_the_ledgers_balance(
    db: Session, acts: Sequence[tuple[str, int, int]], start: int, length: int
) -> None:
    kept = db.begin_nested()
    house = household(db)
    issue(db)
    day = date(2026, 12, 6)
    for act, cents, gap in acts:
        day += timedelta(days=gap)
        _act(db, house, act, cents, instant(day))
    first = date(2026, 12, 1) + timedelta(days=start)

    whole = account_facts(
        db, family_id=house.family.id, first_on=date(2026, 1, 1), last_on=date(2027, 12, 31)
    )
    part = account_facts(
        db, family_id=house.family.id, first_on=first, last_on=first + timedelta(days=length)
    )
    paid = paid_years(db, [house.family.id], [2026, 2027])[house.family.id]

    assert whole["closing_cents"] == balance_cents(db, house.family.id)
    assert part["closing_cents"] == part["opening_cents"] + sum(row["amount_cents"] for row in part["rows"])
    live = db.scalars(
        select(Allocation.amount_cents).where(
            Allocation.payment_id.is_not(None), Allocation.released_at.is_(None)
        )
    )
    assert sum(one.total_cents + one.excluded_cents for one in paid.by_year.values()) == sum(live)
    kept.rollback()


def _act(db: Session, house: Household, act: str, cents: int, now: datetime) -> None:
    """Pay; or give half of an invoice's first line back; or spend what is in credit."""
    if act == "pay":
        take_money(
            db, actor=ACTOR, now=now, family_id=house.family.id, means=PaymentMeans.CHEQUE, amount_cents=cents
        )
    elif act == "spend":
        allocate_credit(db, actor=ACTOR, now=now, family_ids=[house.family.id])
    else:
        invoice = db.scalars(
            select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE).order_by(Invoice.id.desc()).limit(1)
        ).one()
        line = db.scalars(
            select(InvoiceLine.id)
            .where(InvoiceLine.invoice_id == invoice.id, InvoiceLine.quantity > 0)
            .limit(1)
        ).one()
        if invoice.state.value != "cancelled":
            correct_invoice(
                db,
                actor=ACTOR,
                now=now,
                invoice_id=invoice.id,
                given_back={line: frozenset()},
                reason="Essai.",
            )


def test_a_late_pick_up_is_a_penalty_and_no_care(db: Session) -> None:
    house = household(db)
    day = house.days(ActivityKind.EVENING_CHILDCARE, NOVEMBER, 1)[0]
    house.call(house.younger, day, Presence.PRESENT).left_at = instant(day.day, 19)
    db.flush()
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))

    found = certificate_of(db, house, 2026)

    evening = select(InvoiceLine.amount_cents).where(InvoiceLine.label == "Garderie du soir")
    assert db.scalars(select(InvoiceLine.label).where(InvoiceLine.label.startswith("Retard"))).one()
    assert found.facts["total_cents"] == db.scalars(evening).one()
    assert found.facts["total_cents"] + found.facts["excluded_cents"] == total_of(db)
