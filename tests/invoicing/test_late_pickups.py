"""A late pick-up is billed from the tolerance on, once for a family and day (DOMAIN §6; 10 € from 18:50, closing 18:45)."""

from datetime import date, time

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.attendance.operations import Mark, note_presence
from domain.dates import at
from domain.errors import Refusal
from domain.invoicing.credit import correct_invoice
from domain.invoicing.operations import month_reader, work_out
from domain.invoicing.queries import invoice_groups
from domain.invoicing.recount import recount_month
from domain.invoicing.rules import late_minutes
from domain.invoicing.running import running_total
from domain.payments.vouchers import voucher_limit
from models.activities import ActivityDay, ActivityKind
from models.attendance import Attendance, Presence
from models.family import Child
from models.invoices import CarriedAmount, CarriedItem, Invoice, InvoiceItem, InvoiceKind, InvoiceLine
from models.payments import PaymentMeans
from models.tariffs import PriceMethod, PriceRule, PriceSituation, SiblingDiscount
from models.town import raise_revision
from tests.invoicing.support import NOVEMBER, ON_TIME, issue
from tests.invoicing.test_shared_price import share
from tests.support.households import ACTOR, Household, make_household

CANTEEN, EVENING = ActivityKind.CANTEEN, ActivityKind.EVENING_CHILDCARE
CLOSING = time(18, 45)
FIRST = date(2026, 11, 3)
# Five started half-hours from 16:30 to 18:45, at 1,15 €.
STAY = 575


@pytest.fixture
def house(db: Session) -> Household:
    """The evening childcare closes at 18:45 and bills from five minutes later; Léo eats 16 meals in November."""
    made = make_household(db)
    evening = made.activity(EVENING)
    evening.ends_at, evening.late_after_minutes = CLOSING, 5
    db.flush()
    raise_revision(db)
    made.book(made.elder, CANTEEN, NOVEMBER, 16)
    return made


def leave(house: Household, child: Child, day: ActivityDay, *hour: int) -> Attendance:
    row = house.call(child, day, Presence.PRESENT)
    row.left_at = at(day.day, time(*hour))
    house.session.flush()
    return row


def set_late_price(house: Household, **values: object) -> None:
    """Give late pick-ups another price."""
    rule = house.session.scalars(select(PriceRule).where(PriceRule.situation == PriceSituation.LATE)).one()
    for name, value in values.items():
        setattr(rule, name, value)
    house.session.flush()
    raise_revision(house.session)


def late_lines(session: Session) -> list[InvoiceLine]:
    return [line for line in session.scalars(select(InvoiceLine)) if line.label.startswith("Retard")]


def reasons(session: Session) -> list[str]:
    """What the invoice says of its late pick-ups, with plain spaces."""
    [invoice] = session.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE)).all()
    groups = invoice_groups(session, invoice.id)
    [line] = [line for group in groups for line in group.lines if line.label.startswith("Retard")]
    return [text.replace("\u00a0", " ") for text in (line.label, line.detail, *line.explanation)]


@pytest.mark.parametrize(
    ("hour", "after", "minutes"),
    [
        (time(18, 45), 5, 0),
        (time(18, 49), 5, 0),
        (time(18, 49, 59), 5, 0),
        (time(18, 50), 5, 5),
        (time(18, 50, 1), 5, 6),
        (time(18, 45), 0, 0),
        (time(18, 46), 0, 1),
        (time(19, 30), None, 0),
        (time(17, 0), 5, 0),
    ],
)
def test_minutes_count_from_the_closing_once_the_tolerance_is_over(
    hour: time, after: int | None, minutes: int
) -> None:
    assert late_minutes(at(FIRST, hour), at(FIRST, CLOSING), after) == minutes


def test_nobody_is_late_without_an_hour() -> None:
    assert late_minutes(None, at(FIRST, CLOSING), 5) == 0


def test_each_late_pick_up_costs_ten_euros_and_says_when(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 4)
    days = house.days(EVENING, NOVEMBER, 4)
    for day, hour in zip(days, [(18, 49), (18, 50), (18, 30), (19, 2)], strict=True):
        leave(house, house.younger, day, *hour)

    issue(house.session)

    [line] = late_lines(house.session)
    assert (line.quantity, line.unit_cents, line.amount_cents) == (2, 1000, 2000)
    assert reasons(house.session) == [
        "Retard : garderie du soir",
        "2 × 10,00 €",
        "2 retards × 10,00 € : prix fixe, supplément de retard, tarif du 1er sept. 2026",
        "3 nov. : départ à 18 h 50, fermeture à 18 h 45",
        "6 nov. : départ à 19 h 02, fermeture à 18 h 45",
    ]


def test_the_minutes_after_the_closing_are_not_billed_twice(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 1)
    row = leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 20)
    row.arrived_at = at(row.day, time(16, 30))

    issue(house.session)

    total = house.session.scalars(select(Invoice.total_cents)).one()
    assert total == 16 * 306 + STAY + 1000


@pytest.mark.parametrize(("hour", "cents"), [((18, 50), 115), ((19, 15), 115), ((19, 16), 230)])
def test_started_half_hours_after_the_closing_are_billed(
    house: Household, hour: tuple[int, int], cents: int
) -> None:
    """1.15 € per started half-hour (DOMAIN §6)."""
    set_late_price(house, method=PriceMethod.SLICE, amount_cents=115, slice_minutes=30)
    house.book(house.younger, EVENING, NOVEMBER, 1)
    leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], *hour)

    issue(house.session)

    assert [line.amount_cents for line in late_lines(house.session)] == [cents]


def test_an_activity_without_tolerance_or_a_grid_without_price_bills_nothing(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 2)
    leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 30)
    house.session.execute(delete(PriceRule).where(PriceRule.situation == PriceSituation.LATE))
    raise_revision(house.session)

    without_price = running(house)
    house.activity(EVENING).late_after_minutes = None
    raise_revision(house.session)

    assert (without_price, running(house)) == ((0, 0), (0, 0))


def running(house: Household) -> tuple[int, int]:
    found = running_total(
        house.session, actor=ACTOR, now=at(date(2026, 11, 28), time(9)), family_id=house.family.id
    )
    return found.late_count, found.late_cents


def test_siblings_are_billed_once_for_the_eldest(house: Household) -> None:
    for child, hour in ((house.younger, (18, 55)), (house.elder, (18, 52))):
        house.book(child, EVENING, NOVEMBER, 1)
        leave(house, child, house.days(EVENING, NOVEMBER, 1)[0], *hour)

    issue(house.session)
    again = work_out(
        house.session, month_reader(house.session, NOVEMBER, ON_TIME), [house.family.id], NOVEMBER, ON_TIME
    )

    [line] = late_lines(house.session)
    assert (line.child_id, line.amount_cents) == (house.elder.id, 1000)
    assert reasons(house.session)[-1] == (
        "2 nov. : départ à 18 h 52, fermeture à 18 h 45 ; compté une seule fois, avec Jade (18 h 55)"
    )
    assert again[0].lines == ()


def test_an_activity_may_bill_each_child(house: Household) -> None:
    house.activity(EVENING).is_late_by_family = False
    raise_revision(house.session)
    for child in (house.elder, house.younger):
        house.book(child, EVENING, NOVEMBER, 1)
        leave(house, child, house.days(EVENING, NOVEMBER, 1)[0], 18, 52)

    issue(house.session)

    assert [line.amount_cents for line in late_lines(house.session)] == [1000, 1000]


def test_the_roll_call_corrected_before_the_issue_changes_what_is_billed(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 1)
    row = leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)
    before = running(house)

    row.left_at = at(row.day, time(18, 40))
    house.session.flush()

    assert (before, running(house)) == ((1, 1000), (0, 0))


def test_the_month_comes_to_the_same_until_its_roll_call_is_corrected(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 1)
    row = leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)
    issue(house.session)
    right = recount_month(house.session, NOVEMBER).is_right

    row.left_at = at(row.day, time(18, 40))
    house.session.flush()

    [difference] = recount_month(house.session, NOVEMBER).differences
    assert right
    assert (difference.issued_cents, difference.recounted_cents, difference.gone) == (1000, 0, (row.day,))


def test_a_late_pick_up_is_given_back_by_a_credit_note(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 2)
    for day in house.days(EVENING, NOVEMBER, 2):
        leave(house, house.younger, day, 19, 0)
    issue(house.session)
    invoice = house.session.scalars(select(Invoice)).one()
    [line] = late_lines(house.session)
    items = house.session.scalars(select(InvoiceItem.id).where(InvoiceItem.line_id == line.id)).all()

    corrected = correct_invoice(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=invoice.id,
        given_back={line.id: frozenset({min(items)})},
        reason="Heure mal notée",
    )

    assert corrected.invoice is not None
    assert corrected.invoice.total_cents == invoice.total_cents - 1000
    [kept] = [one for one in late_lines(house.session) if one.invoice_id == corrected.invoice.id]
    assert (kept.quantity, [one["day"] for one in kept.explanation["late"]]) == (1, ["2026-11-03"])
    live = select(InvoiceItem).where(InvoiceItem.late_id.is_not(None), InvoiceItem.released_by_id.is_(None))
    assert len(house.session.scalars(live).all()) == 2


def test_no_discount_is_counted_on_a_penalty(house: Household) -> None:
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=date(2026, 9, 1)))
    house.session.flush()
    house.book(house.younger, EVENING, NOVEMBER, 4)
    leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)

    issue(house.session)

    reduced = select(InvoiceLine.amount_cents).where(InvoiceLine.label == "Réduction fratrie")
    assert house.session.scalars(reduced).all() == [-round(4 * STAY / 10)]
    assert recount_month(house.session, NOVEMBER).is_right


def test_vouchers_do_not_settle_a_penalty(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 4)
    leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)

    issue(house.session)

    assert voucher_limit(house.session, PaymentMeans.CESU, house.family.id) == 4 * STAY


def test_a_small_month_is_carried_with_its_late_pick_up(db: Session) -> None:
    house = make_household(db)
    day = house.days(EVENING, NOVEMBER, 1)[0]
    house.book(house.elder, EVENING, NOVEMBER, 1)
    row = leave(house, house.elder, day, 18, 40)

    issue(db)

    carried = db.scalars(select(CarriedAmount)).one()
    assert carried.amount_cents == 460 + 1000
    assert db.scalars(select(CarriedItem.late_id).where(CarriedItem.late_id.is_not(None))).one() == row.id
    assert recount_month(db, NOVEMBER).is_right


def test_the_roll_call_of_a_billed_late_pick_up_is_not_taken_back(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 1)
    row = leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)
    issue(house.session)
    mark = Mark(row.activity_day_id, row.child_id, None, ON_TIME, "again")

    with pytest.raises(Refusal) as refusal:
        note_presence(house.session, actor=ACTOR, now=ON_TIME, mark=mark)

    assert refusal.value.code == "attendance_billed"


def test_the_schema_bills_each_late_pick_up_once(house: Household) -> None:
    house.book(house.younger, EVENING, NOVEMBER, 1)
    row = leave(house, house.younger, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)
    issue(house.session)
    [line] = late_lines(house.session)

    with pytest.raises(IntegrityError), house.session.begin_nested():
        house.session.add(InvoiceItem(line_id=line.id, late_id=row.id))
        house.session.flush()


def test_the_family_that_booked_pays_the_whole_penalty(house: Household) -> None:
    """A price shared by two homes is not: who came late pays."""
    share(house, 50)
    house.book(house.elder, EVENING, NOVEMBER, 1)
    leave(house, house.elder, house.days(EVENING, NOVEMBER, 1)[0], 19, 0)

    issue(house.session)

    [line] = late_lines(house.session)
    owner = house.session.get_one(Invoice, line.invoice_id).family_id
    assert (owner, line.amount_cents) == (house.family.id, 1000)
