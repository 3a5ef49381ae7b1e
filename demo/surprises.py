"""What the régisseur of Saint-Préau finds in the morning: a line contested, a card payment of another amount."""

from datetime import date, timedelta

from sqlalchemy import select

from demo.desk import give_document
from demo.families import Builder
from demo.till import Taking, pay_on_line
from domain.dates import at_minutes
from domain.family.quotients import record_quotient
from domain.invoicing.contest import contest_line
from models.documents import DocumentType
from models.family import Family
from models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceState, LineKind
from models.payments import PaymentMeans
from models.quotients import QuotientFamilial, QuotientSource

ASKED = "Notre fils était malade ces deux jours-là, nous avions prévenu l’école le matin."
EVENING, MORNING = 20 * 60 + 12, 8 * 60 + 5
# A quotient that ends within the month that families are warned of.
QUOTIENT_ENDS_IN = 17


def surprise(builder: Builder, today: date) -> None:
    """Let one family contest a line, another pay an odd amount, and two quotients need the service."""
    unpaid = builder.session.execute(
        select(Invoice.id, Invoice.family_id, Invoice.total_cents)
        .where(
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.state == InvoiceState.ISSUED,
            Invoice.paid_cents == 0,
            Invoice.family_id.not_in(builder.persona_families),
        )
        .order_by(Invoice.id.desc())
        .limit(2)
    ).all()
    if unpaid:
        _contest(builder, unpaid[0].id, today)
    if len(unpaid) > 1:
        odd = unpaid[1]
        yesterday = today - timedelta(days=1)
        taking = Taking(yesterday, odd.family_id, odd.id, odd.total_cents, PaymentMeans.CARD_ONLINE)
        pay_on_line(builder, taking, EVENING, paid_cents=odd.total_cents // 2)
    _quotients(builder, today)


def _contest(builder: Builder, invoice_id: int, today: date) -> None:
    line = builder.session.scalars(
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id == invoice_id, InvoiceLine.kind == LineKind.SERVICE)
        .order_by(InvoiceLine.amount_cents.desc())
    ).first()
    if line is not None:
        yesterday = at_minutes(today - timedelta(days=1), EVENING)
        contest_line(builder.session, actor=builder.actor, now=yesterday, line_id=line.id, message=ASKED)


def _quotients(builder: Builder, today: date) -> None:
    """Alice's family's quotient ends soon; another family has sent a new statement of the CAF."""
    session, martin = builder.session, min(builder.persona_families)
    current = session.scalars(
        select(QuotientFamilial)
        .where(QuotientFamilial.family_id == martin)
        .order_by(QuotientFamilial.valid_from.desc())
    ).first()
    if current is not None:
        current.valid_to = today + timedelta(days=QUOTIENT_ENDS_IN)
    kind = session.scalars(select(DocumentType).where(DocumentType.code == "quotient")).one()
    others = session.scalars(
        select(Family.id).where(Family.id.not_in(builder.persona_families)).order_by(Family.id).limit(2)
    ).all()
    for family_id, is_waiting in zip(others, (False, True), strict=False):
        proof = give_document(
            builder, kind, at_minutes(today, MORNING), family_id=family_id, is_waiting=is_waiting
        )
        if not is_waiting:
            record_quotient(
                session,
                actor=builder.actor,
                now=at_minutes(today, MORNING),
                family_id=family_id,
                value_cents=712_40,
                source=QuotientSource.CAF,
                reference_month=date(today.year, today.month, 1),
                valid_from=today,
                document_id=proof.id,
            )
