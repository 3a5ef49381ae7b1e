"""Aids and sibling prices: after price, never below zero, in words on the invoice, and given back by a correction."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.invoicing.credit import correct_invoice
from domain.invoicing.queries import invoice_groups
from domain.invoicing.rules import Discount, require_one_figure
from domain.invoicing.vouchers import change_voucher, grant_voucher
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.invoices import Invoice, InvoiceItem, InvoiceKind, InvoiceLine, InvoiceState, LineKind
from models.tariffs import SiblingDiscount, Voucher
from tests.invoicing.support import DECEMBER, NOVEMBER, ON_TIME, issue, set_price
from tests.support.households import ACTOR, AUGUST, Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

CANTEEN = ActivityKind.CANTEEN
SEPTEMBER = date(2026, 9, 1)
WHO = {"actor": ACTOR, "now": AUGUST}


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def grant(house: Household, cents: int, valid_to: date | None = None, name: str = "CAF") -> Voucher:
    return grant_voucher(
        house.session,
        family_id=house.family.id,
        name=name,
        amount_cents=cents,
        valid_from=SEPTEMBER,
        valid_to=valid_to,
        **WHO,
    )


def invoices(db: Session) -> list[Invoice]:
    db.expire_all()
    return list(db.scalars(select(Invoice).where(Invoice.kind == InvoiceKind.INVOICE).order_by(Invoice.id)))


def sentences(db: Session, invoice: Invoice) -> list[str]:
    groups = invoice_groups(db, invoice.id)
    return [text for group in groups for line in group.lines for text in line.explanation]


def test_an_aid_is_taken_off_after_price_and_says_what_is_left(house: Household) -> None:
    voucher = grant(house, 6000)
    house.book(house.elder, CANTEEN, NOVEMBER, 16)

    issue(house.session)

    [invoice] = invoices(house.session)
    assert (invoice.total_cents, invoice.state) == (0, InvoiceState.PAID)
    assert house.session.get_one(Voucher, voucher.id).used_cents == 4896
    assert "Aide de 60,00\u00a0€\u00a0; il en reste 11,04\u00a0€" in sentences(house.session, invoice)


def test_what_is_left_of_an_aid_helps_the_next_month(house: Household) -> None:
    grant(house, 6000)
    for month in (NOVEMBER, DECEMBER):
        house.book(house.elder, CANTEEN, month, 10)
        issue(house.session, month)

    # 10 meals at 3,06 € are 30,60 €; of 60 € there are 29,40 € left for December.
    assert [invoice.total_cents for invoice in invoices(house.session)] == [0, 120]


def test_the_aid_that_ends_first_is_used_first_and_none_after_its_end(house: Household) -> None:
    grant(house, 1000, name="CCAS")
    first = grant(house, 500, valid_to=date(2026, 12, 1))
    grant(house, 9000, valid_to=date(2026, 11, 1), name="Passée")
    house.book(house.elder, CANTEEN, NOVEMBER, 16)

    issue(house.session)

    lines = house.session.scalars(select(InvoiceLine).where(InvoiceLine.kind == LineKind.VOUCHER)).all()
    assert [(line.label, line.amount_cents) for line in lines] == [
        ("Aide : CAF", -500),
        ("Aide : CCAS", -1000),
    ]
    assert invoices(house.session)[0].total_cents == 4896 - 1500
    assert house.session.get_one(Voucher, first.id).used_cents == 500


def test_a_sum_too_small_to_invoice_uses_no_aid(house: Household) -> None:
    voucher = grant(house, 6000)
    house.book(house.elder, CANTEEN, NOVEMBER, 3)

    issue(house.session)

    assert invoices(house.session) == []
    assert house.session.get_one(Voucher, voucher.id).used_cents == 0


@pytest.mark.parametrize(("given_back", "totals", "used"), [(10, [3396, 336], 1500), (14, [3396, 0], 612)])
def test_a_correction_takes_no_more_of_the_aid_than_is_kept(
    house: Household, given_back: int, totals: list[int], used: int
) -> None:
    voucher = grant(house, 1500)
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(house.session)
    line = house.session.scalars(select(InvoiceLine).where(InvoiceLine.kind == LineKind.SERVICE)).one()
    billed = _items(house.session, line.id)[:given_back]

    correct_invoice(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=line.invoice_id,
        given_back={line.id: frozenset(billed)},
        reason="Absences",
    )

    assert [invoice.total_cents for invoice in invoices(house.session)] == totals
    assert house.session.get_one(Voucher, voucher.id).used_cents == used


def _items(db: Session, line_id: int) -> list[int]:
    return list(
        db.scalars(select(InvoiceItem.id).where(InvoiceItem.line_id == line_id).order_by(InvoiceItem.id))
    )


def test_an_invoice_given_back_whole_gives_its_aid_back(house: Household) -> None:
    voucher = grant(house, 1500)
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(house.session)

    correct_invoice(
        house.session,
        actor=ACTOR,
        now=ON_TIME,
        invoice_id=invoices(house.session)[0].id,
        given_back=None,
        reason="Erreur",
    )

    assert house.session.get_one(Voucher, voucher.id).used_cents == 0


def test_an_aid_is_never_corrected_below_what_was_used(house: Household) -> None:
    voucher = grant(house, 1500)
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    issue(house.session)
    facts = {"voucher_id": voucher.id, "name": "CAF", "valid_from": SEPTEMBER, "valid_to": None}

    with pytest.raises(Refusal) as refusal:
        change_voucher(house.session, amount_cents=1499, **facts, **WHO)
    change_voucher(house.session, amount_cents=1500, **facts, **WHO)

    assert (refusal.value.code, refusal.value.facts) == ("voucher_used", {"used_cents": 1500})
    assert house.session.scalars(select(AuditEntry).where(AuditEntry.action == "change_voucher")).one()


def test_an_aid_has_an_amount_a_sensible_end_and_is_granted_by_the_office(house: Household) -> None:
    for cents, valid_to in ((0, None), (100, SEPTEMBER)):
        with pytest.raises(Refusal, match="voucher_wrong"):
            grant(house, cents, valid_to)
    leader = Actor(label="user:1", user_id=1, roles=frozenset({Role.ACTIVITY_LEADER}))
    with pytest.raises(Refusal, match="not_allowed"):
        grant_voucher(
            house.session,
            actor=leader,
            now=AUGUST,
            family_id=house.family.id,
            name="CAF",
            amount_cents=1,
            valid_from=SEPTEMBER,
            valid_to=None,
        )


def test_the_third_child_pays_half_3_05_is_1_53(house: Household) -> None:
    """Bubry's grid, docs/tarifs.md; here from the second child, half price by service."""
    set_price(house, CANTEEN, (SEPTEMBER, 305))
    meals = house.activity(CANTEEN).tariff_id
    house.session.add(SiblingDiscount(tariff_id=meals, from_rank=2, percent_bp=5000, valid_from=SEPTEMBER))
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    house.book(house.younger, CANTEEN, NOVEMBER, 10)

    issue(house.session)

    assert invoices(house.session)[0].total_cents == 10 * 305 + 10 * 153


def test_a_price_from_a_rank_on_holds_where_the_usual_one_is_dearer(house: Household) -> None:
    meals = house.activity(CANTEEN).tariff_id
    house.session.add(SiblingDiscount(tariff_id=meals, from_rank=2, amount_cents=153, valid_from=SEPTEMBER))
    house.book(house.elder, CANTEEN, NOVEMBER, 10)
    house.book(house.younger, CANTEEN, NOVEMBER, 10)

    issue(house.session)

    [invoice] = invoices(house.session)
    assert invoice.total_cents == 10 * 306 + 10 * 153
    assert "2e enfant\u00a0: 1,53\u00a0€ l’unité au plus, sur 30,60\u00a0€" in sentences(
        house.session, invoice
    )
    assert Discount(2, None, meals, price_cents=400).unit_cents(306) == 306


@pytest.mark.parametrize(
    ("percent", "tariff_id", "price"), [(None, 1, None), (1000, 1, 100), (None, None, 100)]
)
def test_a_discount_has_one_figure(percent: int | None, tariff_id: int | None, price: int | None) -> None:
    with pytest.raises(Refusal, match="discount_figures"):
        require_one_figure(Discount(2, percent, tariff_id, price))


def test_staff_grant_an_aid_on_its_screen(app: Flask, store: Session) -> None:
    house = make_household(store)
    user = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()
    agent = Visitor(app).sign_in(user)
    typed = {"name": "Aide CAF", "amount_cents": "60", "valid_from": "2026-09-01"}

    page = agent.get("/admin/voucher/new/")
    agent.submit(page, typed | {"family_id": str(house.family.id)}, action="/voucher/new/")

    kept = store.scalars(select(Voucher)).one()
    assert (kept.family_id, kept.amount_cents) == (house.family.id, 6000)
    assert "Aide CAF" in agent.get("/admin/voucher/").text
