"""Sending one e-mail of the outbox: by the town's mail server, or kept at home in the development modes."""

import logging
import smtplib
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from email.mime.text import MIMEText
from email.utils import make_msgid, parseaddr
from typing import Protocol
from urllib.parse import urlsplit

from flask_mail import BadHeaderError, Mail, Message

from config import Settings

log = logging.getLogger(__name__)
SIGNATURE = "-- "


class MailNotSent(Exception):
    """The server could not be reached, or would not take the mail; its message says why."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail as it leaves: its text part is complete by itself."""

    id: int
    recipient: str
    subject: str
    text_body: str
    html_body: str = ""
    reply_to: str = ""


class MailServer(Protocol):
    """What we need of Flask-Mail."""

    def send(self, message: Message) -> None:
        """Hand a message to the server."""
        ...


# RFC 3676: at most 78 characters a line, of which the last may be the space that says "this line goes on".
FLOWED_WIDTH = 76
STUFFED = (" ", ">", "From ")


class FlowedMessage(Message):
    """A message whose text part is in lines that a telephone may join again (RFC 3676, ``format=flowed``)."""

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        if subtype != "plain":
            return super()._mimetext(text, subtype)
        part = super()._mimetext(flowed(text or ""), subtype)
        part.set_param("format", "flowed")
        return part


def flowed(text: str) -> str:
    """Return the text with its long lines broken at spaces, each break marked by the space before it.

    A line without a space, such as an address, stays whole: it must open with one touch.
    """
    return "\n".join(_broken(line) for line in text.splitlines())


def _broken(line: str) -> str:
    if line == SIGNATURE:
        return line
    pieces = textwrap.wrap(line.rstrip(" "), FLOWED_WIDTH, break_long_words=False, break_on_hyphens=False)
    return " \n".join(f" {piece}" if piece.startswith(STUFFED) else piece for piece in pieces)


Send = Callable[[OutgoingMail], None]


def mail_sender(server: Mail | MailServer, settings: Settings) -> Send:
    """Return how mails leave with these settings.

    Without a mail server, in every mode but production, a mail only counts as sent: the outbox keeps it and
    the development page shows it. The sender raises ``MailNotSent``.
    """
    if not settings.mail_server and settings.has_development_pages:
        return keep_at_home

    def send(mail: OutgoingMail) -> None:
        send_by_smtp(server, mail, sender=settings.mail_sender, public_url=settings.public_url)

    return send


def keep_at_home(mail: OutgoingMail) -> None:
    """Let the outbox be the end of the journey."""
    log.info("mail %s to %s stays readable in the outbox", mail.id, mail.recipient)


def send_by_smtp(server: Mail | MailServer, mail: OutgoingMail, *, sender: str, public_url: str) -> None:
    """Send one mail, with a Message-ID that is the same at each try so that a receiver may drop a repeat.

    Raises:
        MailNotSent: the server cannot be reached, or refuses.
    """
    message = build_message(mail, sender=sender, public_url=public_url)
    try:
        server.send(message)
    except (smtplib.SMTPException, OSError, BadHeaderError) as error:
        raise MailNotSent(f"{type(error).__name__}: {error}") from error


def build_message(mail: OutgoingMail, *, sender: str, public_url: str) -> Message:
    """Return the message: one recipient, text and HTML, no list headers, no tracking, no automatic answers."""
    message = FlowedMessage(
        subject=mail.subject,
        recipients=[mail.recipient],
        body=mail.text_body,
        html=mail.html_body or None,
        sender=sender,
        reply_to=mail.reply_to or None,
        charset="utf-8",
        extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    message.msgId = message_id(mail.id, sender=sender, public_url=public_url)
    return message


def message_id(mail_id: int, *, sender: str, public_url: str) -> str:
    """Return the Message-ID of an outbox mail, e.g. ``<preau-12@famille.saint-preau.example>``."""
    _, address = parseaddr(sender)
    host = urlsplit(public_url).hostname or address.rpartition("@")[2]
    return f"<preau-{mail_id}@{host}>" if host else make_msgid("preau")
