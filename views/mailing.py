"""E-mails: rendered from templates/mail/ and written into the outbox, in the act's own transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import current_app, render_template, url_for
from sqlalchemy import select

from domain import clock
from domain.custody.queries import without_authority
from domain.messages.operations import Draft, queue_mail, queue_mails
from models.family import Guardian
from models.messages import OutboxMail
from views.extensions import db
from views.language_choice import languages_of, link_in
from views.languages import FRENCH, speaking

# Mails to staff: French, whoever caused them.
STAFF_KINDS = frozenset({"activation_locked", "line_contested_staff", "payment_alert", "staff_invited"})


class Rendered(NamedTuple):
    """A mail in the words of its reader."""

    subject: str
    text_body: str
    html_body: str


def absolute(endpoint: str, **values: Any) -> str:
    """Return the public address of a page, as an e-mail must write it."""
    return current_app.config["PREAU"].public_url.rstrip("/") + url_for(endpoint, **values)


def send_mail(
    kind: str, recipient: str, *, family_id: int | None = None, once_key: str | None = None, **facts: Any
) -> OutboxMail:
    """Render ``templates/mail/<kind>`` (subject, text, HTML) in its reader's language and queue it.

    Nothing leaves before the caller commits; see ``queue_mail`` for ``once_key``.

    Args:
        facts: of the template; one that holds words is a function, called once the language is the reader's.
    """
    mail = _rendered(kind, languages_of([recipient])[recipient], facts)
    return queue_mail(
        db.session(),
        now=clock.now(),
        recipient=recipient,
        kind=kind,
        subject=mail.subject,
        text_body=mail.text_body,
        html_body=mail.html_body,
        family_id=family_id,
        once_key=once_key,
    )


def _rendered(kind: str, language: str, facts: dict[str, Any]) -> Rendered:
    spoken = FRENCH if kind in STAFF_KINDS else language
    with speaking(spoken):
        said = {name: _said(name, fact, spoken) for name, fact in facts.items()}
        return Rendered(
            subject=render_template(f"mail/{kind}.subject.txt", **said),
            text_body=render_template(f"mail/{kind}.txt", **said),
            html_body=render_template(f"mail/{kind}.html", **said),
        )


def _said(name: str, fact: Any, language: str) -> Any:
    """Return a fact in the language of the mail: a link opens in it, a function is called in it."""
    if isinstance(fact, str) and (name == "url" or name.endswith("_url")):
        return link_in(language, fact)
    return fact() if callable(fact) else fact


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail of a batch: to whom, once under which key, with which facts."""

    recipient: str
    family_id: int
    once_key: str
    facts: dict[str, Any]


def send_mails(kind: str, letters: Sequence[Letter]) -> int:
    """Queue many mails of one kind in a fixed number of statements; return how many are new."""
    if not letters:
        return 0
    languages = languages_of({letter.recipient for letter in letters})
    drafts = []
    for letter in letters:
        mail = _rendered(kind, languages[letter.recipient], letter.facts)
        drafts.append(
            Draft(
                recipient=letter.recipient,
                kind=kind,
                subject=mail.subject,
                text_body=mail.text_body,
                html_body=mail.html_body,
                family_id=letter.family_id,
                once_key=letter.once_key,
            )
        )
    return queue_mails(db.session(), now=clock.now(), drafts=drafts)


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
