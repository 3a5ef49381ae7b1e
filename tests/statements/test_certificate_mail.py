"""A new tax certificate is told by e-mail to a family that chose it: once, in its language, and never to one on paper."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.statements.yearly import issue_next_certificates, start_tax_run
from models.accounts import User
from models.messages import OutboxMail
from models.statements import Statement
from tests.invoicing.support import issue
from tests.payments.card import make_parent
from tests.statements.support import SPRING, household, pay, total_of
from tests.support.households import ACTOR, Household
from tests.support.work import at_work
from views.jobs.certificates import issue_certificates

ALICE = "alice@courriel.example"


@pytest.fixture
def house(app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
    """A family that wants e-mail and paid a part of November in December; it is March."""
    made = household(store)
    issue(store)
    pay(store, made, total_of(store) - 1_000, date(2026, 12, 9))
    made.family.wants_e_invoice = True
    store.commit()
    make_parent(app, store, made.family.id, ALICE)
    set_clock(SPRING)
    return made


def do_the_year(app: Flask, store: Session) -> None:
    start_tax_run(store, actor=ACTOR, now=SPRING, year=2026)
    store.commit()
    with at_work(app):
        issue_certificates()


def told(store: Session) -> list[OutboxMail]:
    store.expire_all()
    mails = select(OutboxMail).where(OutboxMail.kind == "tax_certificate_ready").order_by(OutboxMail.id)
    return list(store.scalars(mails))


@pytest.mark.usefixtures("house")
def test_the_family_reads_how_much_to_declare_and_where_the_certificate_is(
    app: Flask, store: Session
) -> None:
    do_the_year(app, store)

    [mail] = told(store)
    issued = store.scalars(select(Statement)).one()
    amount = f"{issued.facts['total_cents'] // 100},{issued.facts['total_cents'] % 100:02d}\u00a0€"
    assert (mail.recipient, mail.family_id) == (ALICE, issued.family_id)
    assert mail.subject == "Votre attestation fiscale 2026 est prête"
    for part in (mail.text_body, mail.html_body):
        assert amount in part
        assert "/attestations" in part
        assert "remplace" not in part


@pytest.mark.usefixtures("house")
def test_a_year_done_again_or_a_worker_that_died_tells_nobody_twice(app: Flask, store: Session) -> None:
    run = start_tax_run(store, actor=ACTOR, now=SPRING, year=2026)
    # Died before its commit: neither certificate nor mail is left.
    assert len(issue_next_certificates(store, actor=ACTOR, now=SPRING, run_id=run.id, limit=9).issued) == 1
    store.rollback()

    for _turn in range(2):
        do_the_year(app, store)

    assert len(told(store)) == len(store.scalars(select(Statement)).all()) == 1


def test_a_payment_after_the_certificate_makes_another_that_says_what_it_replaces(
    app: Flask, store: Session, house: Household
) -> None:
    do_the_year(app, store)
    pay(store, house, 1_000, date(2026, 12, 30))
    store.commit()

    do_the_year(app, store)

    first, second = told(store)
    assert "remplace" not in first.text_body
    assert "remplace celle que vous aviez" in second.text_body


def test_a_family_on_paper_is_told_nothing(app: Flask, store: Session, house: Household) -> None:
    house.family.wants_e_invoice = False
    store.commit()

    do_the_year(app, store)

    assert told(store) == []
    assert len(store.scalars(select(Statement)).all()) == 1


@pytest.mark.usefixtures("house")
def test_the_mail_is_in_the_language_of_its_reader(app: Flask, store: Session) -> None:
    user = store.scalars(select(User).where(User.email == ALICE)).one()
    user.language = "en"
    store.commit()

    do_the_year(app, store)

    [mail] = told(store)
    assert mail.subject == "Your 2026 tax certificate is ready"
    assert "tax return" in mail.text_body
