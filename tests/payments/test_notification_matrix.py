"""Every way in which a bank may call: twice, late, forged, odd; one payment or none, and nothing lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain import clock
from domain.payments.ledger import check_ledger
from domain.recovery.handovers import take_back
from models.activities import ActivityKind
from models.invoices import Invoice
from models.messages import OutboxMail
from models.payments import Alert, BankNotification, Payment, PaymentMeans, PaymentTry, TryState
from models.recovery import Handover
from tests.invoicing.support import DECEMBER, issue
from tests.payments.card import states
from tests.recovery.support import FIRST, TRESOR, handed_over
from tests.support.households import ACTOR, Household
from tests.support.money import take_money
from tests.support.pages import Visitor

Call = Callable[..., int]


def alerts(store: Session) -> list[Alert]:
    """The kinds of what waits for the régisseur."""
    return list(store.scalars(select(BankNotification.alert).where(BankNotification.alert.is_not(None))))


def mails(store: Session, kind: str) -> int:
    return store.scalar(select(func.count()).select_from(OutboxMail).where(OutboxMail.kind == kind)) or 0


def pay_at_desk(store: Session, family_id: int, cents: int) -> None:
    take_money(
        store,
        actor=ACTOR,
        now=clock.now(),
        family_id=family_id,
        means=PaymentMeans.CASH,
        amount_cents=cents,
    )
    store.commit()


def test_pending_then_refused_leaves_no_payment(store: Session, opened: PaymentTry, call: Call) -> None:
    assert [call(opened.reference, code="99999"), call(opened.reference, code="00151")] == [200, 200]

    assert states(store, opened) == (TryState.REFUSED, 0)


def test_pending_then_paid_then_pending_again_is_one_payment(
    store: Session, opened: PaymentTry, call: Call
) -> None:
    for code in ("99999", "00000", "99999", "00151"):
        assert call(opened.reference, code=code) == 200

    assert states(store, opened) == (TryState.PAID, 1)
    assert alerts(store) == []


def test_a_call_that_comes_days_late_still_settles(store: Session, opened: PaymentTry, call: Call) -> None:
    store.execute(update(PaymentTry).values(opened_at=clock.now() - timedelta(days=3)))
    store.commit()

    assert call(opened.reference) == 200

    assert states(store, opened) == (TryState.PAID, 1)


def test_the_browser_may_come_back_before_or_after_the_bank_calls(
    store: Session, opened: PaymentTry, call: Call, alice: Visitor
) -> None:
    before = alice.get(f"/paiement/{opened.reference}/accepte")
    waiting = alice.client.get(f"/paiement/{opened.reference}/etat").json
    call(opened.reference)
    after = alice.get(f"/paiement/{opened.reference}/attente")

    assert before.title.startswith("Paiement en attente")
    assert waiting == {"answered": False}
    assert alice.client.get(f"/paiement/{opened.reference}/etat").json == {"answered": True}
    assert after.title.startswith("Paiement reçu")
    assert states(store, opened) == (TryState.PAID, 1)


def test_a_second_payment_under_one_reference_is_kept_for_the_regisseur_once(
    store: Session, opened: PaymentTry, call: Call
) -> None:
    call(opened.reference)
    for _ in range(2):
        assert call(opened.reference, transaction="T2") == 200

    assert states(store, opened) == (TryState.PAID, 1)
    assert alerts(store) == [Alert.SECOND_PAYMENT]
    assert mails(store, "payment_alert") == 1


def test_a_payment_of_an_unknown_reference_is_kept_for_the_regisseur(
    store: Session, opened: PaymentTry, call: Call
) -> None:
    assert [call("NOBODY"), call("NOBODY", code="00151")] == [200, 200]

    assert states(store, opened) == (TryState.CREATED, 0)
    assert alerts(store) == [Alert.UNKNOWN_REFERENCE]


def test_paid_on_line_after_the_desk_is_told_and_stays_the_familys(
    store: Session, house: Household, opened: PaymentTry, call: Call
) -> None:
    pay_at_desk(store, house.family.id, 3060)

    call(opened.reference)

    assert alerts(store) == [Alert.ALREADY_SETTLED]
    assert mails(store, "payment_alert") == 1
    credit = select(func.sum(Payment.amount_cents - Payment.allocated_cents))
    assert store.scalar(credit) == 3060


def test_paid_on_line_after_the_desk_is_told_even_when_another_debt_takes_the_money(
    store: Session, house: Household, opened: PaymentTry, call: Call
) -> None:
    pay_at_desk(store, house.family.id, 3060)
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 10)
    issue(store, DECEMBER)
    store.commit()

    call(opened.reference)

    assert alerts(store) == [Alert.ALREADY_SETTLED]
    assert store.scalar(select(func.sum(Payment.amount_cents - Payment.allocated_cents))) == 0


def test_paid_on_line_while_handed_over_is_told_and_stays_the_familys(
    store: Session, house: Household, opened: PaymentTry, call: Call
) -> None:
    store.execute(update(PaymentTry).values(opened_at=FIRST - timedelta(days=1)))
    handed_over(store, house)
    store.commit()

    assert [call(opened.reference), call(opened.reference)] == [200, 200]

    assert alerts(store) == [Alert.HANDED_OVER]
    assert mails(store, "payment_alert") == 1
    assert store.scalar(select(func.sum(Payment.amount_cents - Payment.allocated_cents))) == 3060
    assert store.scalars(select(Invoice.paid_cents)).one() == 0
    assert check_ledger(store) == []
    handover_id = store.scalars(select(Handover.id)).one()
    take_back(store, actor=ACTOR, now=TRESOR, handover_id=handover_id, reason="Payée en ligne")
    assert store.scalars(select(Invoice.paid_cents)).one() == 3060
    assert check_ledger(store) == []


@pytest.mark.parametrize(
    "query",
    [
        b"montant=3060&montant=1&reference=X&erreur=00000&signature=AA",
        b"montant=%00&reference=%00&erreur=00000&signature=%00",
        b"montant=3060&reference=%FF%FE&erreur=00000&signature=AAAA",
        b"signature=",
        b"&&&&====",
        b"montant=" + b"9" * 9000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_odd_input_is_refused_and_never_breaks(
    store: Session, house: Household, client: FlaskClient, query: bytes, method: str
) -> None:
    if method == "GET":
        answer = client.get("/banque/avis", query_string=query.decode("latin-1"))
    else:
        answer = client.post("/banque/avis", data=query)

    assert answer.status_code == 400
    assert store.scalar(select(func.count()).select_from(Payment)) == 0


@pytest.mark.parametrize("body", [b"\x00" * 50, "montant=é".encode("latin-1"), b"x" * 1_000_000])
def test_a_body_that_the_bank_would_not_send_is_refused(
    client: FlaskClient, house: Household, body: bytes
) -> None:
    assert client.post("/banque/avis", data=body).status_code == 400


def test_a_form_of_several_parts_is_not_the_banks(client: FlaskClient, house: Household) -> None:
    assert (
        client.post("/banque/avis", data={"montant": "1"}, content_type="multipart/form-data").status_code
        == 400
    )


def test_several_invoices_are_paid_at_once_and_no_others(
    app: Flask, store: Session, house: Household, alice: Visitor, call: Call
) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, DECEMBER, 8)
    issue(store, DECEMBER)
    store.commit()

    page = alice.submit(alice.get("/factures"), {}, action="/factures/payer")

    opened = store.scalars(select(PaymentTry)).one()
    assert opened.amount_cents == 3060 + 2448
    cart = next(
        field.get("value") or "" for field in page.all("input") if field.get("name") == "PBX_SHOPPINGCART"
    )
    assert "<totalQuantity>2</totalQuantity>" in cart
    assert call(opened.reference, 5508) == 200
    assert store.scalars(select(Invoice.paid_cents).order_by(Invoice.id)).all() == [3060, 2448]
    app.config["WTF_CSRF_ENABLED"] = False  # the token is another test's affair
    assert alice.client.post("/factures/payer", data={"invoice_id": ["999999"]}).status_code == 404
    assert alice.client.post("/factures/payer").status_code == 404


def test_a_refused_payment_can_be_tried_again_from_its_page(
    store: Session, opened: PaymentTry, call: Call, alice: Visitor
) -> None:
    call(opened.reference, code="00003")
    page = alice.get(f"/paiement/{opened.reference}/refuse")

    alice.submit(page, {}, action="/recommencer")

    tries = store.scalars(select(PaymentTry).order_by(PaymentTry.id)).all()
    assert [row.amount_cents for row in tries] == [3060, 3060]
    assert tries[0].reference != tries[1].reference


def test_a_try_without_answer_says_so_and_blocks_nothing(
    store: Session, opened: PaymentTry, alice: Visitor, invoice: Invoice
) -> None:
    store.execute(update(PaymentTry).values(opened_at=clock.now() - timedelta(minutes=31)))
    store.commit()

    page = alice.get(f"/paiement/{opened.reference}/accepte")
    assert page.title.startswith("Pas encore de réponse")
    alice.submit(page, {}, action="/recommencer")
    assert store.scalar(select(func.count()).select_from(PaymentTry)) == 2
