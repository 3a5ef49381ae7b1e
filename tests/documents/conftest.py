"""The same town as for accounts."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from models.accounts import User
from models.family import Child
from tests.accounts.conftest import alice, home  # noqa: F401 - fixtures
from tests.accounts.people import Home, hashed, make_family, make_user
from tests.documents.papers import make_child
from tests.support.pages import Visitor


@pytest.fixture
def leo(store: Session, home: Home) -> Child:  # noqa: F811
    """Alice's son."""
    child = make_child(store, home.family)
    store.commit()
    return child


@pytest.fixture
def charlie(store: Session, home: Home) -> User:  # noqa: F811
    """A parent of another family."""
    other = make_family(store, 2, "Durand", "Charlie")
    user = make_user(store, "charlie@example.com", guardian=other.guardian)
    store.commit()
    return user


@pytest.fixture
def agent(app: Flask, store: Session, home: Home) -> Visitor:  # noqa: F811
    """Somebody of the school service, signed in."""
    user = make_user(store, "agent@example.com", role="school_agent", password_hash=hashed(app))
    store.commit()
    return Visitor(app).sign_in(user)
