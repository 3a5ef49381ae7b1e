"""Money of the town of the rights matrix: a desk that is closed, a transfer, a credit note."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.payments.transfers import record_transfer
from domain.regie.operations import close_cash_session, open_cash_session, take_payment
from models.invoices import Invoice, InvoiceKind
from models.payments import PaymentMeans
from models.regies import DepositSlip
from tests.support.households import ACTOR, Household


def take_at_desk(ids: dict[str, int], house: Household, now: datetime) -> None:
    """Take one euro at a desk, which is closed, and another by transfer."""
    session = house.session
    desk = open_cash_session(session, actor=ACTOR, now=now, cashier_name="R. Régis", float_cents=0)
    payment = take_payment(
        session, actor=ACTOR, now=now, family_id=house.family.id, means=PaymentMeans.CASH, amount_cents=100
    )
    close_cash_session(session, actor=ACTOR, now=now, pieces={100: 1}, note="")
    transfer = record_transfer(
        session,
        actor=ACTOR,
        now=now,
        family_id=house.family.id,
        amount_cents=100,
        received_on=now.date(),
        bank_reference="VIR 1",
    )
    slip = session.scalars(select(DepositSlip.id)).one()
    ids |= {"desk": desk.id, "payment": payment.id, "slip": slip, "transfer": transfer.id}


def keep_note(session: Session, invoice: Invoice, now: datetime) -> int:
    """Keep a credit note of one euro, which its invoice has not used."""
    note = Invoice(
        kind=InvoiceKind.CREDIT_NOTE,
        number="N1",
        series="N",
        fiscal_year=2026,
        sequence=1,
        family_id=invoice.family_id,
        corrects_id=invoice.id,
        payer_name=invoice.payer_name,
        payer_address=invoice.payer_address,
        family_code=invoice.family_code,
        issued_at=now,
        total_cents=100,
        delivery=invoice.delivery,
    )
    session.add(note)
    session.flush()
    return note.id
