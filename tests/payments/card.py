"""A parent with an account, and how a card payment stands."""

from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.install import ensure_roles
from models.accounts import User
from models.family import Guardian
from models.payments import Payment, PaymentTry, TryState
from tests.support.households import AUGUST


def make_parent(app: Flask, store: Session, household_family: int, email: str) -> User:
    """Give the family's adult an account."""
    with app.test_request_context():
        password = hash_password("Un-Mot-De-Passe-2026")
    user = User(
        email=email,
        display_name="Alice Martin",
        password=password,
        fs_uniquifier=email,
        confirmed_at=AUGUST,
        roles=[ensure_roles(store)["parent"]],
    )
    store.add(user)
    store.flush()
    guardian = store.scalars(select(Guardian).where(Guardian.family_id == household_family)).first()
    assert guardian is not None
    guardian.user_id, guardian.email = user.id, email
    store.commit()
    return user


def states(store: Session, opened: PaymentTry) -> tuple[TryState, int]:
    store.expire_all()
    payments = store.scalar(select(func.count()).select_from(Payment)) or 0
    return store.get_one(PaymentTry, opened.id).state, payments
