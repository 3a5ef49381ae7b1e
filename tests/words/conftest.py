"""A family with an invoice and a parent who signs in, read in one language and then in the other."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.accounts import User
from models.town import Town
from tests.invoicing.support import ON_TIME, owe_ten_meals
from tests.payments.card import make_parent
from tests.support.households import Household, make_household
from tests.support.pages import Visitor


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    set_clock(ON_TIME)
    made = make_household(store, lived=owe_ten_meals)
    store.get_one(Town, 1).email = "scolaire@saint-preau.example"
    store.commit()
    return made


@pytest.fixture
def account(app: Flask, store: Session, house: Household) -> User:
    return make_parent(app, store, house.family.id, "alice@courriel.example")


@pytest.fixture
def alice(app: Flask, account: User) -> Visitor:
    return Visitor(app).sign_in(account)
