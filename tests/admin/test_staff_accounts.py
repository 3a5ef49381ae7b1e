"""Administrators open, change and close the accounts of their colleagues."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User, UserSession
from models.messages import OutboxMail
from tests.accounts.people import PASSWORD, hashed, link_in, make_user
from tests.support.pages import Page, Visitor

Staff = Callable[[str], Visitor]
LEA = {"display_name": "Léa Martin", "email": "Lea@saint-preau.example", "roles": ["school_agent"]}


def find(store: Session, email: str) -> User:
    store.expire_all()
    return store.scalars(select(User).where(User.email == email)).one()


def act(admin: Visitor, page: Page, action: str, user: User) -> None:
    """Press a button of the accounts' screen, as its forms do."""
    token = next(e.get("value") for e in page.all("input") if e.get("name") == "csrf_token")
    values = {"action": action, "rowid": str(user.id), "csrf_token": token}
    admin.client.post("/admin/user/action/", data=values)


def test_a_colleague_chooses_the_password_from_the_mailbox(app: Flask, staff: Staff, store: Session) -> None:
    admin = staff("administrator")

    admin.submit(admin.get("/admin/user/new/"), LEA)

    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "staff_invited")).one()
    lea = Visitor(app)
    page = lea.get(link_in(mail))
    page = lea.submit(page, {"password": PASSWORD, "password_confirm": PASSWORD})
    lea.submit(page, {"email": "lea@saint-preau.example", "password": PASSWORD})
    assert lea.client.get("/admin/").status_code == 200


def test_the_list_says_roles_in_french_and_codes_in_two_groups(staff: Staff, store: Session) -> None:
    admin = staff("administrator")
    alice = make_user(store, "alice@example.com")
    alice.username = "10020170"
    store.commit()

    page = admin.get("/admin/user/")

    assert "Administrateur" in page.text
    assert "1002 0170" in page.text


def test_what_is_wrong_is_said_and_nothing_is_written(staff: Staff, store: Session) -> None:
    admin = staff("administrator")
    page = admin.get("/admin/user/new/")

    assert "déjà un compte" in admin.submit(page, LEA | {"email": "administrator@example.com"}).text
    assert "au moins un rôle" in admin.submit(page, LEA | {"roles": []}).text
    assert store.scalar(select(User.id).where(User.display_name == "Léa Martin")) is None


def test_a_closed_account_is_signed_out_at_once(app: Flask, staff: Staff, store: Session) -> None:
    admin, agent = staff("administrator"), staff("school_agent")
    assert agent.client.get("/admin/").status_code == 200
    user = find(store, "school_agent@example.com")

    admin.submit(admin.get(f"/admin/user/edit/?id={user.id}"), {"active": None})

    assert agent.client.get("/admin/").status_code == 302
    assert not find(store, "school_agent@example.com").active


def test_the_last_administrator_stays(staff: Staff, store: Session) -> None:
    admin = staff("administrator")
    me = find(store, "administrator@example.com")
    page = admin.get(f"/admin/user/edit/?id={me.id}")

    page = admin.submit(page, {"roles": ["school_agent"]})

    assert "dernier administrateur" in page.text
    assert find(store, me.email).role_names == {"administrator"}


def test_a_lost_telephone_is_forgotten(app: Flask, staff: Staff, store: Session) -> None:
    admin = staff("administrator")
    agent = make_user(store, "agent@example.com", role="school_agent")
    agent.password = hashed(app, PASSWORD)
    agent.tf_primary_method, agent.tf_totp_secret = "authenticator", "x"
    store.commit()
    page = admin.get(f"/admin/user/details/?id={agent.id}")
    assert "Remettre à zéro la double vérification" in page.text

    act(admin, page, "reset_second_factor", agent)

    assert not find(store, "agent@example.com").has_second_factor


def test_only_administrators_manage_accounts(staff: Staff, store: Session) -> None:
    agent = staff("school_agent")

    assert agent.client.get("/admin/user/new/").status_code == 403


def test_signing_out_everywhere_ends_every_browser(staff: Staff, store: Session) -> None:
    admin, agent = staff("administrator"), staff("regisseur")
    user = find(store, "regisseur@example.com")

    act(admin, admin.get("/admin/user/"), "sign_out", user)

    assert agent.client.get("/admin/").status_code == 302
    assert store.scalars(select(UserSession).where(UserSession.user_id == user.id)).one().ended_at
