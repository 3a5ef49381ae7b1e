"""The outbox: whoever waits for a mail does not wait behind those that one act sends to a whole town."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from domain.messages.delivery import claim_due_mails
from domain.messages.operations import queue_mail
from domain.messages.rules import SENT_IN_NUMBERS
from tests.support.households import AUGUST

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"


def test_a_mail_that_somebody_waits_for_leaves_before_those_of_a_long_act(db: Session) -> None:
    later = AUGUST + timedelta(seconds=30)
    for kind, asked_at in (
        ("invoice_issued", AUGUST),
        ("event_announced", AUGUST),
        ("payment_received", later),
        ("password_reset", later),
    ):
        queue_mail(
            db, now=asked_at, recipient=f"{kind}@courriel.example", kind=kind, subject="S", text_body="T"
        )
    db.flush()

    first = claim_due_mails(db, now=later, limit=2)
    then = claim_due_mails(db, now=later, limit=5)

    assert {mail.recipient.partition("@")[0] for mail in first} == {"payment_received", "password_reset"}
    assert {mail.recipient.partition("@")[0] for mail in then} == {"invoice_issued", "event_announced"}


def test_what_is_sent_in_numbers_are_mails_that_exist() -> None:
    assert {path.name.partition(".")[0] for path in TEMPLATES.glob("*.subject.txt")} >= SENT_IN_NUMBERS
