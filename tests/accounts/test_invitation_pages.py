"""The second adult, invited by the first: one link, one use, an account of its own."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.errors import Refusal
from domain.family.invitations import invite_second_adult
from models.accounts import User
from models.family import Guardian
from models.messages import OutboxMail
from tests.accounts.people import (
    NOW,
    PASSWORD,
    Home,
    add_adult,
    hashed,
    link_in,
    mails,
    make_family,
    make_user,
    parent_actor,
)
from tests.support.pages import Page, Visitor

BOB = "bob@courriel.example"


@pytest.fixture(autouse=True)
def _now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def invite(visitor: Visitor, email: str = BOB, *, status: int = 200, **names: str) -> Page:
    return visitor.submit(visitor.get("/famille/inviter"), {"email": email} | names, status=status)


def invitation(store: Session) -> OutboxMail:
    return mails(store, "second_adult_invited")[-1]


def test_the_invited_adult_opens_an_account_with_one_link(
    app: Flask, store: Session, alice: User, visitor: Visitor
) -> None:
    page = invite(visitor.sign_in(alice), given_name="Bob", family_name="Martin")
    assert page.path == "/famille"

    link = link_in(invitation(store))
    bob = Visitor(app)
    done = bob.submit(bob.get(link), {"password": PASSWORD, "password_again": PASSWORD})

    assert done.path == "/connexion"
    user = store.scalars(select(User).where(User.email == BOB)).one()
    guardian = store.scalars(select(Guardian).where(Guardian.user_id == user.id)).one()
    assert (guardian.rank, guardian.email, guardian.full_name) == (2, BOB, "Bob Martin")
    assert user.confirmed_at is not None
    assert user.username is None
    bob.sign_in(user).get("/accueil")
    assert "ne peut pas servir" in Visitor(app).get(link, status=422).title


def test_the_name_of_an_adult_whom_the_file_does_not_know_is_asked_for(alice: User, visitor: Visitor) -> None:
    page = invite(visitor.sign_in(alice), given_name="Bob", status=422)

    assert "Son nom – Écrivez le nom de cet adulte." in page.text
    assert "Son nom (facultatif)" not in page.text


def test_an_account_that_exists_is_attached_and_keeps_its_password(
    app: Flask, store: Session, home: Home, alice: User, visitor: Visitor
) -> None:
    other = make_family(store, 7, "Durand", "Bob")
    bob = make_user(store, BOB, guardian=other.guardian, password_hash=hashed(app))
    add_adult(store, home.family, "Bob", "Martin")
    store.commit()
    before = bob.password
    invite(visitor.sign_in(alice))

    guest = Visitor(app)
    guest.submit(guest.get(link_in(invitation(store))))

    store.expire_all()
    families = set(store.scalars(select(Guardian.family_id).where(Guardian.user_id == bob.id)))
    assert families == {home.family.id, other.family.id}
    assert bob.password == before


def test_an_invitation_expires_and_a_newer_one_replaces_it(
    app: Flask, store: Session, alice: User, visitor: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    invite(visitor.sign_in(alice), given_name="Bob", family_name="Martin")
    first = link_in(invitation(store))
    invite(visitor)
    second = link_in(invitation(store))

    assert "ne peut pas servir" in Visitor(app).get(first, status=422).title
    set_clock(NOW + timedelta(days=9))
    assert "ne peut pas servir" in Visitor(app).get(second, status=422).title


def test_only_the_first_adult_or_staff_invites_and_never_somebody_with_an_account(
    store: Session, home: Home, alice: User
) -> None:
    second = add_adult(store, home.family, "Bob", "Martin")
    bob = make_user(store, BOB, guardian=second)
    store.commit()

    def refused(user: User, guardian: Guardian, email: str) -> str:
        with pytest.raises(Refusal) as caught:
            invite_second_adult(
                store,
                actor=parent_actor(user, guardian),
                now=NOW,
                family_id=home.family.id,
                email=email,
            )
        return caught.value.code

    assert refused(bob, second, "x@courriel.example") == "not_allowed"
    assert refused(alice, home.guardian, "x@courriel.example") == "invited_has_account"
    second.user_id = None
    store.flush()
    assert refused(alice, home.guardian, alice.email) == "same_email_as_inviter"


def test_the_form_says_what_is_missing(store: Session, alice: User, visitor: Visitor) -> None:
    page = invite(visitor.sign_in(alice), status=422)

    assert page.all("div", class_="error-summary")
    assert mails(store, "second_adult_invited") == []


def test_staff_may_not_be_attached_as_a_parent(
    app: Flask, store: Session, alice: User, visitor: Visitor
) -> None:
    make_user(store, BOB, role=Role.SCHOOL_AGENT.value)
    store.commit()
    invite(visitor.sign_in(alice), given_name="Bob", family_name="Martin")

    guest = Visitor(app)
    page = guest.get(link_in(invitation(store)))

    assert "ne peut pas servir" in guest.submit(page, status=422).title
