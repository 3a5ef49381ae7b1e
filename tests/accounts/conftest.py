"""A town in the application's own database, for the tests that open pages."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.accounts.people import Home, hashed, make_family, make_town, make_user


@pytest.fixture
def home(app: Flask, store: Session) -> Home:
    """Alice's family, not yet activated."""
    make_town(store)
    found = make_family(store)
    store.commit()
    return found


@pytest.fixture
def alice(app: Flask, store: Session, home: Home):
    """Alice, who signs in with the code famille or her e-mail."""
    user = make_user(
        store,
        "alice@example.com",
        guardian=home.guardian,
        username=home.family.code,
        password_hash=hashed(app),
    )
    store.commit()
    return user
