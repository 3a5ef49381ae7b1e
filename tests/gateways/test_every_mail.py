"""Whatever the portal writes: two parts that say the same, a short subject, polite words, and nothing fetched."""

import re

import pytest

from gateways.mail import SIGNATURE, flowed
from tests.gateways.papers import TEMPLATES
from tests.support.mails import PORTAL, TOWN, kinds, make_mail

UNRENDERED = re.compile(r"\{\{|\}\}|\{%|%\(|\bNone\b|\bUndefined\b")
FETCHES = re.compile(r"\bsrc=|url\(|@import|<(?:link|img|script|iframe|form)\b", re.IGNORECASE)
POLITE = re.compile(r"\b(?:vous|votre|vos)\b", re.IGNORECASE)
FAMILIAR = re.compile(r"\b(?:tu|ton|tes|toi)\b", re.IGNORECASE)
TAGS = re.compile(r"<[^>]*>")


@pytest.mark.parametrize("kind", kinds())
def test_a_mail_has_a_short_subject_and_two_finished_parts(kind: str) -> None:
    mail = make_mail(kind)

    subject = mail.subject.strip()
    assert "\n" not in subject
    assert 0 < len(subject) <= 78
    for part in mail:
        assert not UNRENDERED.search(part)
    assert "&" not in mail.text.replace("&c", "")
    assert not TAGS.search(mail.text)


@pytest.mark.parametrize("kind", kinds())
def test_a_mail_says_vous_and_who_speaks(kind: str) -> None:
    mail = make_mail(kind)

    message, signature = mail.text.split(f"\n{SIGNATURE}\n")
    for part in (mail.text, mail.html):
        assert POLITE.search(TAGS.sub(" ", part))
        assert not FAMILIAR.search(TAGS.sub(" ", part.partition("</style>")[2] or part))
    for words in (TOWN.service_name, TOWN.opening_hours, "02\u00a038\u00a000\u00a000\u00a000", TOWN.email):
        assert words in signature
        assert words in mail.html
    assert message.lstrip().startswith("Bonjour") or kind == "invoice_reminder"


@pytest.mark.parametrize("kind", kinds())
def test_a_mail_fetches_nothing_and_leads_only_to_the_portal(kind: str) -> None:
    mail = make_mail(kind)

    assert not FETCHES.search(mail.html)
    for address in re.findall(r'href="([^"]*)"', mail.html):
        assert address.startswith((PORTAL, "mailto:", "tel:"))
    assert mail.html.count('class="go"') <= 1


@pytest.mark.parametrize("kind", kinds())
def test_the_text_part_has_its_links_alone_on_their_lines_and_no_hole(kind: str) -> None:
    text = make_mail(kind).text

    for line in flowed(text).splitlines():
        assert "://" not in line or line.startswith(PORTAL)
        assert len(line) <= 78 or line.startswith(PORTAL)
    assert "\n\n\n" not in text.strip()


def test_a_mail_has_a_dark_theme_of_the_communes_accent() -> None:
    html = make_mail("invoice_issued").html

    assert "prefers-color-scheme: dark" in html
    assert TOWN.shades.light in html
    assert TOWN.shades.dark in html


def test_the_layouts_are_the_only_ones() -> None:
    for path in (TEMPLATES / "mail").glob("*"):
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        if path.stem != "layout" and not path.name.endswith(".subject.txt"):
            assert first == f'{{% extends "mail/layout{path.suffix}" %}}'
