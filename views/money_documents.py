"""The desk's papers: a receipt for each payment, a deposit slip for each means; drawn once, kept."""

from flask_babel import gettext as _
from sqlalchemy import select, update

from domain.clock import local_day
from domain.family.rules import written_family_code
from domain.family.sheet import current_address
from domain.payments.queries import paid_invoices
from domain.regie.queries import DeskView, EntryView, closed_desk
from gateways.pdf import (
    DepositSlipContext,
    ReceiptContext,
    SlipLine,
    SumLine,
    address_lines,
    render_deposit_slip,
    render_receipt,
)
from models.family import Family, Guardian
from models.payments import Payment
from models.regies import DepositSlip
from views.admin.words import word
from views.extensions import db
from views.invoice_documents import keep_pdf, read_pdf, render_document
from views.languages import FRENCH, speaking
from views.letterhead import letterhead


@speaking(FRENCH)
def receipt_pdf(payment: Payment) -> bytes:
    """Return the kept receipt of a payment, drawn when it is first asked for. The caller commits."""
    if payment.file_id is not None:
        return read_pdf(payment.file_id)
    data = render_receipt(render_document, _receipt(payment))
    return _kept(payment, data, f"quittance-{payment.number}.pdf")


@speaking(FRENCH)
def slip_pdf(slip: DepositSlip) -> bytes:
    """Return the kept deposit slip of a closed desk, drawn when it is first asked for. The caller commits."""
    if slip.file_id is not None:
        return read_pdf(slip.file_id)
    desk = closed_desk(db.session(), slip.cash_session_id)
    if desk is None:
        msg = f"slip {slip.number} is of a desk that is not closed"
        raise LookupError(msg)
    data = render_deposit_slip(render_document, _slip(slip, desk))
    return _kept(slip, data, f"bordereau-{slip.number}.pdf")


def _kept(row: Payment | DepositSlip, data: bytes, filename: str) -> bytes:
    """Bind a drawn PDF to its row; another process that was first wins, and its drawing is the one given."""
    model = type(row)
    kept = keep_pdf(data, filename)
    bound = db.session.execute(
        update(model)
        .where(model.id == row.id, model.file_id.is_(None))
        .values(file_id=kept.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(row, ["file_id"])
    if bound.rowcount:  # type: ignore[attr-defined]
        return data
    db.session.delete(kept)
    if row.file_id is None:
        msg = f"{filename} is bound to no file"
        raise LookupError(msg)
    return read_pdf(row.file_id)


def _receipt(payment: Payment) -> ReceiptContext:
    session = db.session()
    family = session.get_one(Family, payment.family_id)
    address = current_address(session, family.id, local_day(payment.received_at))
    return ReceiptContext(
        town=letterhead(),
        number=payment.number,
        received_on=local_day(payment.received_at),
        family_code=written_family_code(family.code) if family.code else "",
        address=address_lines(_payer(payment, family), str(address) if address else ""),
        amount_cents=payment.amount_cents,
        means=word(payment.means.value),
        regie=_("Régie de recettes"),
        reference=payment.bank_reference,
        allocations=tuple(SumLine(number, cents) for number, cents in paid_invoices(session, payment.id)),
        credit_cents=payment.credit_cents,
    )


def _payer(payment: Payment, family: Family) -> str:
    """Return who paid: the name given at the desk, else the family's payer."""
    if payment.payer_name:
        return payment.payer_name
    first = db.session.scalars(
        select(Guardian)
        .where(Guardian.family_id == family.id)
        .order_by(Guardian.is_payer.desc(), Guardian.rank)
    ).first()
    return first.full_name if first else family.name


def _slip(slip: DepositSlip, desk: DeskView) -> DepositSlipContext:
    lines = [entry for entry in reversed(desk.entries) if entry.means is slip.means]
    return DepositSlipContext(
        town=letterhead(),
        number=slip.number,
        means=word(slip.means.value),
        cashier_name=desk.cashier_name,
        opened_at=desk.opened_at,
        closed_at=desk.closed_at or desk.opened_at,
        lines=tuple(_slip_line(entry) for entry in lines),
        total_cents=slip.amount_cents,
        is_cash=slip.means.value == "cash",
        float_cents=desk.float_cents,
        counted_cents=desk.counted_cents or 0,
        difference_cents=desk.difference_cents,
        note=desk.note,
    )


def _slip_line(entry: EntryView) -> SlipLine:
    payer = entry.payer_name or _("famille %(name)s", name=entry.family_name)
    detail = _("rendu : %(why)s", why=entry.detail) if entry.is_refund else entry.detail
    return SlipLine(entry.number, payer, detail, entry.amount_cents)
