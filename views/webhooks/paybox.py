"""The bank calls: the one door by which a card payment is settled.

No session, no token, no redirection: the signature over the raw query is what speaks for the caller.
"""

import logging

from flask import Blueprint, Response, request
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from domain import clock
from domain.actor import system
from domain.payments.bank import Heard, hear_bank, hear_forgery
from domain.payments.gateway import BadNotification
from domain.payments.queries import paid_invoices
from gateways.payments.answers import MAX_LENGTH
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
    now = clock.now()
    stamp_session(db.session(), BANK.label, now)
    source = request.remote_addr or ""
    try:
        raw = _raw_message()
    except RequestEntityTooLarge:
        log.warning("security: bank notification too long from %s", source)
        return Response(status=400)
    try:
        notice = current_gateway().read_notification(raw)
    except BadNotification as bad:
        log.warning("security: bank notification refused from %s: %s", source, bad.reason)
        text = raw.decode("latin-1")
        hear_forgery(db.session(), now=now, raw=text, source_ip=source, detail=str(bad))
        db.session.commit()
        return Response(status=400)
    heard = hear_bank(db.session(), actor=BANK, now=now, notice=notice, source_ip=source)
    if heard.payment is not None:
        _tell_payer(heard.payment, heard.credit_cents)
    if heard.notification.alert is not None:
        _tell_regisseur(heard)
    db.session.commit()
    wake("mails")
    return Response(status=200)


def _raw_message() -> bytes:
    """Return what was sent, byte for byte; a body is read no further than the bank would write.

    Raises:
        RequestEntityTooLarge: there is more.
    """
    if request.method != "POST":
        return request.query_string
    request.max_content_length = MAX_LENGTH
    return request.get_data()


def _tell_regisseur(heard: Heard) -> None:
    """Queue the alert in the act's own transaction; it leads to the notification's record."""
    town = db.session.scalar(select(Town.email))
    alert = heard.notification.alert
    if not town or alert is None:
        return
    send_mail(
        "payment_alert",
        town,
        once_key=f"payment-alert:{heard.notification.id}",
        alert=alert.value,
        reference=heard.payment_try.reference if heard.payment_try else "",
        expected_cents=heard.payment_try.amount_cents if heard.payment_try else None,
        announced_cents=heard.notification.amount_cents,
        astray_cents=heard.astray_cents,
        credit_cents=heard.credit_cents,
        url=f"{absolute('admin_alerts.index')}#avis-{heard.notification.id}",
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
