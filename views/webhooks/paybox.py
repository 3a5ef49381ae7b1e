"""The bank calls: the one door by which a card payment is settled.

No session, no token, no redirection: the signature over the raw query is what speaks for the caller.
"""

import logging

from flask import Blueprint, Response, request
from sqlalchemy import select

from domain import clock
from domain.actor import system
from domain.payments.gateway import BadNotification, Notification
from domain.payments.operations import Heard, hear_bank, hear_forgery
from domain.payments.queries import paid_invoices
from domain.payments.rules import Verdict
from models.base import stamp_session
from models.payments import Payment
from models.town import Town
from views.access import access
from views.extensions import csrf, db
from views.jobs import wake
from views.mailing import absolute, send_mail, tell_family
from views.payment_gateway import current_gateway

log = logging.getLogger(__name__)
bp = Blueprint("paybox", __name__)
BANK = system("bank")


@bp.route("/banque/avis", methods=["GET", "POST"])
@csrf.exempt
@access("public")
def notification() -> Response:
    """Hear the bank: 200 when its word is kept, whatever it changes; 400 when it is not the bank's."""
    raw = request.get_data() if request.method == "POST" else request.query_string
    now = clock.now()
    stamp_session(db.session(), BANK.label, now)
    source = request.remote_addr or ""
    try:
        notice = current_gateway().read_notification(raw)
    except BadNotification as bad:
        log.warning("security: bank notification refused from %s: %s", source, bad.reason)
        text = raw.decode("latin-1")
        hear_forgery(db.session(), now=now, raw=text, source_ip=source, detail=str(bad))
        db.session.commit()
        return Response(status=400)
    heard = hear_bank(db.session(), actor=BANK, now=now, notice=notice, source_ip=source)
    _tell(heard, notice)
    db.session.commit()
    wake("mails")
    return Response(status=200)


def _tell(heard: Heard, notice: Notification) -> None:
    """Queue the mails of what happened, in its own transaction."""
    if heard.payment is not None:
        _tell_payer(heard.payment, heard.credit_cents)
    is_odd = heard.credit_cents > 0 or heard.verdict is Verdict.QUARANTINED
    if is_odd and heard.payment_try is not None:
        town = db.session.scalar(select(Town.email))
        if town:
            send_mail(
                "payment_alert",
                town,
                once_key=f"payment-alert:{heard.payment_try.id}:{notice.transaction}",
                reference=heard.payment_try.reference,
                expected_cents=heard.payment_try.amount_cents,
                announced_cents=notice.amount_cents,
                credit_cents=heard.credit_cents,
                url=absolute("public.home"),
            )


def _tell_payer(payment: Payment, credit_cents: int) -> None:
    tell_family(
        "payment_received",
        payment.family_id,
        amount_cents=payment.amount_cents,
        received_on=clock.local_day(payment.received_at),
        invoices=paid_invoices(db.session(), payment.id),
        credit_cents=credit_cents,
        invoices_url=absolute("parent.invoices"),
    )
