"""A town with a family, and one member of staff for each role."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.accounts.people import Home, make_family, make_town, make_user
from tests.support.pages import Visitor


@pytest.fixture
def home(app: Flask, store: Session) -> Home:
    """Alice's family."""
    make_town(store)
    found = make_family(store)
    found.family.search_text = "martin alice"
    store.commit()
    return found


@pytest.fixture
def staff(app: Flask, store: Session, home: Home) -> Callable[[str], Visitor]:
    """Somebody signed in with a role."""

    def sign_in(role: str) -> Visitor:
        user = make_user(store, f"{role}@example.com", role=role)
        store.commit()
        return Visitor(app).sign_in(user)

    return sign_in
