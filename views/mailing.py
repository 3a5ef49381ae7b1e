"""E-mails: rendered from templates/mail/ and written into the outbox, in the act's own transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, url_for
from sqlalchemy import select

from domain import clock
from domain.custody.queries import without_authority
from domain.messages.operations import Draft, queue_mail, queue_mails
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


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a batch: to whom, once under which key, with which facts."""

    recipient: str
    family_id: int
    once_key: str
    facts: dict[str, Any]


def send_mails(kind: str, letters: Sequence[Letter]) -> int:
    """Queue many mails of one kind in a fixed number of statements; return how many are new."""
    drafts = [
        Draft(
            recipient=letter.recipient,
            kind=kind,
            subject=render_template(f"mail/{kind}.subject.txt", **letter.facts),
            text_body=render_template(f"mail/{kind}.txt", **letter.facts),
            html_body=render_template(f"mail/{kind}.html", **letter.facts),
            family_id=letter.family_id,
            once_key=letter.once_key,
        )
        for letter in letters
    ]
    return queue_mails(db.session(), now=clock.now(), drafts=drafts) if drafts else 0


def recipients_of(family_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the addresses of the adults of each family, each once; one query."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    rows = db.session.execute(
        select(Guardian.family_id, Guardian.email)
        .where(Guardian.family_id.in_(list(family_ids)), Guardian.email != "")
        .order_by(Guardian.family_id, Guardian.rank)
    )
    for family_id, email in rows:
        found[family_id][email] = None
    return {family_id: list(emails) for family_id, emails in found.items()}


def family_recipients(family_id: int) -> list[str]:
    """Return the addresses of a family's adults, each once."""
    return recipients_of([family_id]).get(family_id, [])


def tell_family(
    kind: str, family_id: int, *, about: Iterable[int] = (), once_key: str | None = None, **facts: Any
) -> int:
    """Send a mail to each adult of a family, once each under a key if one is given; return how many there are.

    Args:
        about: the children that it names; it does not go to an adult without parental authority over one.
    """
    recipients = family_recipients(family_id)
    barred = without_authority(db.session(), child_ids=about, day=clock.today())
    if barred:
        emails = set(db.session.scalars(select(Guardian.email).where(Guardian.id.in_(barred))))
        recipients = [recipient for recipient in recipients if recipient not in emails]
    for recipient in recipients:
        key = f"{once_key}:{recipient}" if once_key else None
        send_mail(kind, recipient, family_id=family_id, once_key=key, **facts)
    return len(recipients)
