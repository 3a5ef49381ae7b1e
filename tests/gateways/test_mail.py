"""Mails leave whole, under a name that does not change, and a failure is told."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask_mail import Mail

from config import TESTING, Settings
from gateways.mail import MailNotSent, OutgoingMail, keep_at_home, mail_sender

SENDER = "Saint-Préau <portail@saint-preau.example>"


class Inbox:
    """A mail server's inside: keeps what it is given, or refuses."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[attr-defined]
        return self.answer


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    handler = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def make_settings(**changes: object) -> Settings:
    facts = {
        "mode": TESTING,
        "mail_server": "127.0.0.1",
        "mail_sender": SENDER,
        "public_url": "https://famille.example",
    }
    return Settings(**facts | changes)  # type: ignore[arg-type]


def send(mail: OutgoingMail, port: int) -> None:
    app = Flask(__name__)
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_DEFAULT_SENDER=SENDER)
    server = Mail(app)
    with app.app_context():
        mail_sender(server, make_settings())(mail)


def make_mail(**changes: object) -> OutgoingMail:
    facts: dict[str, object] = {
        "id": 12,
        "recipient": "alice@example.org",
        "subject": "Votre facture d’octobre : 141,80\u00a0€",
        "text_body": "Bonjour Alice,\n\nÀ payer : 141,80\u00a0€.\n",
        "html_body": "<p>Bonjour Alice</p>",
    }
    return OutgoingMail(**facts | changes)  # type: ignore[arg-type]


def test_mail_arrives_whole(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox

    send(make_mail(reply_to="scolaire@saint-preau.example"), port)

    (message,) = handler.messages
    assert message["To"] == "alice@example.org"
    assert message["Subject"] == "Votre facture d’octobre : 141,80\u00a0€"
    assert message["From"].addresses[0].display_name == "Saint-Préau"
    assert message["From"].addresses[0].addr_spec == "portail@saint-preau.example"
    assert message["Reply-To"] == "scolaire@saint-preau.example"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert "À payer : 141,80\u00a0€." in text.get_content()
    assert html is not None
    assert "Bonjour Alice" in html.get_content()


def test_headers_name_the_mail_and_ask_for_no_answer(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox

    send(make_mail(), port)
    send(make_mail(), port)

    first, second = handler.messages
    assert first["Message-ID"] == second["Message-ID"] == "<preau-12@famille.example>"
    assert len(first.get_all("Message-ID")) == 1
    assert first["Auto-Submitted"] == "auto-generated"
    assert not [name for name in first if name.lower().startswith("list-")]


def test_long_lines_of_the_text_are_broken_and_may_be_joined_again(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox
    link = "https://famille.example/" + "x" * 90
    paragraph = "Vous y verrez chaque ligne et comment son prix est calculé ; le PDF est au même endroit."

    send(make_mail(text_body=f"Bonjour,\n\n{paragraph}\n\n{link}\n\n-- \nSaint-Préau\n"), port)

    (message,) = handler.messages
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_param("format") == "flowed"
    lines = text.get_content().splitlines()
    assert max(len(line) for line in lines if line != link) <= 78
    assert link in lines
    assert "-- " in lines
    assert paragraph in "\n".join(lines).replace(" \n", " ")


def test_subject_cannot_add_a_header(inbox: tuple[Inbox, int]) -> None:
    handler, port = inbox

    with pytest.raises(MailNotSent):
        send(make_mail(subject="Bonjour\r\nBcc: tous@example.org"), port)

    assert handler.messages == []


@pytest.mark.parametrize("answer", ["451 plus tard", "550 inconnu"])
def test_refusing_server_is_told(inbox: tuple[Inbox, int], answer: str) -> None:
    handler, port = inbox
    handler.answer = answer

    with pytest.raises(MailNotSent, match=answer[:3]):
        send(make_mail(), port)


def test_absent_server_is_told() -> None:
    with pytest.raises(MailNotSent, match="ConnectionRefused"):
        send(make_mail(), 1)


def test_without_a_server_mails_stay_in_the_outbox() -> None:
    sender = mail_sender(Mail(), make_settings(mail_server=""))

    assert sender is keep_at_home
    sender(make_mail())
