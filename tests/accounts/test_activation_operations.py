"""The letter's secret: once, for a time, and five tries."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Refusal
from domain.family.accounts import Opening, activate_account, open_account
from domain.family.activation import Answer, issue_activation_secret, locked_codes, try_secret
from models.accounts import User, UserRole
from models.audit import AuditEntry
from models.family import ActivationSecret
from tests.accounts.people import NOW, SYSTEM, add_adult, make_family, make_town, make_user, parent_actor


def attempt(db: Session, code: str, secret: str, now=NOW):
    return try_secret(db, actor=SYSTEM, now=now, code=code, secret=secret)


def activate(db: Session, secret: ActivationSecret, user: User, now=NOW):
    return activate_account(
        db, now=now, secret_id=secret.id, user_id=user.id, fs_uniquifier=user.fs_uniquifier
    )


@pytest.fixture
def home(db: Session):  # on both databases, without the application
    make_town(db)
    return make_family(db)


def test_only_a_hash_of_the_secret_is_kept(db: Session, home) -> None:
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)

    row = db.scalars(select(ActivationSecret)).one()
    assert issued.plain not in row.secret_hash
    assert row.secret_hash.startswith("$argon2")


def test_the_secret_works_however_it_is_typed(db: Session, home) -> None:
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)

    typed = f" {issued.plain[:5].lower()} - {issued.plain[5:].lower()} "
    assert attempt(db, home.family.code, typed).answer is Answer.RIGHT


def test_five_wrong_secrets_lock_the_code_and_are_audited(db: Session, home) -> None:
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)

    answers = [attempt(db, home.family.code, "AAAAAAAAAA").answer for _ in range(5)]

    assert answers == [Answer.WRONG] * 4 + [Answer.LOCKED_NOW]
    assert attempt(db, home.family.code, issued.plain).answer is Answer.WRONG
    actions = db.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[1:] == ["activation_wrong_secret"] * 4 + ["activation_locked"]
    assert [code.family_code for code in locked_codes(db)] == [home.family.code]


def test_a_new_letter_revokes_the_old_one_and_unlocks(db: Session, home) -> None:
    old = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)
    for _ in range(5):
        attempt(db, home.family.code, "AAAAAAAAAA")

    new = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)

    assert attempt(db, home.family.code, old.plain).answer is Answer.WRONG
    assert attempt(db, home.family.code, new.plain).answer is Answer.RIGHT
    assert locked_codes(db) == []


def test_a_right_secret_forgives_the_wrong_ones(db: Session, home) -> None:
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)
    for _ in range(4):
        attempt(db, home.family.code, "AAAAAAAAAA")

    assert attempt(db, home.family.code, issued.plain).answer is Answer.RIGHT
    assert attempt(db, home.family.code, "AAAAAAAAAA").answer is Answer.WRONG


def test_the_secret_holds_to_the_end_of_its_last_day_in_paris(db: Session, home) -> None:
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)
    expires_at = db.scalars(select(ActivationSecret.expires_at)).one()

    # Sixty days after 23 November; midnight in Paris is 23:00 UTC.
    assert issued.last_day.isoformat() == "2027-01-22"
    assert expires_at.isoformat() == "2027-01-22T23:00:00+00:00"
    just_before, just_after = expires_at - timedelta(seconds=1), expires_at
    assert attempt(db, home.family.code, issued.plain, just_after).answer is Answer.WRONG
    assert attempt(db, home.family.code, issued.plain, just_before).answer is Answer.RIGHT


def test_each_adult_has_a_secret_of_the_same_code(db: Session, home) -> None:
    bob = add_adult(db, home.family, "Bob", "Martin")
    first = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)
    second = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=bob.id)

    for issued in (first, second):
        secret = attempt(db, home.family.code, issued.plain).secret
        assert secret is not None
        assert secret.guardian_id == issued.guardian_id


def test_a_parent_may_not_issue_a_secret(db: Session, home) -> None:
    user = make_user(db, "alice@example.com", guardian=home.guardian)

    with pytest.raises(Refusal, match="not_allowed"):
        issue_activation_secret(
            db, actor=parent_actor(user, home.guardian), now=NOW, guardian_id=home.guardian.id
        )


def opened(db: Session, home, email: str = "alice@example.com", guardian=None):
    issued = issue_activation_secret(db, actor=SYSTEM, now=NOW, guardian_id=(guardian or home.guardian).id)
    secret = attempt(db, home.family.code, issued.plain).secret
    assert secret is not None
    return secret, open_account(db, now=NOW, secret=secret, email=email, password_hash="x")


def test_nothing_is_attached_before_the_link(db: Session, home) -> None:
    _, account = opened(db, home)

    assert account.opening is Opening.CONFIRM
    assert account.user.confirmed_at is None
    assert home.guardian.user_id is None
    assert db.scalars(select(UserRole)).all() == []


def test_the_link_gives_account_code_and_role(db: Session, home) -> None:
    secret, account = opened(db, home)

    done = activate(db, secret, account.user)

    assert done.guardian.user_id == done.user.id
    assert done.user.confirmed_at == NOW
    assert done.user.username == home.family.code
    assert done.guardian.email == "alice@example.com"
    db.expire(done.user, ["roles"])
    assert done.user.role_names == {"parent"}


def test_the_link_works_once(db: Session, home) -> None:
    secret, account = opened(db, home)
    activate(db, secret, account.user)

    with pytest.raises(Refusal, match="activation_link_used"):
        activate(db, secret, account.user)


def test_a_newer_try_kills_the_older_link(db: Session, home) -> None:
    secret, account = opened(db, home)
    old_mark = account.user.fs_uniquifier
    open_account(db, now=NOW, secret=secret, email="alice@example.com", password_hash="y")

    with pytest.raises(Refusal, match="activation_link_replaced"):
        activate_account(db, now=NOW, secret_id=secret.id, user_id=account.user.id, fs_uniquifier=old_mark)


def test_an_expired_secret_refuses_the_link(db: Session, home) -> None:
    secret, account = opened(db, home)

    with pytest.raises(Refusal, match="activation_secret_expired"):
        activate(db, secret, account.user, NOW + timedelta(days=90))


def test_the_second_adult_signs_in_by_email_only(db: Session, home) -> None:
    bob = add_adult(db, home.family, "Bob", "Martin")
    secret, account = opened(db, home)
    activate(db, secret, account.user)

    other, second = opened(db, home, "bob@example.com", bob)
    done = activate(db, other, second.user)

    assert done.user.username is None


def test_both_adults_cannot_share_an_address(db: Session, home) -> None:
    bob = add_adult(db, home.family, "Bob", "Martin")
    secret, account = opened(db, home)
    activate(db, secret, account.user)

    _, second = opened(db, home, "alice@example.com", bob)

    assert second.opening is Opening.NOT_POSSIBLE


def test_a_known_address_keeps_its_password_and_gets_the_second_file(db: Session, home) -> None:
    other = make_family(db, 2, "Durand", "Chloé")
    user = make_user(db, "alice@example.com", guardian=other.guardian, password_hash="kept")

    secret, account = opened(db, home)
    done = activate(db, secret, account.user)

    assert account.opening is Opening.ATTACH
    assert done.user is user
    assert user.password == "kept"
    assert home.guardian.user_id == other.guardian.user_id == user.id


def test_an_agents_address_cannot_become_a_parents(db: Session, home) -> None:
    make_user(db, "agent@example.com", role="school_agent")

    _, account = opened(db, home, "agent@example.com")

    assert account.opening is Opening.NOT_POSSIBLE


def test_a_new_letter_replaces_a_lost_account(db: Session, home) -> None:
    secret, account = opened(db, home, "old@example.com")
    activate(db, secret, account.user)

    again, replacing = opened(db, home, "new@example.com")
    done = activate(db, again, replacing.user)

    assert done.former_email == "old@example.com"
    assert done.user.username == home.family.code
    assert home.guardian.user_id == done.user.id
