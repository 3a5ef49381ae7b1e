"""The worker sends what waits in the outbox."""

import logging

from flask import current_app

from domain import clock
from domain.messages.delivery import Claimed, claim_due_mails, record_failure, record_sent
from gateways.mail import MailNotSent, OutgoingMail, mail_sender
from views.extensions import db, mail
from views.jobs.stopping import is_stopping

log = logging.getLogger(__name__)
BATCH = 50


def send_due_mails() -> int:
    """Send every mail that is due; return how many left. Nothing is locked while a server answers."""
    send = mail_sender(mail, current_app.config["PREAU"])
    sent = 0
    while not is_stopping() and (claimed := _claim()):
        for message in claimed:
            outgoing = OutgoingMail(
                id=message.id,
                recipient=message.recipient,
                subject=message.subject,
                text_body=message.text_body,
                html_body=message.html_body,
            )
            try:
                send(outgoing)
            except MailNotSent as error:
                log.warning("mail %s not sent: %s", message.id, error)
                record_failure(
                    db.session(),
                    mail_id=message.id,
                    attempts=message.attempts,
                    now=clock.now(),
                    error=str(error),
                )
            else:
                record_sent(db.session(), mail_id=message.id, now=clock.now())
                sent += 1
            db.session.commit()
    return sent


def _claim() -> list[Claimed]:
    claimed = claim_due_mails(db.session(), now=clock.now(), limit=BATCH)
    db.session.commit()
    return claimed
