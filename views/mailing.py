"""E-mails: rendered from templates/mail/ and written into the outbox, in the act's own transaction."""

from typing import Any

from flask import current_app, render_template, url_for
from sqlalchemy import select

from domain import clock
from domain.messages.operations import queue_mail
from models.family import Guardian
from models.messages import OutboxMail
from views.extensions import db


def absolute(endpoint: str, **values: Any) -> str:
    """Return the public address of a page, as an e-mail must write it."""
    return current_app.config["PREAU"].public_url.rstrip("/") + url_for(endpoint, **values)


def send_mail(
    kind: str, recipient: str, *, family_id: int | None = None, once_key: str | None = None, **facts: Any
) -> OutboxMail:
    """Render ``templates/mail/<kind>`` (subject, text, HTML) with these facts and queue it.

    Nothing leaves before the caller commits; see ``queue_mail`` for ``once_key``.
    """
    return queue_mail(
        db.session(),
        now=clock.now(),
        recipient=recipient,
        kind=kind,
        subject=render_template(f"mail/{kind}.subject.txt", **facts),
        text_body=render_template(f"mail/{kind}.txt", **facts),
        html_body=render_template(f"mail/{kind}.html", **facts),
        family_id=family_id,
        once_key=once_key,
    )


def family_recipients(family_id: int) -> list[str]:
    """Return the addresses of a family's adults, each once."""
    rows = db.session.scalars(
        select(Guardian.email)
        .where(Guardian.family_id == family_id, Guardian.email != "")
        .order_by(Guardian.rank)
    )
    return list(dict.fromkeys(rows))


def tell_family(kind: str, family_id: int, **facts: Any) -> int:
    """Send a mail to each adult of a family; return how many were queued."""
    recipients = family_recipients(family_id)
    for recipient in recipients:
        send_mail(kind, recipient, family_id=family_id, **facts)
    return len(recipients)
