"""The invoicing pages by their addresses, the worker's jobs, and what is shown when something fails."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from models.activities import Activity, ActivityKind, ActivityRegulation
from models.family import Guardian
from models.invoices import Invoice, InvoiceRun, RunState
from models.messages import DrawingTry, DrawnKind, OutboxMail, PrintBatch
from models.reservations import Reservation, ReservationState
from tests.invoicing.support import NOVEMBER, ON_TIME, set_price
from tests.support.households import Household, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.queries import recorded_statements
from views.jobs import drawing
from views.jobs.drawing import draw_documents
from views.jobs.invoicing import issue_started_runs

CANTEEN = ActivityKind.CANTEEN
PAGE = "/admin/facturation/"


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    set_clock(ON_TIME)
    made = make_household(store)
    made.book(made.elder, CANTEEN, NOVEMBER, 10)
    store.commit()
    return made


@pytest.fixture
def cashier(store: Session, house: Household, visitor: Visitor) -> Visitor:
    user = make_staff(store, "regisseur@saint-preau.example", Role.REGISSEUR)
    store.commit()
    return visitor.sign_in(user)


def work(app: Flask, job: Callable[[], int]) -> int:
    with app.test_request_context("/", base_url="http://localhost"):
        return job()


def test_a_month_is_prepared_issued_and_followed(
    app: Flask, store: Session, house: Household, cashier: Visitor
) -> None:
    page = cashier.get(PAGE)

    page = cashier.submit(page, {"month": "2026-11"}, action="/preparer")
    assert "30,60 €" in page.text.replace("\u00a0", " ")
    page = cashier.submit(page, {}, action="/emettre")
    run = store.scalars(select(InvoiceRun)).one()
    before = cashier.client.get(f"{PAGE}{run.id}/avancement").json
    made = work(app, issue_started_runs)
    after = cashier.client.get(f"{PAGE}{run.id}/avancement").json

    assert (before, made) == ({"done": 0, "total": 1, "finished": False}, 1)
    assert after == {"done": 1, "total": 1, "finished": True}
    assert "Le total est celui de l’aperçu" in cashier.get(f"{PAGE}{run.id}").text


def test_an_issued_month_is_counted_again_and_what_was_changed_since_is_shown(
    app: Flask, store: Session, house: Household, cashier: Visitor
) -> None:
    cashier.submit(
        cashier.submit(cashier.get(PAGE), {"month": "2026-11"}, action="/preparer"), {}, action="/emettre"
    )
    work(app, issue_started_runs)
    page = cashier.get(f"{PAGE}{store.scalars(select(InvoiceRun.id)).one()}")
    [proof] = [href for href in page.links().values() if href.endswith("/recalcul")]

    assert "Chaque ligne recalculée est égale" in cashier.get(proof).text

    booked = store.scalars(select(Reservation).order_by(Reservation.day).limit(1)).one()
    booked.state, booked.cancelled_at = ReservationState.CANCELLED, ON_TIME
    store.commit()
    text = cashier.get(proof).text.replace("\u00a0", " ")
    assert "Léo Martin, Restauration" in text
    assert ("30,60 €" in text, "27,54 €" in text) == (True, True)
    assert "plus facturé : 2 nov." in text


def test_a_held_family_is_shown_and_decided(
    app: Flask, store: Session, house: Household, cashier: Visitor
) -> None:
    page = cashier.submit(cashier.get(PAGE), {"month": "2026-11"}, action="/preparer")
    cashier.submit(page, {}, action="/emettre")
    house.book(house.younger, CANTEEN, NOVEMBER, 2)
    store.commit()
    work(app, issue_started_runs)
    run = store.scalars(select(InvoiceRun)).one()

    page = cashier.get(f"{PAGE}{run.id}")
    assert "à vous de décider" in page.text
    assert "Facturations arrêtées" in cashier.get("/admin/").text
    cashier.submit(page, {}, action="/reprendre")
    work(app, issue_started_runs)

    store.expire_all()
    assert store.scalars(select(InvoiceRun.state)).one() is RunState.ISSUED
    assert store.scalars(select(Invoice.total_cents)).one() == 12 * 306


def test_a_free_month_is_shown_at_nothing_and_not_as_carried(
    store: Session, house: Household, cashier: Visitor
) -> None:
    set_price(house, CANTEEN, (NOVEMBER, 0))
    store.commit()

    page = cashier.submit(cashier.get(PAGE), {"month": "2026-11"}, action="/preparer")

    assert "0,00 €" in page.text.replace("\u00a0", " ")
    assert "reporté" not in page.text.split("À regarder")[1]


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_cashiers_invoice(store: Session, house: Household, app: Flask, role: Role) -> None:
    user = make_staff(store, f"{role.value}@saint-preau.example", role)
    store.commit()
    other = Visitor(app).sign_in(user)

    assert other.client.get(PAGE).status_code == 403


def test_the_mails_of_a_batch_cost_the_same_whatever_their_number(
    app: Flask, store: Session, house: Household, cashier: Visitor
) -> None:
    house.family.wants_e_invoice = True
    store.flush()
    _give_email(store, house.family.id)
    page = cashier.submit(cashier.get(PAGE), {"month": "2026-11"}, action="/preparer")
    cashier.submit(page, {}, action="/emettre")

    with recorded_statements() as statements:
        work(app, issue_started_runs)

    assert store.scalars(select(OutboxMail.once_key)).all() == ["invoice:1:alice@courriel.example"]
    assert sum("FROM guardian" in one and "guardian.email" in one for one in statements) <= 2
    assert sum("FROM invoice WHERE invoice.id =" in one for one in statements) == 0


def _give_email(store: Session, family_id: int) -> None:
    store.execute(
        Guardian.__table__.update()
        .where(Guardian.family_id == family_id)
        .values(email="alice@courriel.example")
    )
    store.commit()


def test_a_pdf_that_cannot_be_drawn_does_not_keep_the_next_waiting(
    app: Flask,
    store: Session,
    house: Household,
    cashier: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = cashier.submit(cashier.get(PAGE), {"month": "2026-11"}, action="/preparer")
    cashier.submit(page, {}, action="/emettre")
    work(app, issue_started_runs)
    real = drawing.invoice_pdf

    def broken(invoice: Invoice) -> bytes:
        raise RuntimeError("police introuvable")

    monkeypatch.setattr(drawing, "invoice_pdf", broken)
    cashier.submit(cashier.get(PAGE), {}, action="/imprimer")
    drawn = work(app, draw_documents)

    tries = {one.kind: (one.attempts, one.error) for one in store.scalars(select(DrawingTry))}
    assert drawn == 0
    assert tries == {
        DrawnKind.INVOICE: (1, "RuntimeError: police introuvable"),
        DrawnKind.PRINT_BATCH: (1, "RuntimeError: police introuvable"),
    }
    page = cashier.get(PAGE)
    assert "police introuvable" in page.text
    assert "Documents impossibles à préparer" in cashier.get("/admin/").text

    monkeypatch.setattr(drawing, "invoice_pdf", real)
    assert work(app, draw_documents) == 0  # it waits its turn
    cashier.submit(page, {}, action="/reessayer")
    work(app, draw_documents)

    store.expire_all()
    assert store.scalar(select(func.count()).select_from(DrawingTry)) == 0
    assert store.scalars(select(Invoice.file_id)).one() is not None
    assert store.scalars(select(PrintBatch.ready_at)).one() is not None


def test_a_changed_regulation_takes_a_new_version_and_keeps_the_old_text(store: Session) -> None:
    house = make_household(store)
    activity = house.activity(CANTEEN)
    old = activity.regulation

    activity.regulation = "Le règlement nouveau."
    store.commit()
    activity.places += 1
    store.commit()

    kept = store.execute(
        select(ActivityRegulation.version, ActivityRegulation.text)
        .where(ActivityRegulation.activity_id == activity.id)
        .order_by(ActivityRegulation.version)
    ).all()
    assert [tuple(row) for row in kept] == [(1, old), (2, "Le règlement nouveau.")]
    assert store.get_one(Activity, activity.id).regulation_version == 2
